import type { WSGIApplicationLike } from '@wsgiref/types';
import type { TLSOptions } from '../http-server/index.ts';
import type { TCPAddress } from '../socketserver/index.ts';
import { WSGIRequestHandler } from './wsgi-request-handler.ts';
import { WSGIServer } from './wsgi-server.ts';

/** What {@link makeServer} makes the server of; with a `certfile`, one that speaks HTTPS. */
export interface MakeServerOptions<
  Server extends WSGIServer = WSGIServer,
> extends Partial<TLSOptions> {
  /** The class of the server; `WSGIServer` by default. */
  serverClass?: new (
    serverAddress: TCPAddress,
    RequestHandlerClass: typeof WSGIRequestHandler,
    tls?: TLSOptions | null,
  ) => Server;
  /** The class of its request handlers; `WSGIRequestHandler` by default. */
  handlerClass?: typeof WSGIRequestHandler;
}

/**
 * Makes a server that listens, with an application.
 *
 * Python counterpart: `wsgiref.simple_server.make_server`.
 *
 * @param host a host name or address; `''` for all IPv4 addresses; or `unix:` and the path of a Unix
 *   domain socket, or `fd:` and the number of an inherited descriptor that listens
 * @param port a port; 0 for one that is free, which `serverPort` tells
 * @param app what answers the requests
 * @param options which classes to use
 * @returns the server; call `serveForever()` or `handleRequest()` next
 * @throws {TypeError} if the application is none, or a key is given without a certificate
 * @throws {Error} if a certificate or key cannot be used
 * @throws what the system reports, such as EADDRINUSE
 *
 * @example
 * ```ts
 * import { makeServer } from '@wsgiref/simple-server';
 *
 * await using httpd = await makeServer('127.0.0.1', 0, (environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [Buffer.from('hello')];
 * });
 * void httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/`);
 * console.log(await response.text()); // hello
 * ```
 */
export async function makeServer<Server extends WSGIServer = WSGIServer>(
  host: string,
  port: number,
  app: WSGIApplicationLike,
  options: MakeServerOptions<Server> = {},
): Promise<Server> {
  const serverClass =
    options.serverClass ??
    (WSGIServer as unknown as new (
      serverAddress: TCPAddress,
      RequestHandlerClass: typeof WSGIRequestHandler,
      tls?: TLSOptions | null,
    ) => Server);
  const { handlerClass = WSGIRequestHandler, certfile, ...tls } = options;
  if (certfile === undefined && tls.keyfile) {
    throw new TypeError('a keyfile is nothing without a certfile: name that of the certificate');
  }
  const server = new serverClass(
    [host, port],
    handlerClass,
    certfile === undefined ? null : { certfile, ...tls },
  );
  server.setApp(app);
  await server.bindAndActivate();
  return server;
}
