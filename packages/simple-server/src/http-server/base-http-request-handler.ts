import { format as fill } from 'node:util';
import { Headers } from '@wsgiref/headers';
import { formatDateTime, StandardError } from '@wsgiref/handlers';
import type { Awaitable, HeaderList } from '@wsgiref/types';
import { andThen, encodeLatin1, repr } from '@wsgiref/util';
import { StreamRequestHandler, TimeoutError } from '../socketserver/index.ts';
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  formatErrorPage,
} from './error-page.ts';
import { decode, readHeaderBlock } from './read-header-block.ts';
import { checkFraming, MAX_LINE, parseHeaderLines, parseRequestLine } from './request-head.ts';
import { RequestHeadError } from './request-head-error.ts';
import { responses } from './responses.ts';

const stderr = new StandardError();

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

  // The state of the request.

  /** The first line as it came. */
  rawRequestline: Uint8Array = new Uint8Array(0);
  /** The first line, without its end. */
  requestline: string = '';
  /** The method. */
  command: string = '';
  /** The target as it came, but for repeated slashes at its beginning. */
  path: string = '';
  /** The version, such as `HTTP/1.0`. */
  requestVersion: string = '';
  /** The headers in their order, names as they came. */
  headerList: HeaderList = [];
  /** The length of the body in bytes; null if there is none. */
  contentLength: number | null = null;
  /** Whether the connection is closed after this request. */
  closeConnection: boolean = true;

  #headers: Headers | null = null;
  #headersBuffer = '';

  /** The headers, looked up by name. */
  get headers(): Headers {
    return (this.#headers ??= new Headers(this.headerList));
  }

  /** Serves requests until the connection is to be closed. */
  override async handle(): Promise<void> {
    this.closeConnection = true;
    do await this.handleOneRequest();
    while (!this.closeConnection);
  }

  /** Reads one request, and calls the method of its name. */
  async handleOneRequest(): Promise<void> {
    try {
      if (!(await this.readRequest())) return;
      const responder = (this as Record<string, unknown>)[`do${this.command}`];
      if (typeof responder !== 'function') {
        await this.sendError(501, `Unsupported method (${repr(this.command)})`);
        return;
      }
      await (responder as Responder).call(this);
      await this.wfile.flush();
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      this.requestTimedOut(error);
    }
  }

  /**
   * Reads a request line into {@link rawRequestline}, and the rest of the head.
   *
   * @returns whether there is a request to serve; if not, an error has been sent, unless the client
   *   has sent nothing
   */
  protected async readRequest(): Promise<boolean> {
    this.rawRequestline = await this.rfile.readline(MAX_LINE + 1);
    if (this.rawRequestline.length > MAX_LINE) {
      this.requestline = this.requestVersion = this.command = '';
      await this.sendError(414);
      return false;
    }
    if (this.rawRequestline.length === 0) {
      this.closeConnection = true;
      return false;
    }
    return this.parseRequest();
  }

  /** Logs that the client took too long, and gives it up. */
  protected requestTimedOut(error: TimeoutError): void {
    this.logError('Request timed out: %s', repr(error));
    this.closeConnection = true;
  }

  /**
   * Parses {@link rawRequestline}, and reads and parses the headers.
   *
   * @returns whether there is a request to serve; if not, an error has been sent, unless the line is
   *   blank
   */
  async parseRequest(): Promise<boolean> {
    this.command = '';
    this.requestVersion = this.defaultRequestVersion;
    this.closeConnection = true;
    const line = decode(this.rawRequestline);
    this.requestline = stripLineEnd(line);
    if (this.requestline.trim() === '') return false;
    try {
      if (!line.endsWith('\n')) throw new RequestHeadError(400, 'Incomplete request head');
      const { method, target, version } = parseRequestLine(this.requestline);
      this.command = method;
      this.path = target;
      const isSimple = !this.requestline.endsWith(` ${version}`);
      this.requestVersion = isSimple ? this.defaultRequestVersion : version;
      const block = isSimple ? '\n' : await readHeaderBlock(this.rfile);
      this.headerList = parseHeaderLines(block);
      this.#headers = null;
      this.contentLength = checkFraming(version, this.headerList).contentLength;
      if (isSimple) return true;
    } catch (error) {
      if (!(error instanceof RequestHeadError)) throw error;
      // A client that gets it wrong is answered in full, whatever version it failed to ask for.
      this.requestVersion = this.protocolVersion;
      await this.sendError(error.code, error.message, error.explain);
      return false;
    }
    this.#decideConnection();
    return this.#expectsContinue() ? this.handleExpect100() : true;
  }

  #decideConnection(): void {
    // Before HTTP/1.1 the connection is closed in any case, as it is set to be.
    if (this.protocolVersion < 'HTTP/1.1') return;
    const connection = this.headers.get('Connection')?.toLowerCase();
    if (connection === 'close') return;
    if (this.requestVersion >= 'HTTP/1.1' || connection === 'keep-alive') {
      this.closeConnection = false;
    }
  }

  #expectsContinue(): boolean {
    return (
      this.protocolVersion >= 'HTTP/1.1' &&
      this.requestVersion >= 'HTTP/1.1' &&
      this.headers.get('Expect')?.toLowerCase() === '100-continue'
    );
  }

  /**
   * Tells the client to go on and send the body.
   *
   * @returns whether to serve the request; if not, a final response has been sent
   */
  async handleExpect100(): Promise<boolean> {
    this.sendResponseOnly(100);
    await this.endHeaders();
    // The client waits for it before it sends the body.
    await this.wfile.flush();
    return true;
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

/** A regular expression would take a time that grows with the square of the length. */
function stripLineEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\n' || line[end - 1] === '\r') end--;
  return line.slice(0, end);
}

function escapeControl(character: string): string {
  if (character === '\\') return '\\\\';
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
