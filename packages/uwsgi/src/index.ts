/**
 * A WSGI server for the uwsgi protocol.
 *
 * @module
 */

export { makeServer } from './make-server.ts';
export { parseVars, readVars } from './packet.ts';
export { UWSGIHandler } from './uwsgi-handler.ts';
export { UWSGIRequestHandler } from './uwsgi-request-handler.ts';
export { UWSGIServer } from './uwsgi-server.ts';
