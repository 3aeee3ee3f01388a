import { GatewayHandler } from '@wsgiref/gateway';
import type { Awaitable } from '@wsgiref/types';

/** Runs the application for a request that came by uwsgi. */
export class UWSGIHandler extends GatewayHandler {
  /**
   * "Every uwsgi request generates a response in the uwsgi format": an HTTP response is one, since an
   * `H` is the modifier of HTTP. Apache takes no other.
   */
  override sendPreamble(): Awaitable<void> {
    return this._writeHead(`HTTP/${this.httpVersion} ${this.status!}\r\n`);
  }
}
