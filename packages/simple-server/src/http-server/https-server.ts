import type { RequestHandlerClass, TCPAddress } from '../socketserver/index.ts';
import { HANDSHAKE_TIMEOUT, HTTP_1_1, HTTPServer, type TLSOptions } from './http-server.ts';

/**
 * An HTTP server that speaks TLS.
 *
 * Python counterpart: `http.server.HTTPSServer`, since 3.14. `WSGIServer` takes the same options.
 */
export class HTTPSServer extends HTTPServer {
  /** The path of the certificate. */
  readonly certfile: string;
  /** The path of the private key; null, it is in the {@link certfile}, too. */
  readonly keyfile: string | null;
  /** The password of the private key. */
  readonly password: string | (() => string) | null;
  /** The protocols that are offered. */
  readonly alpnProtocols: readonly string[] | null;
  /** Seconds that a client may take for the handshake. */
  readonly handshakeTimeout: number;

  /**
   * @param serverAddress where to listen; nothing is bound yet
   * @param RequestHandlerClass what to make for each connection
   * @param tls certificate and key
   * @throws {Error} what the system reports if a file cannot be read; that it holds something else
   */
  constructor(
    serverAddress: TCPAddress,
    RequestHandlerClass: RequestHandlerClass,
    tls: TLSOptions,
  ) {
    const { certfile, keyfile = null, password = null, alpnProtocols = HTTP_1_1 } = tls;
    super(serverAddress, RequestHandlerClass, tls);
    this.certfile = certfile;
    this.keyfile = keyfile;
    this.password = password;
    this.alpnProtocols = alpnProtocols;
    this.handshakeTimeout = tls.handshakeTimeout ?? HANDSHAKE_TIMEOUT;
  }
}
