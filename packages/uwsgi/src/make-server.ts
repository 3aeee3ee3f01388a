import { type MakeGatewayServer, serverMaker } from '@wsgiref/gateway';
import { UWSGIRequestHandler } from './uwsgi-request-handler.ts';
import { UWSGIServer } from './uwsgi-server.ts';

/**
 * Makes a uwsgi server that listens, with an application: on a host and a port, on
 * `'unix:/run/app.sock'`, or on `'fd:0'`.
 *
 * Python counterpart: `wsgiref.simple_server.make_server`, for another protocol.
 *
 * @example
 * ```ts no-run
 * import { makeServer } from '@wsgiref/uwsgi';
 *
 * const httpd = await makeServer('127.0.0.1', 3031, (environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [Buffer.from('hello')];
 * });
 * await httpd.serveForever();
 * ```
 */
export const makeServer: MakeGatewayServer<UWSGIServer> = serverMaker(
  UWSGIServer,
  UWSGIRequestHandler,
);
