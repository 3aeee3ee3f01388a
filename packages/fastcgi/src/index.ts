/**
 * A WSGI server for FastCGI, in the role of a responder.
 *
 * @module
 */

export { FastCGIRequestHandler } from './fastcgi-request-handler.ts';
export { FastCGIServer } from './fastcgi-server.ts';
export { makeServer } from './make-server.ts';
export { decodePairs, encodePairs } from './pairs.ts';
export {
  type BeginRequest,
  decodeBeginRequest,
  encodeRecord,
  type FastCGIRecord,
  type ProtocolStatus,
  protocolStatus,
  readRecord,
  type RecordType,
  recordType,
} from './record.ts';
