/**
 * WSGI applications in Node's own servers and the frameworks on them, and the other way round.
 *
 * @module
 */

export { fromRequestListener } from './from-request-listener.ts';
export type { NodeListener } from './listener-exchange.ts';
export {
  type EnvironSource,
  NodeHandler,
  type NodeHandlerOptions,
  type NodeRequest,
  type NodeResponse,
} from './node-handler.ts';
export { RequestInput } from './request-input.ts';
export {
  type RequestListener,
  toRequestListener,
  type ToRequestListenerOptions,
} from './to-request-listener.ts';
