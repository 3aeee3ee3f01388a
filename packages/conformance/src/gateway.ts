import type { Awaitable, WSGIApplicationLike } from '@wsgiref/types';
import type { GatewayRequest, GatewayResponse } from './case.ts';

/** A server or gateway, as the suite sees it: a way to send it a request. */
export interface Gateway {
  /**
   * Has an application answer a request.
   *
   * The response is complete only when the gateway is done with the request, the result's `close()`
   * included. One request is sent at a time.
   *
   * @param request the request
   * @param application what answers it
   * @param name the name of the case: a gateway in another process imports `applicationOf()` and
   *   finds the application by it
   * @returns what has come back, and what has been logged
   */
  send(
    request: GatewayRequest,
    application: WSGIApplicationLike,
    name: string,
  ): Awaitable<GatewayResponse>;
  /** Cases that the gateway does not pass, by name, and the reason why that is right. */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** Ends the gateway after the last case. */
  close?(): Awaitable<void>;
}
