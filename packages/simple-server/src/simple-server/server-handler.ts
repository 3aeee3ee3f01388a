import { RequestError, SimpleHandler } from '@wsgiref/handlers/base';
import type { Awaitable, ExcInfo, WSGIEnvironment } from '@wsgiref/types';
import { andThen } from '@wsgiref/util';
import { SocketWriter, TimeoutError } from '../socketserver/index.ts';
import { softwareVersion } from './versions.ts';

/** What a request came through: `WSGIRequestHandler`. */
interface RequestConnection {
  /** Logs a request that has been answered. */
  logRequest(code: string, size: number): void;
  /** Whether the connection can serve another request after this one, as it looks now. */
  mayPersist?(): boolean;
}

/**
 * Runs the application for a request of `WSGIRequestHandler`, and has it logged.
 *
 * Python counterpart: `wsgiref.simple_server.ServerHandler`. With an `httpVersion` of `'1.1'` it
 * frames the response so that the connection can go on after it.
 */
export class ServerHandler extends SimpleHandler {
  override serverSoftware: string | null = softwareVersion;

  /** The handler of the request; it is set before `run()`. */
  declare requestHandler: RequestConnection;

  /** Whether the response says that the connection goes on after it. */
  #persistent = false;
  /** Whether the request has no end that is known. */
  #lostTrack = false;
  /** Whether the body is sent in chunks: once it is decided, and once the head has been sent. */
  #chunked = false;
  #inBody = false;
  #complete = false;

  /** Whether the response has been sent whole, and the connection can serve another request. */
  get persistent(): boolean {
    return this.#persistent && this.#complete;
  }

  override addCgiVars(): void {
    // getEnviron() has made this object for this request alone: it is used, not copied again, which
    // would cost half the throughput.
    const environ = this.baseEnv as WSGIEnvironment;
    for (const key in this.osEnviron) environ[key] ??= this.osEnviron[key];
    this.environ = environ;
  }

  /** Decides how the client is to see the end of the body (RFC 9112 §6.3), and what comes then. */
  override cleanupHeaders(): void {
    this.#chunked = false;
    super.cleanupHeaders();
    if (!this.#framesResponse()) return;
    const headers = this.headers!;
    const isModern = this.#isModern();
    const isDelimited = this.#chunked || !this.hasBody() || headers.has('Content-Length');
    this.#persistent = isDelimited && !this.#lostTrack && this.requestHandler.mayPersist!();
    // RFC 9112 §9.3: what the version of the client does not say by itself.
    if (!this.#persistent) headers.set('Connection', 'close');
    else if (!isModern) headers.set('Connection', 'keep-alive');
  }

  /** A length if there is one to compute, else chunks, for a client that knows them. */
  override setContentLength(): void {
    super.setContentLength();
    if (!this.#framesResponse() || !this.#isModern() || !this.hasBody()) return;
    if (this.headers!.has('Content-Length')) return;
    this.headers!.set('Transfer-Encoding', 'chunked');
    this.#chunked = true;
  }

  override sendHeaders(): Awaitable<void> {
    return andThen(super.sendHeaders(), () => {
      this.#inBody = this.#chunked;
    });
  }

  override finishContent(): Awaitable<void> {
    return andThen(super.finishContent(), () => {
      const ended = this.#inBody ? this.#endChunks() : undefined;
      this.#complete = true;
      return ended;
    });
  }

  override close(): Awaitable<void> {
    let closed: Awaitable<void>;
    try {
      if (this.status !== null) {
        this.requestHandler.logRequest(this.status.slice(0, 3), this.bytesSent);
      }
    } finally {
      closed = super.close();
    }
    return closed;
  }

  override handleError(excInfo: ExcInfo): Promise<void> {
    let error = excInfo;
    if (excInfo instanceof TimeoutError && !this.headersSent) {
      // RFC 9110 §15.5.9: a client that stops in the middle of its body.
      error = new RequestError('408 Request Timeout', 'the request body did not arrive');
    }
    // Where such a body ends is anybody's guess.
    this.#lostTrack ||= error instanceof RequestError;
    return super.handleError(error);
  }

  override _write(data: Uint8Array): Awaitable<void> {
    if (!this.#inBody) return super._write(data);
    // RFC 9112 §7.1: chunk = chunk-size CRLF chunk-data CRLF.
    return andThen(this._writeHead(`${data.length.toString(16)}\r\n`), () =>
      andThen(super._write(data), () => this._writeHead('\r\n')),
    );
  }

  override _writeHead(text: string): Awaitable<void> {
    const { stdout } = this;
    return stdout instanceof SocketWriter ? stdout.writeLatin1(text) : super._writeHead(text);
  }

  override _flush(): Awaitable<void> {
    const { stdout } = this;
    // Nothing of the application's runs before the end of an array: the response may go out together
    // with others, those to the next requests of the client among them.
    const isWhole = this.#persistent && Array.isArray(this.result);
    return isWhole && stdout instanceof SocketWriter ? stdout.flushSoon() : super._flush();
  }

  /** With HTTP/1.0, or without a connection to keep, the end of the connection ends the response. */
  #framesResponse(): boolean {
    return this.httpVersion !== '1.0' && this.requestHandler.mayPersist !== undefined;
  }

  #isModern(): boolean {
    return this.environ!.SERVER_PROTOCOL >= 'HTTP/1.1';
  }

  #endChunks(): Awaitable<void> {
    this.#inBody = false;
    return andThen(this._writeHead('0\r\n\r\n'), () => this._flush());
  }
}
