/**
 * WSGI applications where `Request` becomes `Response`, and the other way round.
 *
 * @module
 */

export { FetchHandler, type FetchHandlerOptions } from './fetch-handler.ts';
export { fromFetchHandler } from './from-fetch-handler.ts';
export {
  type FetchFunction,
  toFetchHandler,
  type ToFetchHandlerOptions,
} from './to-fetch-handler.ts';
