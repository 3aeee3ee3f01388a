import { format as fill } from 'node:util';
import { Headers } from '@wsgiref/headers';
import { formatDateTime, StandardError } from '@wsgiref/handlers';
import type { Awaitable } from '@wsgiref/types';
import { andThen, decodeLatin1, encodeLatin1, isPromiseLike, repr } from '@wsgiref/util';
import { StreamRequestHandler, TimeoutError } from '../socketserver/index.ts';
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  formatErrorPage,
} from './error-page.ts';
import { parseFraming } from './framing.ts';
import { CR, LF, MAX_LINE } from './grammar.ts';
import {
  type Field,
  headerList,
  type HeadLimits,
  MAX_HEAD,
  MAX_HEADERS,
  NO_LINES,
  parseHeaderLines,
  type Text,
} from './header-lines.ts';
import { readHeaderBlock, readWholeHead } from './read-header-block.ts';
import { parseRequestLine, stripLineEnd } from './request-line.ts';
import { RequestHeadError } from './request-head-error.ts';
import { responses } from './responses.ts';

const stderr = new StandardError();

const NO_FIELDS: readonly Field[] = [];

/** What a method `doGET` and the like of a subclass look like. */
type Responder = () => Awaitable<void>;

/**
 * Reads HTTP requests and calls a method for each: `doGET()`, `doPOST()`, and so on.
 *
 * Python counterpart: `http.server.BaseHTTPRequestHandler`.
 *
 * @example
 * ```ts no-run
 * import { BaseHTTPRequestHandler, HTTPServer } from '@wsgiref/simple-server/http-server';
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   async doGET() {
 *     this.sendResponse(200);
 *     this.sendHeader('Content-Type', 'text/plain');
 *     await this.endHeaders();
 *     await this.wfile.write(Buffer.from('hello'));
 *   }
 * }
 * const httpd = new HTTPServer(['127.0.0.1', 8000], Hello);
 * await httpd.serverBind();
 * await httpd.serveForever();
 * ```
 */
export class BaseHTTPRequestHandler extends StreamRequestHandler {
  /** What the server runs on, for the `Server` header. */
  sysVersion: string = `Node.js/${process.versions.node}`;
  /** What the server is, for the `Server` header. */
  serverVersion: string = 'BaseHTTP/0.6';
  /** The page of {@link sendError}; `%(code)d`, `%(message)s` and `%(explain)s` are filled in. */
  errorMessageFormat: string = DEFAULT_ERROR_MESSAGE;
  /** The media type of that page. */
  errorContentType: string = DEFAULT_ERROR_CONTENT_TYPE;
  /** The version of a request that does not say. */
  defaultRequestVersion: string = 'HTTP/0.9';
  /** The version that the server speaks. */
  protocolVersion: string = 'HTTP/1.0';
  /** Reason phrases and their explanations, by status code. */
  responses: ReadonlyMap<number, readonly [phrase: string, explanation: string]> = responses;

  // What a client may cost. Sizes are in bytes, times in seconds.

  /** The most header lines: CPython's limit. */
  maxHeaders: number = MAX_HEADERS;
  /** The longest request head: that of waitress. */
  maxHeadSize: number = MAX_HEAD;
  /** The time for a request head to arrive, from its first byte on: that of Node and nginx. */
  headTimeout: number | null = 60;
  /** The time that a client may take nothing of what has been written: nginx's `send_timeout`. */
  override writeTimeout: number | null = 60;
  /** The time that a connection may stay open between two requests: Node's. */
  keepAliveTimeout: number | null = 5;
  /** How much of an unread body is read for the sake of the next request: Go's limit. */
  maxUnreadBody: number = 262_144;

  // The state of the request.

  /** The first line, without its end. */
  requestline: string = '';
  /** The method. */
  command: string = '';
  /** The target as it came, but for repeated slashes at its beginning. */
  path: string = '';
  /** The version, such as `HTTP/1.0`. */
  requestVersion: string = '';
  /** The header lines, as the parser has them. */
  protected fields: readonly Field[] = NO_FIELDS;
  /** The length of the body in bytes; null if the request does not say. */
  contentLength: number | null = null;
  /** Whether the body comes in chunks; only `WSGIRequestHandler` serves those. */
  chunked: boolean = false;
  /** Whether the connection is closed after this request. */
  closeConnection: boolean = true;

  /** The first line with its end. */
  #line = '';
  /** The header lines, if they have come together with it. */
  #block: Text | null = null;
  #headers: Headers | null = null;
  #headersBuffer = '';
  /** How many requests have been waited for. */
  #requests = 0;
  #phase: 'waiting' | 'head' | 'serving' = 'waiting';
  /** Whether the server shuts down. */
  protected stopping: boolean = false;

  /** The first line as it came, with its end. */
  get rawRequestline(): Uint8Array {
    return encodeLatin1(this.#line);
  }

  set rawRequestline(line: Uint8Array) {
    this.#line = decodeLatin1(line);
    this.#block = null;
  }

  /** The headers in their order, names as they came. */
  get headers(): Headers {
    return (this.#headers ??= new Headers(headerList(this.fields)));
  }

  /** Serves requests until the connection is to be closed. */
  override async handle(): Promise<void> {
    this.closeConnection = true;
    do await this.handleOneRequest();
    while (!this.closeConnection);
  }

  /** Lets the request that is being served be the last; between requests, none begin. */
  override stop(): void {
    this.stopping = true;
    this.closeConnection = true;
    // A client that has just connected is about to send its request.
    if (this.#phase === 'waiting' && this.#requests > 1) this.socketReader?.interrupt();
  }

  /** Reads one request, and calls the method of its name. */
  async handleOneRequest(): Promise<void> {
    try {
      await this.awaitRequest();
      if (!(await this.readRequest())) return;
      const responder = (this as Record<string, unknown>)[`do${this.command}`];
      if (typeof responder !== 'function') {
        await this.sendError(501, `Unsupported method (${repr(this.command)})`);
        return;
      }
      const bodyStart = this.rfile.bytesRead;
      await (responder as Responder).call(this);
      await this.wfile.flush();
      // DIFFERS(54): what the method has left of the body is no request.
      const unread = (this.contentLength ?? 0) - (this.rfile.bytesRead - bodyStart);
      if (unread > 0 && !this.closeConnection) await this.#skipBody(unread);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      await this.requestTimedOut(error);
    }
  }

  /** Waits for the first byte of a request: of the first one as long as for a head. */
  protected awaitRequest(): Awaitable<void> {
    this.#phase = 'waiting';
    this.sendsNoMore = false;
    // An idle connection keeps nothing of what it has served: each of these may hold the whole head.
    this.#line = this.requestline = this.path = '';
    this.#block = this.#headers = null;
    this.fields = NO_FIELDS;
    const { socketReader } = this;
    socketReader?.expireAfter(this.#requests === 0 ? this.headTimeout : this.keepAliveTimeout);
    this.#requests++;
    return socketReader?.awaitData();
  }

  /**
   * Reads a request line into {@link rawRequestline}, and the rest of the head.
   *
   * @returns whether there is a request to serve; if not, an error has been sent, unless the client
   *   has sent nothing
   */
  protected readRequest(): Awaitable<boolean> {
    const { rfile } = this;
    this.requestline = this.requestVersion = this.command = '';
    this.#phase = 'head';
    const whole = readWholeHead(rfile);
    if (whole && whole.line.length <= MAX_LINE) {
      this.#line = whole.line;
      this.#block = whole.block;
      return andThen(this.parseRequest(), (isRequest) => this.#endHead(isRequest));
    }
    this.socketReader?.expireAfter(this.headTimeout);
    return andThen(rfile.readline(MAX_LINE + 1), (line) => {
      // DIFFERS(59): RFC 9112 §2.2: "a server that is expecting to receive and parse a request-line
      // SHOULD ignore at least one empty line (CRLF) received prior to the request-line."
      if (isBlank(line) && this.protocolVersion >= 'HTTP/1.1') {
        return andThen(rfile.readline(MAX_LINE + 1), (next) => this.#readRest(next));
      }
      return this.#readRest(line);
    });
  }

  #readRest(line: Uint8Array): Awaitable<boolean> {
    this.rawRequestline = line;
    if (line.length > MAX_LINE) return andThen(this.sendError(414), () => false);
    if (line.length === 0) {
      this.closeConnection = true;
      return false;
    }
    return andThen(this.parseRequest(), (isRequest) => this.#endHead(isRequest));
  }

  #endHead(isRequest: boolean): boolean {
    this.socketReader?.expireAfter(null);
    this.#phase = 'serving';
    return isRequest;
  }

  async #skipBody(unread: number): Promise<void> {
    if (unread > this.maxUnreadBody) this.closeConnection = true;
    else await this.rfile.read(unread);
  }

  /**
   * DIFFERS(27): gives up a client that took too long; one of `wsgiref` ends in a traceback.
   *
   * @param error what the wait ended with
   */
  protected requestTimedOut(error: TimeoutError): Awaitable<void> {
    this.closeConnection = true;
    if (!this.socketReader?.expired) {
      this.logError('Request timed out: %s', repr(error));
    } else if (this.#phase === 'head') {
      // DIFFERS(56): RFC 9110 §15.5.9; in Python a head may take as long as it likes.
      return this.#sendInFull(408);
    }
  }

  /**
   * Parses {@link rawRequestline}, and reads and parses the headers.
   *
   * @returns whether there is a request to serve; if not, an error has been sent, unless the line is
   *   blank and the server's version is HTTP/1.0
   */
  parseRequest(): Awaitable<boolean> {
    this.command = '';
    this.requestVersion = this.defaultRequestVersion;
    this.closeConnection = true;
    const line = this.#line;
    this.requestline = stripLineEnd(line);
    // DIFFERS(59): with HTTP/1.1 every line but the one that is skipped gets an answer.
    if (this.protocolVersion < 'HTTP/1.1' && this.requestline.trim() === '') return false;
    try {
      if (!line.endsWith('\n')) throw new RequestHeadError(400, 'Incomplete request head');
      const { method, target, version } = parseRequestLine(this.requestline);
      this.command = method;
      this.path = target;
      // RFC 1945 §5: a request of HTTP/0.9 is a line and nothing more.
      const isSimple = !this.requestline.endsWith(` ${version}`);
      this.requestVersion = isSimple ? this.defaultRequestVersion : version;
      // DIFFERS(55): the head as a whole has a limit.
      const limits = {
        maxHeaders: this.maxHeaders,
        maxHeadSize: this.maxHeadSize - line.length,
      };
      const block = isSimple ? NO_LINES : (this.#block ?? readHeaderBlock(this.rfile, limits));
      if (!isPromiseLike(block)) return this.#parseHeaders(version, block, limits);
      return block
        .then((lines) => this.#parseHeaders(version, lines, limits))
        .then(undefined, (error: unknown) => this.#refuse(error));
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #parseHeaders(version: string, block: Text, limits: HeadLimits): Awaitable<boolean> {
    this.fields = parseHeaderLines(block, limits);
    this.#headers = null;
    const framing = parseFraming(version, this.fields);
    this.contentLength = framing.contentLength;
    this.chunked = framing.chunked;
    // RFC 9112 §9.6: "A client that sends a "close" connection option MUST NOT send further requests on
    // that connection"; §2.2: after a body old clients may send a line end too many.
    const hasBody = this.chunked || (this.contentLength ?? 0) > 0;
    this.sendsNoMore = !framing.persistent && !hasBody && this.requestVersion !== 'HTTP/0.9';
    this.checkBody();
    // Before HTTP/1.1 the connection is closed in any case.
    if (this.protocolVersion < 'HTTP/1.1' || this.requestVersion === 'HTTP/0.9') return true;
    this.closeConnection = !framing.persistent || this.stopping;
    return framing.expectsContinue ? this.handleExpect100() : true;
  }

  #refuse(error: unknown): Awaitable<boolean> {
    if (!(error instanceof RequestHeadError)) throw error;
    return andThen(this.#sendInFull(error.code, error.message, error.explain), () => false);
  }

  /** A client that gets it wrong is answered in full, whatever version it has asked for. */
  #sendInFull(code: number, message?: string, explain?: string): Awaitable<void> {
    this.requestVersion = this.protocolVersion;
    return this.sendError(code, message, explain);
  }

  /**
   * Refuses a request for the body that it announces.
   *
   * @throws {RequestHeadError} 501 if it comes in chunks, which are nothing to a `doPOST()`
   */
  protected checkBody(): void {
    if (this.chunked) throw new RequestHeadError(501, "Unsupported transfer coding ('chunked')");
  }

  /**
   * Tells the client to go on and send the body.
   *
   * @returns whether to serve the request; if not, a final response has been sent
   */
  handleExpect100(): Awaitable<boolean> {
    this.sendResponseOnly(100);
    // The client waits for it before it sends the body.
    return andThen(this.endHeaders(), () => andThen(this.wfile.flush(), () => true));
  }

  /**
   * Sends an error page, and closes the connection.
   *
   * @param code the status code
   * @param message the reason phrase; by default that of the code
   * @param explain what is wrong at greater length; by default the explanation of the code
   */
  sendError(code: number, message?: string | null, explain?: string | null): Awaitable<void> {
    const [phrase, explanation] = this.responses.get(code) ?? ['???', '???'];
    const reason = message ?? phrase;
    this.logError('code %d, message %s', code, reason);
    this.sendResponse(code, reason);
    this.sendHeader('Connection', 'close');
    let page: Buffer | null = null;
    // RFC 9110 §15: these have no content.
    if (code >= 200 && code !== 204 && code !== 205 && code !== 304) {
      page = Buffer.from(
        formatErrorPage(this.errorMessageFormat, {
          code,
          message: reason,
          explain: explain ?? explanation,
        }),
      );
      this.sendHeader('Content-Type', this.errorContentType);
      this.sendHeader('Content-Length', String(page.length));
    }
    return andThen(this.endHeaders(), () => {
      if (page && this.command !== 'HEAD') return this.wfile.write(page);
    });
  }

  /**
   * Begins a response with its status line, `Server` and `Date`; it is kept for {@link endHeaders}.
   *
   * @param code the status code
   * @param message the reason phrase; by default that of the code
   */
  sendResponse(code: number, message?: string | null): void {
    this.logRequest(code);
    this.sendResponseOnly(code, message);
    this.sendHeader('Server', this.versionString());
    this.sendHeader('Date', this.dateTimeString());
  }

  /**
   * Begins a response with its status line alone; it is kept for {@link endHeaders}.
   *
   * @param code the status code
   * @param message the reason phrase; by default that of the code
   */
  sendResponseOnly(code: number, message?: string | null): void {
    if (this.requestVersion === 'HTTP/0.9') return;
    const reason = message ?? this.responses.get(code)?.[0] ?? '';
    this.#headersBuffer += `${this.protocolVersion} ${code} ${reason}\r\n`;
  }

  /**
   * Adds a header; it is kept for {@link endHeaders}.
   *
   * @param keyword the name
   * @param value the value; it is not checked
   */
  sendHeader(keyword: string, value: string): void {
    if (this.requestVersion !== 'HTTP/0.9') this.#headersBuffer += `${keyword}: ${value}\r\n`;
    if (keyword.toLowerCase() !== 'connection') return;
    if (value.toLowerCase() === 'close') this.closeConnection = true;
    else if (value.toLowerCase() === 'keep-alive') this.closeConnection = false;
  }

  /** Ends the headers and sends them. */
  endHeaders(): Awaitable<void> {
    if (this.requestVersion === 'HTTP/0.9') return;
    this.#headersBuffer += '\r\n';
    return this.flushHeaders();
  }

  /** Sends what has been kept of the response. */
  flushHeaders(): Awaitable<void> {
    if (this.#headersBuffer === '') return;
    const block = encodeLatin1(this.#headersBuffer);
    this.#headersBuffer = '';
    return this.wfile.write(block);
  }

  /**
   * Logs a request that is being answered.
   *
   * @param code the status code
   * @param size the size of the response in bytes
   */
  logRequest(code: number | string = '-', size: number | string = '-'): void {
    this.logMessage('"%s" %s %s', this.requestline, code, size);
  }

  /**
   * Logs an error.
   *
   * @param format a text with `%s` and `%d` in it
   * @param args what to put in their places
   */
  logError(format: string, ...args: unknown[]): void {
    this.logMessage(format, ...args);
  }

  /**
   * Writes a line to standard error: who, when, what. Control characters are escaped.
   *
   * @param format a text with `%s` and `%d` in it
   * @param args what to put in their places
   */
  logMessage(format: string, ...args: unknown[]): void {
    const message = fill(format, ...args).replace(/[\x00-\x1f\x7f-\x9f\\]/g, escapeControl);
    stderr.write(`${this.addressString()} - - [${this.logDateTimeString()}] ${message}\n`);
  }

  /** Returns the value of the `Server` header. */
  versionString(): string {
    return `${this.serverVersion} ${this.sysVersion}`;
  }

  /**
   * Returns a time as HTTP dates are.
   *
   * @param timestamp seconds since 1970; by default now
   */
  dateTimeString(timestamp: number | null = null): string {
    return formatDateTime(timestamp ?? Date.now() / 1000);
  }

  /** Returns the current local time as it stands in the log. */
  logDateTimeString(): string {
    const now = new Date();
    const [day, month] = [String(now.getDate()).padStart(2, '0'), MONTH_NAME[now.getMonth()]!];
    return `${day}/${month}/${now.getFullYear()} ${now.toTimeString().slice(0, 8)}`;
  }

  /** Returns the client's address as it stands in the log; no name server is asked. */
  addressString(): string {
    return this.clientAddress[0];
  }
}

const MONTH_NAME = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

function isBlank(line: Uint8Array): boolean {
  return line[0] === LF || (line[0] === CR && line[1] === LF);
}

function escapeControl(character: string): string {
  if (character === '\\') return '\\\\';
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
