/**
 * Python's `socketserver`, as far as a WSGI server needs it.
 *
 * @module
 */

export { BaseRequestHandler } from './base-request-handler.ts';
export {
  BaseServer,
  type ClientAddress,
  type RequestHandler,
  type RequestHandlerClass,
  type ServeForeverOptions,
} from './base-server.ts';
export { SocketReader } from './socket-reader.ts';
export { SocketWriter } from './socket-writer.ts';
export { StreamRequestHandler } from './stream-request-handler.ts';
export { type TCPAddress, TCPServer } from './tcp-server.ts';
export { TimeoutError } from './timeout-error.ts';
export { UnixStreamServer } from './unix-stream-server.ts';
