/**
 * The client went away: the transport could not be written to, or read from, any more.
 *
 * Python counterpart: `ConnectionResetError`, `BrokenPipeError` and `ConnectionAbortedError`, when
 * the client's connection raises them. `write()` and `wsgi.input` throw it into the application;
 * `BaseHandler.run()` ends the request without a word when it comes out again.
 */
export class ClientDisconnected extends Error {
  override readonly name: string = 'ClientDisconnected';
  /** What Node calls the condition. */
  readonly code = 'ECONNRESET';
}

/**
 * The request is at fault, and it shows only while the application reads the body.
 *
 * `wsgi.input` throws it into the application. If it comes out again, `BaseHandler.run()` answers
 * with its status instead of a 500, and logs no stack: there is nothing to mend here.
 *
 * Python has no counterpart: its `wsgi.input` does not look at what it reads.
 */
export class RequestError extends Error {
  override readonly name: string = 'RequestError';
  /** The status line that says so, such as `'400 Bad Request'`. */
  readonly status: string;

  /**
   * @param status a status line of the 4xx class
   * @param message what is wrong with the request; it is sent to the client
   */
  constructor(status: string, message: string) {
    super(message);
    this.status = status;
  }
}

/** How transports say that the other side is gone: errno names, and those of Node's streams. */
const DISCONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/**
 * Recognizes a client that went away in what a transport threw.
 *
 * @param error what was caught
 * @returns a {@link ClientDisconnected} if that is what it means, else the error itself
 */
export function asTransportError(error: unknown): unknown {
  if (error instanceof ClientDisconnected) return error;
  if (!DISCONNECTED.has((error as { code?: unknown } | null | undefined)?.code)) return error;
  return new ClientDisconnected(`the client went away: ${String(error)}`, { cause: error });
}
