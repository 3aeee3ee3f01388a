import type { RequestHandlerClass, TCPAddress } from '@wsgiref/simple-server/socketserver';
import type { WSGIApplicationLike } from '@wsgiref/types';
import type { GatewayServer } from './gateway-server.ts';

/** A class of servers. */
export type GatewayServerClass<Server extends GatewayServer> = new (
  serverAddress: TCPAddress,
  RequestHandlerClass: RequestHandlerClass,
) => Server;

/** What a server is made of. */
export interface GatewayServerOptions<Server extends GatewayServer> {
  /** The class of the server. */
  readonly serverClass?: GatewayServerClass<Server>;
  /** The class of its request handlers. */
  readonly handlerClass?: RequestHandlerClass;
  /** The permissions of a Unix domain socket, such as 0o660; by default as the umask says. */
  readonly mode?: number;
}

/**
 * Makes a server that listens, with an application.
 *
 * Python counterpart: `wsgiref.simple_server.make_server`, for another protocol.
 *
 * @param host a host name or address; `''` for all IPv4 addresses; or `unix:` and the path of a Unix
 *   domain socket, or `fd:` and the number of an inherited descriptor that listens
 * @param port a port; 0 for one that is free, which `serverPort` tells
 * @param app what answers the requests
 * @param options which classes to use
 * @returns the server; call `serveForever()` or `handleRequest()` next
 * @throws {TypeError} if the application is none
 * @throws what the system reports, such as EADDRINUSE
 */
export type MakeGatewayServer<Default extends GatewayServer> = <
  Server extends GatewayServer = Default,
>(
  host: string,
  port: number,
  app: WSGIApplicationLike,
  options?: GatewayServerOptions<Server>,
) => Promise<Server>;

/**
 * Makes the `makeServer()` of a protocol.
 *
 * @param defaultServerClass the class of its servers
 * @param defaultHandlerClass the class of their request handlers
 * @returns the function
 */
export function serverMaker<Default extends GatewayServer>(
  defaultServerClass: GatewayServerClass<Default>,
  defaultHandlerClass: RequestHandlerClass,
): MakeGatewayServer<Default> {
  async function makeServer(
    host: string,
    port: number,
    app: WSGIApplicationLike,
    options: GatewayServerOptions<GatewayServer> = {},
  ): Promise<GatewayServer> {
    const { serverClass = defaultServerClass, handlerClass = defaultHandlerClass } = options;
    const server = new serverClass([host, port], handlerClass);
    if (options.mode !== undefined) server.mode = options.mode;
    server.setApp(app);
    await server.bindAndActivate();
    return server;
  }
  return makeServer as MakeGatewayServer<Default>;
}
