import { type MakeGatewayServer, serverMaker } from '@wsgiref/gateway';
import { FastCGIRequestHandler } from './fastcgi-request-handler.ts';
import { FastCGIServer } from './fastcgi-server.ts';

/**
 * Makes a FastCGI server that listens, with an application: on a host and a port, on
 * `'unix:/run/app.sock'`, or on `'fd:0'` where the web server starts the program.
 *
 * Python counterpart: `wsgiref.simple_server.make_server`, for another protocol.
 *
 * @example
 * ```ts no-run
 * import { makeServer } from '@wsgiref/fastcgi';
 *
 * const httpd = await makeServer('127.0.0.1', 9000, (environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [Buffer.from('hello')];
 * });
 * await httpd.serveForever();
 * ```
 */
export const makeServer: MakeGatewayServer<FastCGIServer> = serverMaker(
  FastCGIServer,
  FastCGIRequestHandler,
);
