import type { Awaitable, InputStream } from '@wsgiref/types';
import type { ParamList } from './environ.ts';
import { GatewayHandler } from './gateway-handler.ts';
import { GatewayRequestHandler } from './gateway-request-handler.ts';

/**
 * Serves the one request of a connection, whose variables come first, and then its body; the response
 * ends where the connection does.
 */
export abstract class SingleRequestHandler extends GatewayRequestHandler {
  /**
   * Reads the variables of the request.
   *
   * @returns the variables; null if the web server has closed the connection without a word
   * @throws {ProtocolError} if they are not what the protocol asks for
   */
  abstract readParams(): Awaitable<ParamList | null>;

  /**
   * Returns the request body, which CONTENT_LENGTH bounds.
   *
   * @param params the variables of the request
   */
  abstract getStdin(params: ParamList): InputStream;

  /**
   * Makes what runs the application.
   *
   * @param params the variables of the request
   */
  makeHandler(params: ParamList): GatewayHandler {
    const stdin = this.getStdin(params);
    return new GatewayHandler(stdin, this.wfile, this.server.errorLog, params, this.server);
  }

  override async serveConnection(): Promise<void> {
    // Connections that are heard together are served together: see `Turn`.
    await this.rfile.awaitData();
    const params = await this.readParams();
    if (!params) return;
    this.sendsNoMore = !params.some(
      ([name, value]) => name === 'CONTENT_LENGTH' && /[^0]/.test(value),
    );
    const handler = this.makeHandler(params);
    // A web server closes the connection of a request whose client has gone away.
    this.rfile.onDisconnect = () => handler.abort();
    await handler.run(this.server.getApp()!);
  }
}
