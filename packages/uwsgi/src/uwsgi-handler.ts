import { GatewayHandler } from '@wsgiref/gateway';
import type { Awaitable } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';

/** Runs the application for a request that came by uwsgi. */
export class UWSGIHandler extends GatewayHandler {
  /**
   * "Every uwsgi request generates a response in the uwsgi format": an HTTP response is one, since an
   * `H` is the modifier of HTTP. Apache takes no other.
   */
  override sendPreamble(): Awaitable<void> {
    return this._write(encodeLatin1(`HTTP/${this.httpVersion} ${this.status!}\r\n`));
  }
}
