import type { RequestHandlerClass } from './base-server.ts';
import { TCPServer } from './tcp-server.ts';

/**
 * A server that listens on a Unix domain socket.
 *
 * Python counterpart: `socketserver.UnixStreamServer`.
 */
export class UnixStreamServer extends TCPServer {
  /** The path of the socket. */
  readonly path: string;

  /**
   * @param path the path of the socket; it must not exist yet
   * @param RequestHandlerClass what to make for each request
   */
  constructor(path: string, RequestHandlerClass: RequestHandlerClass) {
    super([path, 0], RequestHandlerClass);
    this.path = path;
  }

  override async serverBind(): Promise<void> {
    await this._listen({ path: this.path });
  }
}
