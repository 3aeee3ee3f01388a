import type {
  Awaitable,
  ErrorStream,
  ExcInfo,
  HeaderList,
  InputStream,
  StartResponse,
  WriteCallable,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import {
  andThen,
  asApplication,
  AssertionError,
  closeResult,
  encodeLatin1,
  FileWrapper,
  guessScheme,
  isBytes,
  isPromiseLike,
  iterate,
  repr,
} from '@wsgiref/util';
import { Headers } from '@wsgiref/headers';
import { boundInput } from './bound-input.ts';
import { checkHeaders, checkNativeStrings, checkStatus } from './check-response.ts';
import { asTransportError, ClientDisconnected, RequestError } from './errors.ts';
import { type FileWrapperClass, fileWrapperFactory } from './file-wrapper-factory.ts';
import { currentDate } from './format-date-time.ts';
import { forbidsBody } from './forbids-body.ts';
import { formatException } from './format-exception.ts';

// Python's class attributes, which are made once.
const WSGI_VERSION = [1, 0] as const;
const NO_ENVIRON = {};
const NOTHING = new Uint8Array(0);
const ERROR_HEADERS: HeaderList = [['Content-Type', 'text/plain']];
const ERROR_BODY = encodeLatin1('A server error occurred.  Please contact the administrator.');

const ITERATE_ARRAY = Array.prototype[Symbol.iterator];

/** What `run()` returns if there was nothing to wait for. */
const DONE: Promise<void> = Promise.resolve();

/**
 * Calls an application for one request and sends what it returns: the heart of every WSGI server.
 *
 * Python counterpart: `wsgiref.handlers.BaseHandler`. The methods stand in the order in which a
 * request meets them; each may be overridden. A transport supplies five of them: `_write`, `_flush`,
 * `getStdin`, `getStderr`, `addCgiVars`. Each may return its value or a promise of it, and `run()`
 * awaits nothing that is there already.
 */
export abstract class BaseHandler {
  // What the application is told of the server.

  /** `wsgi.version`. */
  wsgiVersion: readonly [1, 0] = WSGI_VERSION;
  /** `wsgi.multithread`. */
  wsgiMultithread: boolean = true;
  /** `wsgi.multiprocess`. */
  wsgiMultiprocess: boolean = true;
  /** `wsgi.run_once`. */
  wsgiRunOnce: boolean = false;

  // What the server says of itself.

  /** Whether responses go straight to the client; false behind a web server, as with CGI. */
  originServer: boolean = true;
  /** The version in the status line of an origin server. */
  httpVersion: string = '1.0';
  /** The `Server` header of an origin server, and SERVER_SOFTWARE where the request has none. */
  serverSoftware: string | null = null;

  /**
   * Variables under those of every request.
   *
   * DIFFERS(3): none; in Python the process's environment, which tells every application every
   * secret in it, and costs half the throughput.
   */
  osEnviron: Readonly<Record<string, string>> = NO_ENVIRON;

  /** What `wsgi.file_wrapper` makes of a file; null leaves the key out. */
  wsgiFileWrapper: FileWrapperClass | null = FileWrapper;
  /** What keeps the response headers. */
  headersClass: new (headers: HeaderList) => Headers = Headers;

  // What a failing application looks like.

  /** The most stack frames to log; null, all that there are. */
  tracebackLimit: number | null = null;
  /** The status of the error page. */
  errorStatus: string = '500 Internal Server Error';
  /** The headers of the error page. */
  errorHeaders: HeaderList = ERROR_HEADERS;
  /** The error page. */
  errorBody: Uint8Array = ERROR_BODY;

  // The state of the request.

  /** The request; null before {@link setupEnviron} and after {@link close}. */
  environ: WSGIEnvironment | null = null;
  /** The status of the response; null until the application has begun it. */
  status: string | null = null;
  /** What the application returned. */
  result: WSGIResult | null = null;
  /** The headers of the response; null until the application has begun it. */
  headers: Headers | null = null;
  /** Whether the headers are on their way to the client. */
  headersSent: boolean = false;
  /** How many bytes of the body have been sent; while the headers are, those of the first block. */
  bytesSent: number = 0;

  /** Whether the application has called `startResponse()`, successfully or not. */
  #started = false;
  /** Whether the result came from `wsgi.file_wrapper`. */
  #isFile = false;
  /** How many bytes of body the response may have; null while the headers have not been sent. */
  #bodyLimit: number | null = null;
  /** The iterator over the result, while it stands in the middle: it has not ended, nor thrown. */
  #iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array> | null = null;
  /** The result whose `close()` has been called, which must happen once. */
  #closed: WSGIResult | null = null;
  /** The application's last `write()`, while the transport is full. */
  #writing: PromiseLike<void> | null = null;

  /** Sends bytes, or keeps them for {@link _flush}. */
  abstract _write(data: Uint8Array): Awaitable<void>;

  /**
   * Sends a part of the head.
   *
   * @param text a native string; by default its bytes go to {@link _write}
   */
  _writeHead(text: string): Awaitable<void> {
    return this._write(encodeLatin1(text));
  }

  /** Passes on what has been written; a promise keeps the application from producing more. */
  abstract _flush(): Awaitable<void>;

  /** Returns the stream of the request body; the end of the stream is the end of the body. */
  abstract getStdin(): InputStream | null;

  /** Returns where errors are logged. */
  abstract getStderr(): ErrorStream | null;

  /** Puts the variables of the request into {@link environ}. */
  abstract addCgiVars(): Awaitable<void>;

  /**
   * Serves one request.
   *
   * @param application what answers it
   * @returns a promise that resolves when the response has been sent, or could not be: an
   *   application that fails is logged and answered with an error page
   * @throws what fails while an error is being handled; the server must deal with it
   */
  run(application: WSGIApplicationLike): Promise<void> {
    // What the application does after its time must not get into another response.
    let over = false;
    const checkTime = (callable: string): void => {
      if (over) throw new AssertionError(`${callable} after the response has ended`);
    };
    const startResponse: StartResponse = (status, headers, excInfo) => {
      checkTime('start_response()');
      const write = this.startResponse(status, headers, excInfo);
      return (data) => {
        checkTime('write()');
        return write(data);
      };
    };
    const fail = (error: unknown): Promise<void> => {
      over = true;
      return this.#fail(error);
    };
    try {
      const served = andThen(this.setupEnviron(), () => this.#serve(application, startResponse));
      if (isPromiseLike(served))
        return Promise.resolve(served.then(() => void (over = true), fail));
      over = true;
      return DONE;
    } catch (error) {
      return fail(error);
    }
  }

  #serve(application: WSGIApplicationLike, startResponse: StartResponse): Awaitable<void> {
    const app = asApplication(application);
    return andThen(app(this.environ!, startResponse), (result) => {
      this.result = result;
      return this.finishResponse();
    });
  }

  async #fail(error: unknown): Promise<void> {
    // DIFFERS(4): only the client's own connection ends in silence. Python is silent as well when the
    // application has lost a connection of its own, to a database, say.
    if (error instanceof ClientDisconnected) return;
    try {
      await this.handleError(error);
    } catch (secondError) {
      await this.close();
      if (secondError instanceof ClientDisconnected) return;
      throw secondError;
    }
  }

  /** Makes {@link environ}, with everything that PEP 3333 asks for, "`environ` Variables". */
  setupEnviron(): Awaitable<void> {
    this.environ = { ...this.osEnviron } as WSGIEnvironment;
    const added = this.addCgiVars();
    return isPromiseLike(added) ? added.then(() => this.#addWsgiVars()) : this.#addWsgiVars();
  }

  #addWsgiVars(): void {
    const environ = this.environ!;
    environ['wsgi.input'] = boundInput(this.getStdin(), environ)!;
    environ['wsgi.errors'] = this.getStderr()!;
    environ['wsgi.version'] = this.wsgiVersion;
    environ['wsgi.run_once'] = this.wsgiRunOnce;
    environ['wsgi.url_scheme'] = this.getScheme();
    environ['wsgi.multithread'] = this.wsgiMultithread;
    environ['wsgi.multiprocess'] = this.wsgiMultiprocess;
    if (this.wsgiFileWrapper) {
      environ['wsgi.file_wrapper'] = fileWrapperFactory(this.wsgiFileWrapper);
    }
    if (this.originServer && this.serverSoftware) {
      environ['SERVER_SOFTWARE'] ??= this.serverSoftware;
    }
  }

  /**
   * Sends everything that the result yields, then closes it.
   *
   * PEP 3333, "Buffering and Streaming": each block is handed over before the next is asked for.
   */
  finishResponse(): Awaitable<void> {
    const fail = (error: unknown): Awaitable<never> =>
      andThen(this.#closeResult(), () => {
        throw error;
      });
    try {
      const sent = andThen(this.#writing ?? undefined, () => this.#sendResult());
      return isPromiseLike(sent) ? sent.then(() => this.close(), fail) : this.close();
    } catch (error) {
      return fail(error);
    }
  }

  #sendResult(): Awaitable<void> {
    this.#isFile = this.resultIsFile();
    const { result } = this;
    if (this.#isFile) {
      return andThen(this.sendfile(), (sent) => (sent ? undefined : this.#sendIterable()));
    }
    // An array is all there: it is sent without iterating, which would have to wait for each block.
    return isPlainArray(result) ? this.#sendArray(result, 0) : this.#sendIterable();
  }

  #sendArray(blocks: readonly Uint8Array[], from: number): Awaitable<void> {
    for (let i = from; i < blocks.length; i++) {
      const written = this.#writeBlock(blocks[i]!);
      if (isPromiseLike(written)) return written.then(() => this.#sendArray(blocks, i + 1));
      if (this.headersSent && this.#wantsNoMore()) break;
    }
    return this.finishContent();
  }

  async #sendIterable(): Promise<void> {
    const iterator = iterate(this.result);
    for (;;) {
      this.#iterator = null;
      const next = iterator.next();
      const step = isPromiseLike(next) ? await next : next;
      if (!step.done) this.#iterator = iterator;
      // A generator may have called write() before it yielded.
      if (this.#writing) await this.#writing;
      if (step.done) break;
      const written = this.#writeBlock(step.value);
      if (isPromiseLike(written)) await written;
      if (this.headersSent && this.#wantsNoMore()) break;
    }
    await this.finishContent();
  }

  /** Returns the URL scheme of the request. */
  getScheme(): string {
    return guessScheme(this.environ!);
  }

  /**
   * Computes Content-Length if the result is known to be a single block, and so all of the body.
   *
   * A server whose protocol has another way to delimit the body overrides this.
   */
  setContentLength(): void {
    const result = this.result as { length?: unknown } | null;
    if (result?.length !== 1) return;
    // RFC 9110 §8.6: not unless it is what a GET would have: an empty block may stand for anything.
    if (this.bytesSent === 0 && this.#isHead()) return;
    this.headers!.set('Content-Length', String(this.bytesSent));
  }

  /** Completes the headers before they are sent. */
  cleanupHeaders(): void {
    const headers = this.headers!;
    if (forbidsBody(this.status!)) {
      // RFC 9110 §8.6: "A server MUST NOT send a Content-Length header field in any response with a
      // status code of 1xx (Informational) or 204"; §15.3.6: a 205 has none but 0; of a 304 only the
      // application knows.
      if (this.status!.startsWith('205')) headers.set('Content-Length', '0');
      else if (!this.status!.startsWith('304')) headers.delete('Content-Length');
    } else if (!headers.has('Content-Length')) {
      this.setContentLength();
    }
  }

  /**
   * Begins the response: the `start_response()` that the application is given.
   *
   * Nothing is sent yet (PEP 3333, "The `start_response()` Callable").
   *
   * DIFFERS(52): a fourth argument is ignored, as everywhere in the language; in Python it is a
   * TypeError.
   *
   * @param status a three-digit code, a space and a reason phrase
   * @param headers the headers; the array is not changed
   * @param excInfo the caught value, when an error handler begins the response anew
   * @returns the `write()` callable
   * @throws {AssertionError} if a response has begun and `excInfo` is not given, or an argument is
   *   malformed
   * @throws {TypeError} if the headers are not a list of pairs
   * @throws {RangeError} if the status or a header holds a control character
   * @throws the `excInfo` itself, if the headers have been sent
   */
  startResponse(status: string, headers: HeaderList, excInfo?: ExcInfo | null): WriteCallable {
    if (excInfo !== undefined && excInfo !== null) {
      // DIFFERS(5): this very error. Python raises whichever is being handled at the moment.
      if (this.headersSent) throw excInfo;
    } else if (this.#started) {
      // DIFFERS(6): also if the first call failed (PEP 3333: "It is a fatal error to call
      // start_response without the exc_info argument if start_response has already been called").
      throw new AssertionError('Headers already set!');
    }
    this.#started = true;

    // DIFFERS(7): checked before it is kept, so that what was refused is never sent.
    this.status = null;
    this.headers = null;
    checkStatus(status);
    // DIFFERS(47): a copy, since the server adds to it. Python changes the application's own list, and
    // one that several responses share keeps the Content-Length of the first.
    const kept = new this.headersClass(Array.isArray(headers) ? [...headers] : headers);
    checkHeaders(headers);
    this.status = status;
    this.headers = kept;
    return (data) => this.#writeFromApplication(data);
  }

  /** Sends the status line, and in an origin server the headers that HTTP asks of it. */
  sendPreamble(): Awaitable<void> {
    if (!this.originServer) return this._writeHead(`Status: ${this.status!}\r\n`);
    if (!this.clientIsModern()) return;
    let preamble = `HTTP/${this.httpVersion} ${this.status!}\r\n`;
    if (!this.headers!.has('Date')) preamble += `Date: ${currentDate()}\r\n`;
    if (this.serverSoftware && !this.headers!.has('Server')) {
      preamble += `Server: ${this.serverSoftware}\r\n`;
    }
    return this._writeHead(preamble);
  }

  /**
   * Sends one block of the body, and the headers before the first.
   *
   * @param data the bytes
   * @returns nothing, or a promise that resolves once the transport has room for more
   * @throws {AssertionError} if it is not bytes, if the response has not begun, or if there is more
   *   of it than Content-Length says; what fits is sent
   * @throws {ClientDisconnected} if the client went away
   */
  write(data: Uint8Array): Awaitable<void> {
    if (!isBytes(data)) {
      // DIFFERS(48): Python's words, then the value. Where it is Python's interpreter that speaks,
      // `'NoneType' object is not iterable`, ours says what is wrong and what would be right.
      throw new AssertionError(
        `write() argument must be a bytes instance (a Uint8Array; got ${repr(data)})`,
      );
    }
    if (this.status === null) throw new AssertionError('write() before start_response()');
    if (this.headersSent) return this.#send(data);
    // The length of the first block may become the Content-Length.
    this.bytesSent = data.length;
    const sent = this.#sendHead();
    return isPromiseLike(sent) ? sent.then(() => this.#send(data)) : this.#send(data);
  }

  /**
   * Sends the result in a way of the platform's own, if it came from `wsgi.file_wrapper`.
   *
   * @returns true if everything has been sent, headers included; false, it is iterated over
   */
  sendfile(): Awaitable<boolean> {
    return false;
  }

  /**
   * Ends the body: sends the headers if there was none, and looks whether it was complete.
   *
   * @throws {AssertionError} if the response has not begun, or its body is shorter than its
   *   Content-Length
   */
  finishContent(): Awaitable<void> {
    if (!this.headersSent) {
      if (!this.headers) {
        // DIFFERS(30): says so; in Python it is an AttributeError of None.
        throw new AssertionError('the application returned without calling start_response()');
      }
      // DIFFERS(8): Python adds this to a HEAD, 204 or 304 response, too, where it says something
      // that is not so (RFC 9110 §8.6).
      if (this.hasBody()) this.headers.setdefault('Content-Length', '0');
      // DIFFERS(49): flushed; Python leaves a head without a body in the buffer of the transport.
      const sent = andThen(this.#sendHead(), () => this.#writeAndFlush(NOTHING));
      return andThen(sent, () => this.#checkComplete());
    }
    return this.#checkComplete();
  }

  /**
   * Closes the result and forgets the request.
   *
   * A `close()` that fails is logged: the response has been sent by then.
   */
  close(): Awaitable<void> {
    return andThen(this.#closeResult(), () => {
      this.result = this.headers = this.status = this.environ = null;
      this.headersSent = false;
      this.bytesSent = 0;
      this.#started = false;
      this.#bodyLimit = null;
      this.#closed = null;
      this.#writing = null;
    });
  }

  /** Sends the status line and the headers. */
  sendHeaders(): Awaitable<void> {
    this.cleanupHeaders();
    if (this.originServer && !this.clientIsModern()) {
      this.headersSent = true;
      return;
    }
    // DIFFERS(9): checked before the status line goes out. In Python a header that cannot be sent
    // leaves half a head behind it, and no way to an error page.
    const headers = this.headers!;
    checkNativeStrings(headers);
    this.headersSent = true;
    return andThen(this.sendPreamble(), () => this._writeHead(headers.toString()));
  }

  /** Whether the result came from `wsgi.file_wrapper`. */
  resultIsFile(): boolean {
    return this.wsgiFileWrapper !== null && this.result instanceof this.wsgiFileWrapper;
  }

  /** Whether the response has a body: not to a HEAD request, nor with a status that forbids one. */
  hasBody(): boolean {
    return !this.#isHead() && !forbidsBody(this.status!);
  }

  /**
   * Whether the client understands a status line and headers: all do but those of HTTP/0.9.
   *
   * DIFFERS(31): also one that does not say; in Python it is a KeyError, and gets no reply.
   */
  clientIsModern(): boolean {
    const protocol = this.environ?.SERVER_PROTOCOL;
    return protocol === 'HTTP/1.1' || protocol?.toUpperCase() !== 'HTTP/0.9';
  }

  /**
   * Logs an error to {@link getStderr}.
   *
   * @param excInfo the caught value
   */
  async logException(excInfo: ExcInfo): Promise<void> {
    const stderr = this.getStderr();
    await stderr?.write(formatException(excInfo, this.tracebackLimit));
    await stderr?.flush();
  }

  /**
   * Logs an error, and answers with an error page if nothing has been sent.
   *
   * @param excInfo the caught value
   */
  async handleError(excInfo: ExcInfo): Promise<void> {
    if (!(excInfo instanceof RequestError)) await this.logException(excInfo);
    // What the application has written is still on its way, and comes first.
    await this.#writing?.then(undefined, () => {});
    // Without an environ the response is over: close() has failed after it.
    if (this.headersSent || !this.environ) return;
    this.#writing = null;
    // Begun anew even if nothing can be given as `excInfo`: a promise may be rejected with undefined.
    this.#started = false;
    this.result = await this.errorOutput(
      this.environ,
      (status, headers, cause) => this.startResponse(status, headers, cause),
      excInfo,
    );
    await this.finishResponse();
  }

  /**
   * The application that makes the error page.
   *
   * It shows nothing of the error: what went wrong is nobody's business but the log's.
   *
   * @param _environ the request
   * @param startResponse begins the response
   * @param excInfo the caught value; a {@link RequestError} is answered with its own status
   * @returns the page
   */
  errorOutput(
    _environ: WSGIEnvironment,
    startResponse: StartResponse,
    excInfo: ExcInfo,
  ): Awaitable<WSGIResult> {
    const headers: HeaderList = this.errorHeaders.map(([name, value]) => [name, value]);
    if (excInfo instanceof RequestError) {
      startResponse(excInfo.status, headers, excInfo);
      return [encodeLatin1(excInfo.message)];
    }
    startResponse(this.errorStatus, headers, excInfo);
    return [this.errorBody];
  }

  /** PEP 3333, "Handling the Content-Length Header", and RFC 9112 §6.3 for what has no body. */
  #limitBody(): number {
    if (this.#bodyLimit !== null) return this.#bodyLimit;
    if (!this.hasBody()) return (this.#bodyLimit = 0);
    const contentLength = this.headers!.get('Content-Length');
    return (this.#bodyLimit = contentLength === null ? Infinity : Number(contentLength));
  }

  #isHead(): boolean {
    return this.environ?.REQUEST_METHOD === 'HEAD';
  }

  /**
   * Whether what the application yields now is thrown away, and rightly: a HEAD request wants no more
   * than the headers, and of a file no more is sent than Content-Length says (PEP 3333, "Optional
   * Platform-Specific File Handling").
   */
  #wantsNoMore(): boolean {
    return this.#isHead() || (this.#isFile && this.bytesSent >= this.#limitBody());
  }

  #writeBlock(data: Uint8Array): Awaitable<void> {
    // DIFFERS(10): an empty block sends nothing. In Python it sends the headers, so that an error
    // after it cannot change the status (PEP 3333: "the first iteration […] that yields a non-empty
    // bytestring").
    if (this.status !== null && isBytes(data) && data.length === 0) return;
    return this.write(data);
  }

  #writeFromApplication(data: Uint8Array): Awaitable<void> {
    const written = this.#writing ? this.#writing.then(() => this.write(data)) : this.write(data);
    if (!isPromiseLike(written)) return;
    // The application need not wait; finishResponse() does, and there a failure comes out.
    this.#writing = written;
    written.then(
      () => {
        if (this.#writing === written) this.#writing = null;
      },
      () => {},
    );
    return written;
  }

  #sendHead(): Awaitable<void> {
    try {
      const sent = this.sendHeaders();
      if (isPromiseLike(sent)) return sent.then(() => this.#beginBody(), throwTransportError);
    } catch (error) {
      throwTransportError(error);
    }
    this.#beginBody();
  }

  #beginBody(): void {
    this.bytesSent = 0;
  }

  #send(data: Uint8Array): Awaitable<void> {
    // DIFFERS(11): no more than Content-Length, and nothing at all where there is no body. Python
    // sends what it is given.
    const limit = this.#limitBody();
    const room = limit - this.bytesSent;
    const block = data.length > room ? data.subarray(0, room) : data;
    this.bytesSent += block.length;
    const sent = this.#writeAndFlush(block);
    if (block === data || this.#wantsNoMore()) return sent;
    return andThen(sent, () => {
      throw new AssertionError(
        forbidsBody(this.status!)
          ? `a response with the status ${repr(this.status)} has no body: return []`
          : `the application sent more than the ${limit} bytes of its Content-Length`,
      );
    });
  }

  #writeAndFlush(block: Uint8Array): Awaitable<void> {
    try {
      const written = block.length > 0 ? this._write(block) : undefined;
      const flushed = isPromiseLike(written) ? written.then(() => this._flush()) : this._flush();
      return isPromiseLike(flushed) ? flushed.then(undefined, throwTransportError) : flushed;
    } catch (error) {
      throwTransportError(error);
    }
  }

  #checkComplete(): void {
    const limit = this.#limitBody();
    if (this.bytesSent < limit && limit !== Infinity) {
      throw new AssertionError(
        `the application sent ${this.bytesSent} of the ${limit} bytes of its Content-Length`,
      );
    }
  }

  /** Closes the result, once. */
  #closeResult(): Awaitable<void> {
    const { result } = this;
    if (!result || result === this.#closed) return;
    this.#closed = result;
    const abandoned = this.#iterator;
    this.#iterator = null;
    // DIFFERS(12): one that fails is logged: the response is over. Python sends a second one behind it.
    // DIFFERS(50): also after an error, which then decides what becomes of the response. In Python the
    // second error takes the place of the first.
    const closed = closeResult(result, abandoned);
    if (!isPromiseLike(closed)) return;
    return closed.then(undefined, (error: unknown) => this.logException(error));
  }
}

/** Tells what the transport threw from what the application threw. */
function throwTransportError(error: unknown): never {
  throw asTransportError(error);
}

/** Whether a result is an array that is iterated over as arrays are. */
function isPlainArray(result: WSGIResult | null): result is WSGIResult & Uint8Array[] {
  return (
    Array.isArray(result) &&
    result[Symbol.iterator] === ITERATE_ARRAY &&
    !(Symbol.asyncIterator in result)
  );
}
