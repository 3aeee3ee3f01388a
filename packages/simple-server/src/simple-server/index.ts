/**
 * Python's `wsgiref.simple_server`.
 *
 * @module
 */

export { demoApp } from './demo-app.ts';
export { makeServer, type MakeServerOptions } from './make-server.ts';
export { ServerHandler } from './server-handler.ts';
export { serverVersion, softwareVersion, sysVersion } from './versions.ts';
export { WSGIRequestHandler } from './wsgi-request-handler.ts';
export { type BaseEnvironment, WSGIServer } from './wsgi-server.ts';
