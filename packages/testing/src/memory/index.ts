/**
 * Requests to an application without a socket, wherever ECMAScript runs.
 *
 * @module
 */

import type { WSGIApplicationLike } from '@wsgiref/types';
import { Client, type ClientOptions } from './client.ts';
import { type MemoryOptions, MemoryTransport } from './memory-transport.ts';

export { Client, type ClientOptions, type Transport } from './client.ts';
export { type Fields, type FieldValue } from './fields.ts';
export { type MemoryOptions, MemoryTransport } from './memory-transport.ts';
export { type ReadResponse, readResponse } from './read-response.ts';
export { type RequestHeaders, type RequestOptions, type TestRequest } from './test-request.ts';
export { IncompleteResponse, type ResponseParts, TestResponse } from './test-response.ts';

/**
 * Makes a client of an application.
 *
 * @param application an application of any form
 * @param options what to do with every request, and how to call the application
 * @returns the client
 * @throws {TypeError} if it is no application
 *
 * @example
 * ```ts
 * import { client } from '@wsgiref/testing/memory';
 * import { encodeLatin1 } from '@wsgiref/util';
 *
 * const web = client((environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [encodeLatin1(`hello, ${environ.PATH_INFO}`)];
 * });
 * const response = await web.get('/you');
 * console.log(response.status); // 200 OK
 * console.log(response.text()); // hello, /you
 * ```
 */
export function client(
  application: WSGIApplicationLike,
  options: ClientOptions & MemoryOptions = {},
): Client {
  return new Client(new MemoryTransport(application, options), options);
}
