/**
 * A WSGI server for SCGI, the Simple Common Gateway Interface.
 *
 * @module
 */

export { makeServer } from './make-server.ts';
export { parseHeaders, readHeaders } from './netstring.ts';
export { SCGIRequestHandler } from './scgi-request-handler.ts';
export { SCGIServer } from './scgi-server.ts';
