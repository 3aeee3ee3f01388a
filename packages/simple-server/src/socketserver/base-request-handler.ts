import type { Socket } from 'node:net';
import type { Awaitable } from '@wsgiref/types';
import type { BaseServer, ClientAddress } from './base-server.ts';

/**
 * Serves one request: `setup()`, `handle()`, `finish()`, in this order.
 *
 * Python counterpart: `socketserver.BaseRequestHandler`.
 *
 * DIFFERS(22): the constructor does not serve; `BaseServer.finishRequest()` calls the three, since
 * the fields of a subclass are not there before its constructor is done.
 */
export class BaseRequestHandler {
  /** The connection. */
  request: Socket;
  /** Who is at its other end. */
  clientAddress: ClientAddress;
  /** The server that took it. */
  server: BaseServer;

  constructor(request: Socket, clientAddress: ClientAddress, server: BaseServer) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  /** Called before {@link handle}. */
  setup(): Awaitable<void> {}

  /** Serves the request. */
  handle(): Awaitable<void> {}

  /** Called when the server shuts down: what is being served is finished, and nothing else begun. */
  stop(): void {}

  /** Called after {@link handle}, also if it failed; not if {@link setup} did. */
  finish(): Awaitable<void> {}
}
