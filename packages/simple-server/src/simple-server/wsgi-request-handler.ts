import cluster from 'node:cluster';
import { ClientDisconnected, LimitedStream, RequestError, StandardError } from '@wsgiref/handlers';
import type { Awaitable, ErrorStream, InputStream, WSGIEnvironment } from '@wsgiref/types';
import { isPromiseLike, lazyVariable, unquote } from '@wsgiref/util';
import { BaseHTTPRequestHandler, RequestHeadError } from '../http-server/index.ts';
import { ChunkedReader } from '../http-server/chunked-reader.ts';
import { splitTarget } from '../http-server/request-line.ts';
import { TimeoutError } from '../socketserver/index.ts';
import { ExpectedBody } from './expected-body.ts';
import { ServerHandler } from './server-handler.ts';
import { serverVersion, sysVersion } from './versions.ts';
import type { WSGIServer } from './wsgi-server.ts';

const stderr = new StandardError();

/** Making a signal takes as long as half a request, and few applications want it. */
const addSignal = lazyVariable('wsgiref.signal');

/**
 * Makes an environ of a request, and runs the server's application for it.
 *
 * Python counterpart: `wsgiref.simple_server.WSGIRequestHandler`.
 */
export class WSGIRequestHandler extends BaseHTTPRequestHandler {
  override serverVersion: string = serverVersion;
  override sysVersion: string = sysVersion;
  /**
   * DIFFERS(33): head and first block go to the socket together; Python sends each piece by itself.
   * The application's blocks are flushed each.
   */
  override wbufsize: number = 65536;

  /** The longest body in bytes; null, any: it is read only as the application reads it. */
  maxBodySize: number | null = null;
  /** Seconds to wait for more of a body: nginx's `client_body_timeout`. */
  bodyTimeout: number | null = 60;

  declare server: WSGIServer;

  /** How many bytes of the connection came before the body. */
  #bodyStart = 0;
  /** The body, if it comes in chunks. */
  #chunks: ChunkedReader | null = null;
  /** Whether the client waits for a word before it sends the body. */
  #awaitsContinue = false;
  /** Whether the connection can serve another request, as far as the head of this one says. */
  #persistent = false;
  /** What fires `wsgiref.signal`, if the application has asked for it. */
  #controller: AbortController | null = null;

  /**
   * Reads one request, and runs the server's application for it.
   *
   * DIFFERS(56): it is called until the connection is to be closed; in Python `handle()` serves one.
   */
  override async handleOneRequest(): Promise<void> {
    try {
      // Nothing is awaited that is there: most requests come whole.
      const waiting = this.awaitRequest();
      if (isPromiseLike(waiting)) await waiting;
      const read = this.readRequest();
      if (!(isPromiseLike(read) ? await read : read)) return;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      await this.requestTimedOut(error);
      return;
    }
    const { socketReader } = this;
    this.#persistent = !this.closeConnection;
    this.#bodyStart = this.rfile.bytesRead;
    if (socketReader) socketReader.timeout = this.timeout ?? this.bodyTimeout;

    const handler = new ServerHandler(
      this.getStdin(),
      this.wfile,
      this.getStderr(),
      this.getEnviron(),
      { multithread: false, multiprocess: cluster.isWorker },
    );
    handler.requestHandler = this;
    // RFC 9112 §2.3: the version of a response is the server's own, whatever the client's.
    handler.httpVersion = this.protocolVersion.slice('HTTP/'.length);
    await handler.run(this.server.getApp()!);

    if (socketReader) socketReader.onDisconnect = null;
    // A write may have failed before the connection is closed.
    if (socketReader && this.request.errored) this.#disconnect();
    if (!handler.persistent || !this.mayPersist()) {
      this.closeConnection = true;
      return;
    }
    const hasMore = this.#chunks !== null || this.#unread() > 0;
    this.closeConnection = hasMore && !(await this.#skipBody());
    if (socketReader) socketReader.timeout = this.timeout;
  }

  /** Refuses a request whose body is too long. */
  protected override checkBody(): void {
    // HTTP/1.0 knows no transfer codings.
    if (this.protocolVersion < 'HTTP/1.1') super.checkBody();
    if (this.contentLength !== null && this.contentLength > (this.maxBodySize ?? Infinity)) {
      throw new RequestHeadError(
        413,
        'Content Too Large',
        `the body is longer than ${this.maxBodySize} bytes`,
      );
    }
  }

  /** DIFFERS(58): leaves it to the first read of `wsgi.input` to tell the client to go on. */
  override handleExpect100(): Awaitable<boolean> {
    // RFC 9110 §10.1.1: "A server MAY omit sending a 100 (Continue) response […] if the framing
    // indicates that there is no content."
    this.#awaitsContinue = this.chunked || (this.contentLength ?? 0) > 0;
    return true;
  }

  /**
   * Returns the environ of the request: everything but what `ServerHandler` adds.
   *
   * Called once a request; the object is not copied.
   */
  getEnviron(): WSGIEnvironment {
    const base = this.server.baseEnviron;
    const { path, query, authority } = splitTarget(this.path);
    // One literal that names every key: an engine keeps it in a compact form, which keys added one
    // by one do not have. `ServerHandler` fills in those of `wsgi.`.
    const environ: WSGIEnvironment = {
      SERVER_NAME: base['SERVER_NAME'] as string,
      GATEWAY_INTERFACE: base['GATEWAY_INTERFACE'],
      SERVER_PORT: base['SERVER_PORT'] as string,
      SCRIPT_NAME: base['SCRIPT_NAME'] as string,
      SERVER_PROTOCOL: this.requestVersion,
      SERVER_SOFTWARE: this.serverVersion,
      REQUEST_METHOD: this.command,
      PATH_INFO: unquote(path),
      QUERY_STRING: query,
      REMOTE_ADDR: this.clientAddress[0],
      CONTENT_LENGTH:
        this.contentLength === null
          ? (base['CONTENT_LENGTH'] as string)
          : String(this.contentLength),
      'wsgi.input': undefined as never,
      'wsgi.errors': undefined as never,
      'wsgi.version': undefined as never,
      'wsgi.run_once': false,
      'wsgi.url_scheme': 'http',
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
    };
    // DIFFERS(57): it fires if the client goes away while the request is served.
    this.#controller = null;
    addSignal(environ, () => this.#makeSignal());
    for (const key in base) if (!(key in environ)) environ[key] = base[key];
    for (const { name, value } of this.fields) addHeader(environ, name.key, value);
    if (authority !== null) environ.HTTP_HOST = authority;
    if (this.chunked) {
      // The end of the stream is the end of the body, which has no length to know before.
      environ['wsgi.input_terminated'] = true;
      delete environ.CONTENT_LENGTH;
    }
    return environ;
  }

  /** Returns where errors of the application are logged. */
  getStderr(): ErrorStream {
    return stderr;
  }

  /** Whether the connection can serve another request after this one, as it looks now. */
  mayPersist(): boolean {
    if (!this.#persistent || this.stopping) return false;
    // A client that was not told to go on may send its body all the same, or not.
    if (this.#awaitsContinue || this.#chunks?.failed) return false;
    return this.#unread() <= this.maxUnreadBody;
  }

  /** Returns the request body; without a Content-Length there is none, unless it comes in chunks. */
  protected getStdin(): InputStream {
    this.#chunks = this.chunked
      ? new ChunkedReader(this.rfile, this.maxBodySize ?? Infinity)
      : null;
    if (this.contentLength === null && !this.#chunks) return new LimitedStream(this.rfile, 0);
    const body = this.#chunks ?? this.rfile;
    return this.#awaitsContinue ? new ExpectedBody(body, () => this.#sendContinue()) : body;
  }

  #sendContinue(): Awaitable<boolean> {
    this.#awaitsContinue = false;
    return super.handleExpect100();
  }

  /** How many bytes of the body have not been read, as far as its head tells. */
  #unread(): number {
    if (this.#chunks) return 0;
    return (this.contentLength ?? 0) - (this.rfile.bytesRead - this.#bodyStart);
  }

  /**
   * Reads what the application has left of the body.
   *
   * @returns whether the next request begins there; false if that is too much, or cannot be told
   */
  async #skipBody(): Promise<boolean> {
    try {
      const unread = this.#unread();
      if (!this.#chunks) return (await this.rfile.read(unread)).length === unread;
      for (let skipped = 0; skipped <= this.maxUnreadBody;) {
        const { length } = await this.#chunks.read1();
        if (length === 0) return true;
        skipped += length;
      }
    } catch (error) {
      if (!(error instanceof RequestError || error instanceof TimeoutError)) throw error;
    }
    return false;
  }

  #makeSignal(): AbortSignal {
    const { socketReader } = this;
    this.#controller ??= new AbortController();
    if (socketReader?.disconnected) this.#disconnect();
    else if (socketReader) socketReader.onDisconnect = () => this.#disconnect();
    return this.#controller.signal;
  }

  /** An application that throws the reason of the signal ends without a word. */
  #disconnect(): void {
    this.#controller?.abort(new ClientDisconnected('the client closed the connection'));
  }
}

/** DIFFERS(28): every header, and only as itself; see `docs/differences.md`. */
function addHeader(environ: WSGIEnvironment, key: string, value: string): void {
  const present = environ[key];
  if (present === undefined) {
    if (key !== '') environ[key] = value;
  } else if (key.startsWith('HTTP_')) {
    // RFC 9110 §5.3 joins with commas; RFC 6265 §5.4 has cookies joined with semicolons.
    environ[key] = `${present as string}${key === 'HTTP_COOKIE' ? '; ' : ','}${value}`;
  }
}
