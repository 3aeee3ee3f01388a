import type { RequestHandlerClass } from '@wsgiref/simple-server/socketserver';
import type { WSGIApplicationLike } from '@wsgiref/types';
import type {
  GatewayAddress,
  GatewayDescriptor,
  GatewayPath,
  GatewayServer,
} from './gateway-server.ts';

/** What a server is made of. */
export interface GatewayServerOptions<Server extends GatewayServer> {
  /** The class of the server. */
  readonly serverClass?: new (
    where: GatewayAddress,
    RequestHandlerClass: RequestHandlerClass,
  ) => Server;
  /** The class of its request handlers. */
  readonly handlerClass?: RequestHandlerClass;
}

/**
 * Makes a server that listens, with an application.
 *
 * Python counterpart: `wsgiref.simple_server.make_server`, for another protocol.
 */
export interface MakeGatewayServer<Default extends GatewayServer> {
  /**
   * Makes one that listens on TCP.
   *
   * @param host a host name or address; `''` for all IPv4 addresses
   * @param port a port; 0 for one that is free, which `serverPort` tells
   * @param app what answers the requests
   * @param options which classes to use
   * @returns the server; call `serveForever()` or `handleRequest()` next
   * @throws {TypeError} if the application is none
   * @throws what the system reports, such as EADDRINUSE
   */
  <Server extends GatewayServer = Default>(
    host: string,
    port: number,
    app: WSGIApplicationLike,
    options?: GatewayServerOptions<Server>,
  ): Promise<Server>;
  /**
   * Makes one that listens on a Unix domain socket, or on a socket that the process was started with.
   *
   * @param where the path of the socket, or its descriptor
   * @param app what answers the requests
   * @param options which classes to use
   * @returns the server; call `serveForever()` or `handleRequest()` next
   * @throws {TypeError} if the application is none
   * @throws what the system reports, such as EADDRINUSE
   */
  <Server extends GatewayServer = Default>(
    where: GatewayPath | GatewayDescriptor,
    app: WSGIApplicationLike,
    options?: GatewayServerOptions<Server>,
  ): Promise<Server>;
}

/**
 * Makes the `makeServer()` of a protocol.
 *
 * @param defaultServerClass the class of its servers
 * @param defaultHandlerClass the class of their request handlers
 * @returns the function
 */
export function serverMaker<Default extends GatewayServer>(
  defaultServerClass: new (
    where: GatewayAddress,
    RequestHandlerClass: RequestHandlerClass,
  ) => Default,
  defaultHandlerClass: RequestHandlerClass,
): MakeGatewayServer<Default> {
  async function make(
    where: GatewayAddress,
    app: WSGIApplicationLike,
    options: GatewayServerOptions<GatewayServer> = {},
  ): Promise<GatewayServer> {
    const serverClass = options.serverClass ?? defaultServerClass;
    const server = new serverClass(where, options.handlerClass ?? defaultHandlerClass);
    server.setApp(app);
    try {
      await server.serverBind();
      await server.serverActivate();
    } catch (error) {
      await server.serverClose();
      throw error;
    }
    return server;
  }
  return ((...args: [string, number, ...Rest] | [GatewayPath | GatewayDescriptor, ...Rest]) => {
    if (typeof args[0] !== 'string') return make(...(args as [GatewayPath, ...Rest]));
    const [host, port, ...rest] = args as [string, number, ...Rest];
    return make([host, port], ...rest);
  }) as MakeGatewayServer<Default>;
}

type Rest = [app: WSGIApplicationLike, options?: GatewayServerOptions<GatewayServer>];
