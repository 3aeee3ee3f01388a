import type { WSGIApplicationLike } from '@wsgiref/types';
import { asApplication } from '@wsgiref/util';
import {
  NodeHandler,
  type NodeHandlerOptions,
  type NodeRequest,
  type NodeResponse,
} from './node-handler.ts';

/** What {@link toRequestListener} makes the listener of. */
export interface ToRequestListenerOptions extends NodeHandlerOptions {
  /** The class of the handlers; `NodeHandler` by default. */
  readonly handlerClass?: typeof NodeHandler;
}

/** What Node's servers call for each request, and frameworks take as a middleware. */
export interface RequestListener {
  /**
   * @param request the request
   * @param response its response
   * @returns a promise that resolves when the application is done with the request; it is never
   *   rejected
   */
  (request: NodeRequest, response: NodeResponse): Promise<void>;
}

/**
 * Makes a listener for requests of an application: for `createServer()` of `node:http`, `node:https`
 * and `node:http2`, and for `use()` of Express, Connect and middie.
 *
 * An application that fails is logged and answered with a 500, as by every WSGI server; a path that
 * it does not know is its own 404. So a framework's `next()` is never called.
 *
 * @param application an application of any form
 * @param options how it is mounted
 * @returns the listener
 * @throws {TypeError} if the application is none
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { createServer } from 'node:http';
 * import type { AddressInfo } from 'node:net';
 * import { toRequestListener } from '@wsgiref/node-http';
 *
 * const server = createServer(
 *   toRequestListener((environ, startResponse) => {
 *     startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *     return [Buffer.from(`hello from ${environ.PATH_INFO}`)];
 *   }),
 * );
 * await once(server.listen(0, '127.0.0.1'), 'listening');
 * const { port } = server.address() as AddressInfo;
 * const response = await fetch(`http://127.0.0.1:${port}/here`);
 * console.log(await response.text()); // hello from /here
 * server.close();
 * ```
 */
export function toRequestListener(
  application: WSGIApplicationLike,
  options: ToRequestListenerOptions = {},
): RequestListener {
  const app = asApplication(application);
  const { handlerClass = NodeHandler } = options;
  return async (request, response) => {
    try {
      await new handlerClass(request, response, options).run(app);
    } catch (error) {
      // The handling of an error has failed, the log most likely.
      console.error(error);
    }
  };
}
