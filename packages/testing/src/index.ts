/**
 * Requests to an application without a socket, and the same requests to a live server.
 *
 * @module
 */

import type { WSGIApplicationLike } from '@wsgiref/types';
import { type LiveOptions, LiveTransport } from './live-transport.ts';
import { Client, type ClientOptions, type MemoryOptions, MemoryTransport } from './memory/index.ts';

export { type LiveOptions, LiveTransport } from './live-transport.ts';
export {
  Client,
  type ClientOptions,
  type Fields,
  type FieldValue,
  IncompleteResponse,
  type MemoryOptions,
  MemoryTransport,
  type ReadResponse,
  readResponse,
  type RequestHeaders,
  type RequestOptions,
  type ResponseParts,
  type TestRequest,
  TestResponse,
  type Transport,
} from './memory/index.ts';

/** A server that runs already. */
export interface LiveServer {
  /** Its scheme, host and port, such as `http://localhost:8000`. */
  readonly url: string;
}

/**
 * Makes a client of an application, or of a server that runs already.
 *
 * @param target an application of any form, or `{ url }` of a server
 * @param options what to do with every request, how to call the application, and how to talk to the
 *   server; what is not for the one at hand is ignored
 * @returns the client
 * @throws {TypeError} if it is neither
 * @throws {RangeError} if the URL is more than scheme, host and port
 *
 * @example
 * ```ts
 * import { client } from '@wsgiref/testing';
 * import { demoApp } from '@wsgiref/simple-server';
 *
 * const url = process.env['SERVER_UNDER_TEST'];
 * const web = client(url ? { url } : demoApp);
 * const response = await web.get('/');
 * console.log(response.text().split('\n')[0]); // Hello world!
 * ```
 */
export function client(
  target: WSGIApplicationLike | LiveServer,
  options: ClientOptions & MemoryOptions & LiveOptions = {},
): Client {
  const transport = isServer(target)
    ? new LiveTransport(target.url, options)
    : new MemoryTransport(target, options);
  return new Client(transport, options);
}

function isServer(target: WSGIApplicationLike | LiveServer): target is LiveServer {
  return (
    typeof target === 'object' && target !== null && !('__call__' in target) && 'url' in target
  );
}
