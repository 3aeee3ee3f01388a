import {
  SocketReader,
  SocketWriter,
  StreamRequestHandler,
  TimeoutError,
} from '@wsgiref/simple-server/socketserver';
import type { Awaitable } from '@wsgiref/types';
import type { GatewayServer } from './gateway-server.ts';
import { ProtocolError } from './protocol-error.ts';

/** Serves a connection of a web server, by the protocol that a subclass knows. */
export abstract class GatewayRequestHandler extends StreamRequestHandler {
  /** Head and first block go to the socket together. */
  override wbufsize: number = 65536;
  /** What is flushed is all that there is for now. */
  override disableNagleAlgorithm: boolean = true;

  declare server: GatewayServer;

  override setup(): Awaitable<void> {
    this.connection = this.request;
    if (this.disableNagleAlgorithm) this.connection.setNoDelay(true);
    this.rfile = new SocketReader(this.connection, this.readTimeout());
    this.wfile = new SocketWriter(this.connection, this.wbufsize, this.server.writeTimeout);
  }

  /** Returns how many seconds {@link rfile} waits for the web server; null, for ever. */
  protected readTimeout(): number | null {
    return this.server.readTimeout;
  }

  override async handle(): Promise<void> {
    try {
      await this.serveConnection();
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof TimeoutError)) throw error;
      this.server.logError(this.clientAddress, `${this.server.constructor.name}: ${error.message}`);
    }
  }

  /**
   * Serves all requests of the connection.
   *
   * @throws {ProtocolError} if the web server sends what it should not: the connection is closed
   */
  abstract serveConnection(): Promise<void>;
}
