import type { Socket } from 'node:net';
import { ClientDisconnected, StandardError } from '@wsgiref/handlers';
import { andThen, isPromiseLike, repr } from '@wsgiref/util';
import type { Awaitable } from '@wsgiref/types';

const stderr = new StandardError();

/** Who is at the other end: an IP address and a port; `''` and 0 over a Unix socket. */
export type ClientAddress = readonly [host: string, port: number];

/** What serves a request: `BaseRequestHandler` or a subclass. */
export interface RequestHandler {
  /** Called before `handle()`. */
  setup(): Awaitable<void>;
  /** Serves the request. */
  handle(): Awaitable<void>;
  /** Called when the server shuts down: what is being served is finished, and nothing else begun. */
  stop?(): void;
  /** Called after `handle()`, also if it failed. */
  finish(): Awaitable<void>;
}

/** What makes a {@link RequestHandler} for each request. */
export type RequestHandlerClass = new (
  request: Socket,
  clientAddress: ClientAddress,
  // A subclass may ask for a server of its own kind.
  server: never,
) => RequestHandler;

/** How {@link BaseServer.serveForever} runs. */
export interface ServeForeverOptions {
  /** Seconds between two calls of `serviceActions()` while nothing happens; 0.5 by default. */
  pollInterval?: number;
  /** Shuts the server down when it fires. */
  signal?: AbortSignal;
}

/**
 * A server that hands each request to a new request handler, whatever it listens on.
 *
 * Python counterpart: `socketserver.BaseServer`. A subclass supplies `getRequest`, and the waiting
 * for it.
 *
 * DIFFERS(16): requests are served concurrently on the event loop; `serveForever()` does not wait for
 * one before it takes the next.
 */
export abstract class BaseServer {
  /** Seconds that {@link handleRequest} waits before it calls `handleTimeout()`; null, for ever. */
  timeout: number | null = null;
  /** Where the server listens. */
  serverAddress: unknown;
  /** What is made for each request. */
  RequestHandlerClass: RequestHandlerClass;

  #shutdownRequested = false;
  /** How many requests are being served, and who waits until none is. */
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];
  /** Their handlers. */
  readonly #handlers = new Set<RequestHandler>();
  /** Resolves when requests in flight are given up. */
  readonly #abandoned: Promise<void>;
  #abandon!: () => void;
  /** The `serveForever()` that is running. */
  #serving: Promise<void> | null = null;

  /**
   * @param serverAddress where to listen; nothing is bound yet
   * @param RequestHandlerClass what to make for each request
   */
  constructor(serverAddress: unknown, RequestHandlerClass: RequestHandlerClass) {
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
    this.#abandoned = new Promise((resolve) => (this.#abandon = resolve));
  }

  /** Returns the next request, and who sent it. */
  abstract getRequest(): Awaitable<[request: Socket, clientAddress: ClientAddress]>;

  /**
   * Waits until {@link getRequest} would not have to.
   *
   * @param timeout seconds to wait at most; null, for ever
   * @returns whether there is a request; false also if {@link _wake} was called
   */
  protected abstract _poll(timeout: number | null): Awaitable<boolean>;

  /** Ends every `_poll()` that is waiting. */
  protected abstract _wake(): void;

  /** Called when the server begins to listen. */
  serverActivate(): Awaitable<void> {}

  /**
   * Serves requests until {@link shutdown} is called or the signal fires, and those in flight are
   * done.
   *
   * @param options how to run
   */
  async serveForever({ pollInterval = 0.5, signal }: ServeForeverOptions = {}): Promise<void> {
    const stop = (): void => void this.shutdown();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.#serving = this.#serve(pollInterval);
    try {
      await this.#serving;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#serving = null;
      this.#shutdownRequested = false;
    }
  }

  /**
   * Stops accepting, and resolves when the requests in flight are done.
   *
   * DIFFERS(17): it may be called whether or not `serveForever()` runs, and from within a request,
   * as long as that request does not wait for it; in Python either waits for ever.
   */
  async shutdown(): Promise<void> {
    this.#shutdownRequested = true;
    for (const handler of this.#handlers) handler.stop?.();
    this._wake();
    await this.#serving?.catch(() => {});
    await this.#finishRequests();
  }

  /** Ends the wait for requests in flight: an application may never return. */
  protected _abandonRequests(): void {
    this.#abandon();
  }

  /** Called in the loop of {@link serveForever}: after each request is taken, and while it waits. */
  serviceActions(): Awaitable<void> {}

  /** Takes one request and serves it, waiting {@link timeout} at most. */
  async handleRequest(): Promise<void> {
    const ready = await this._poll(this.timeout);
    if (ready) await this.#handleTaken(await this.getRequest());
    else if (!this.#shutdownRequested) await this.handleTimeout();
  }

  /** Called when no request came within {@link timeout}. */
  handleTimeout(): Awaitable<void> {}

  /**
   * Decides whether to serve a request.
   *
   * @param _request the connection
   * @param _clientAddress who is at its other end
   * @returns false, and it is closed
   */
  verifyRequest(_request: Socket, _clientAddress: ClientAddress): Awaitable<boolean> {
    return true;
  }

  /** Serves a request and closes it. */
  processRequest(request: Socket, clientAddress: ClientAddress): Promise<void> {
    // Not an async function: what those that wait for a connection keep is a good part of its memory.
    return this.finishRequest(request, clientAddress).then(() => this.shutdownRequest(request));
  }

  /** Called when the server is done for good. */
  serverClose(): Awaitable<void> {}

  /** Makes the request's handler and lets it serve the request. */
  async finishRequest(request: Socket, clientAddress: ClientAddress): Promise<void> {
    const handler = new this.RequestHandlerClass(request, clientAddress, this as never);
    const ready = handler.setup();
    if (isPromiseLike(ready)) await ready;
    this.#handlers.add(handler);
    try {
      const handled = handler.handle();
      if (isPromiseLike(handled)) await handled;
    } finally {
      this.#handlers.delete(handler);
      const finished = handler.finish();
      if (isPromiseLike(finished)) await finished;
    }
  }

  /** Says goodbye to the other side, and closes the request. */
  shutdownRequest(request: Socket): Awaitable<void> {
    return this.closeRequest(request);
  }

  /** Frees what the request holds. */
  closeRequest(_request: Socket): Awaitable<void> {}

  /**
   * Logs what went wrong while a request was served; the server goes on.
   *
   * @param _request the connection
   * @param clientAddress who is at its other end
   * @param excInfo the caught value
   */
  handleError(_request: Socket, clientAddress: ClientAddress, excInfo: unknown): Awaitable<void> {
    const line = '-'.repeat(40);
    const stack = excInfo instanceof Error ? excInfo.stack : `Uncaught ${repr(excInfo)}`;
    stderr.write(
      `${line}\nException occurred during processing of request from ` +
        `${repr(clientAddress)}\n${stack}\n${line}\n`,
    );
  }

  /** Python: `with server:`. Closes the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose();
  }

  async #serve(pollInterval: number): Promise<void> {
    for (;;) {
      const ready = await this._poll(this.#shutdownRequested ? 0 : pollInterval);
      // What has been accepted is served, also while the server shuts down.
      if (ready) {
        // Taken before the next `_poll()`, which would see it again.
        const next = this.getRequest();
        void this.#handleTaken(isPromiseLike(next) ? await next : next);
      } else if (this.#shutdownRequested) {
        break;
      }
      const acted = this.serviceActions();
      if (isPromiseLike(acted)) await acted;
    }
    await this.#finishRequests();
  }

  async #finishRequests(): Promise<void> {
    if (this.#inFlight === 0) return;
    const finished = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.race([finished, this.#abandoned]);
  }

  /** Never rejects, unless `handleError()` or `shutdownRequest()` does. */
  #handleTaken([request, clientAddress]: readonly [Socket, ClientAddress]): Awaitable<void> {
    this.#inFlight++;
    const fail = (error: unknown): Promise<void> => this.#fail(request, clientAddress, error);
    let handled: Awaitable<void>;
    try {
      handled = andThen(this.verifyRequest(request, clientAddress), (isGood) =>
        isGood ? this.processRequest(request, clientAddress) : this.shutdownRequest(request),
      );
      if (isPromiseLike(handled)) handled = handled.then(undefined, fail);
    } catch (error) {
      handled = fail(error);
    }
    if (isPromiseLike(handled)) handled.then(this.#forget, this.#forget);
    else this.#forget();
    return handled;
  }

  async #fail(request: Socket, clientAddress: ClientAddress, error: unknown): Promise<void> {
    // DIFFERS(36): also what verifyRequest() throws, which in Python ends serve_forever().
    try {
      // DIFFERS(18): a client that goes away is no error of the server's.
      if (!(error instanceof ClientDisconnected)) {
        await this.handleError(request, clientAddress, error);
      }
    } finally {
      await this.shutdownRequest(request);
    }
  }

  readonly #forget = (): void => {
    if (--this.#inFlight > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  };
}
