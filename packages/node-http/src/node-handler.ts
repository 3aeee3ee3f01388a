import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StandardError } from '@wsgiref/handlers';
import { BaseHandler, ClientDisconnected } from '@wsgiref/handlers/base';
import type {
  Awaitable,
  ErrorStream,
  InputStream,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { addRequestHeader, andThen, lazyVariable } from '@wsgiref/util';
import { RequestInput } from './request-input.ts';
import { locate } from './request-target.ts';
import { sendHead } from './send-head.ts';
import { untilEvent } from './until-event.ts';

/** A request of `node:http`, `node:https` or `node:http2`. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A response of `node:http`, `node:https` or `node:http2`. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** How an application is mounted. */
export interface NodeHandlerOptions {
  /**
   * The path that leads to the application, decoded and without a slash at its end, such as `/app`;
   * a request for another is answered with a 404. By default what Express, Connect and middie say of
   * where they have mounted the listener; elsewhere the root.
   */
  readonly scriptName?: string;
  /**
   * Variables for the environ, or what makes them of a request; they replace those that are there.
   * `wsgi.url_scheme` may be among them, where a proxy has taken the encryption off.
   */
  readonly environ?: EnvironSource;
  /** Where errors are logged; standard error by default. */
  readonly errors?: ErrorStream;
  /** `wsgi.multiprocess`: whether other processes serve the application, too; false by default. */
  readonly multiprocess?: boolean;
}

/** Makes variables of a request; frameworks have more in theirs than Node: a method lets them. */
interface EnvironMaker {
  make(request: NodeRequest): Readonly<Record<string, unknown>>;
}

/** Variables for an environ, or what makes them of a request. */
export type EnvironSource = Readonly<Record<string, unknown>> | EnvironMaker['make'];

const standardError = new StandardError();

const addSignal = lazyVariable('wsgiref.signal');

/** The most bytes of a last block that are sent with the end: what Node takes without having to wait. */
const MAX_KEPT = 16384;

/**
 * Runs an application for a request of Node's own servers, and of the frameworks on them.
 *
 * It has what a handler for another server needs: the five hooks of `BaseHandler`, and three methods
 * that are overridden as Node writes the head itself and has an end of its own.
 *
 * Python has no counterpart; `wsgiref.simple_server.ServerHandler` comes near.
 */
export class NodeHandler extends BaseHandler {
  override wsgiMultithread: boolean = false;
  override serverSoftware: string | null = `Node.js/${process.versions.node}`;

  /** The request. */
  readonly request: NodeRequest;
  /** The response. */
  readonly response: NodeResponse;
  /** How the application is mounted. */
  readonly options: NodeHandlerOptions;

  readonly #input: RequestInput;
  /** What fires `wsgiref.signal`, if the application has asked for it. */
  #controller: AbortController | null = null;
  /** Whether the client has gone away. */
  #gone = false;
  /** Whether the response is complete. */
  #ended = false;
  /** The block of an array that may be the last, which then goes out with the end. */
  #kept: Uint8Array | null = null;
  /** Whether Node has as much to send as it takes. */
  #full = false;

  /**
   * @param request the request
   * @param response its response, to which nothing has been written yet
   * @param options how the application is mounted
   */
  constructor(request: NodeRequest, response: NodeResponse, options: NodeHandlerOptions = {}) {
    super();
    this.request = request;
    this.response = response;
    this.options = options;
    this.wsgiMultiprocess = options.multiprocess ?? false;
    this.#input = new RequestInput(request);
  }

  override run(application: WSGIApplicationLike): Promise<void> {
    // Whoever writes is told.
    this.response.on('error', ignore);
    this.#gone = isGone(this.request, this.response);
    const served = super.run(application);
    // Without an environ everything has been done: nothing has been waited for.
    if (!this.#ended || this.environ !== null) return this.#finish(served);
    this.#input.close();
    return served;
  }

  override addCgiVars(): void {
    const { request, options } = this;
    const socket: Socket = request.socket;
    const scheme = this.getScheme();
    // One literal that names every key: an engine keeps it in a compact form. `BaseHandler` fills in
    // those of `wsgi.`. Without SCRIPT_NAME and PATH_INFO the target is at fault.
    const environ: WSGIEnvironment = {
      GATEWAY_INTERFACE: 'CGI/1.1',
      REQUEST_METHOD: request.method!,
      SCRIPT_NAME: '',
      PATH_INFO: '',
      QUERY_STRING: '',
      REQUEST_URI: request.url,
      SERVER_NAME: hostOf(socket.localAddress) ?? 'localhost',
      SERVER_PORT: String(socket.localPort ?? (scheme === 'https' ? 443 : 80)),
      SERVER_PROTOCOL: `HTTP/${request.httpVersion}`,
      'wsgi.input': undefined as never,
      'wsgi.errors': undefined as never,
      'wsgi.version': undefined as never,
      'wsgi.run_once': false,
      'wsgi.url_scheme': scheme,
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
      // Node ends the body where it ends, whatever delimits it; a coding has been undone.
      'wsgi.input_terminated': true,
    };
    this.environ = environ;
    if (socket.remoteAddress !== undefined) environ['REMOTE_ADDR'] = socket.remoteAddress;
    const target = locate(request, options.scriptName ?? null);
    environ.SCRIPT_NAME = target.scriptName;
    environ.PATH_INFO = target.pathInfo;
    environ.QUERY_STRING = target.query;
    environ['REQUEST_URI'] = target.uri;
    addHeaders(environ, request.rawHeaders, target.authority);
    for (const key in this.osEnviron) environ[key] ??= this.osEnviron[key];
    addSignal(environ, () => this.#signal());
    const { environ: more } = options;
    Object.assign(environ, typeof more === 'function' ? more(request) : more);
  }

  override getStdin(): InputStream {
    return this.#input;
  }

  override getStderr(): ErrorStream {
    return this.options.errors ?? standardError;
  }

  override getScheme(): string {
    const given = this.environ?.['wsgi.url_scheme'];
    if (given !== undefined) return given;
    return (this.request.socket as Partial<TLSSocket>).encrypted ? 'https' : 'http';
  }

  /** Node writes the head; `Date` and how the body is delimited are its business. */
  override sendHeaders(): void {
    this.cleanupHeaders();
    sendHead(this.response, this.status!, this.headers!.items());
    this.headersSent = true;
  }

  override _write(data: Uint8Array): void {
    if (this.#gone) throw disconnected();
    this.#send();
    // Node sends in one piece what it is given with the end.
    if (data.length <= MAX_KEPT && Array.isArray(this.result)) this.#kept = data;
    else this.#full = !this.#writable.write(data);
  }

  override _flush(): Awaitable<void> {
    if (this.#full) return this.#drain();
    // PEP 3333, "Buffering and Streaming": a block is on its way before the next is computed. Those
    // of an array are there already.
    if (!Array.isArray(this.result)) return nextTurn();
  }

  override finishContent(): Awaitable<void> {
    return andThen(super.finishContent(), () => this.#end());
  }

  /** A method of each type is one of neither for the compiler. */
  get #writable(): ServerResponse {
    return this.response as ServerResponse;
  }

  /** Waits for what is not done yet. */
  async #finish(served: Promise<void>): Promise<void> {
    const { response } = this;
    const onClose = (): void => {
      if (!this.#ended) this.#disconnect();
    };
    response.on('close', onClose);
    try {
      await served;
    } finally {
      response.off('close', onClose);
      if (!this.#ended) await this.#breakOff();
      this.#input.close();
    }
  }

  /** Makes the signal that tells the application that the client has gone away. */
  #signal(): AbortSignal {
    const controller = (this.#controller = new AbortController());
    if (this.#gone) this.#disconnect();
    return controller.signal;
  }

  #disconnect(): void {
    this.#gone = true;
    this.#controller?.abort(disconnected());
  }

  /** Sends the block that has been kept. */
  #send(): void {
    if (this.#kept) this.#full = !this.#writable.write(this.#kept);
    this.#kept = null;
  }

  #end(): void {
    this.#ended = true;
    if (this.#kept) this.#writable.end(this.#kept);
    else this.#writable.end();
  }

  async #drain(): Promise<void> {
    await untilEvent(this.response, ['drain', 'close']);
    if (this.#gone) throw disconnected();
    this.#full = false;
  }

  /** Ends a response that an error has ended; the client sees if something is missing. */
  async #breakOff(): Promise<void> {
    const { response } = this;
    if (this.#isComplete()) {
      this.#end();
      return;
    }
    if (this.headersSent && !this.#gone) {
      this.#send();
      if (!('stream' in response)) response.flushHeaders();
      await nextTurn();
    }
    if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else response.destroy();
  }

  /** Whether everything has been sent that the head has announced. */
  #isComplete(): boolean {
    if (!this.headersSent) return false;
    if (this.request.method === 'HEAD' || /^(?:204|205|304)/.test(this.status!)) return true;
    return Number(this.headers!.get('Content-Length', NaN)) === this.bytesSent;
  }
}

function addHeaders(
  environ: WSGIEnvironment,
  rawHeaders: readonly string[],
  targetAuthority: string | null,
): void {
  let authority = targetAuthority;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    // RFC 9113 §8.3.1: what is the request line in HTTP/1; its authority comes before a Host.
    if (!name.startsWith(':')) addRequestHeader(environ, name, value);
    else if (name === ':authority') authority = value;
  }
  if (authority !== null) environ.HTTP_HOST = authority;
}

/** An address as a URL has it: an IPv6 address in brackets, an IPv4 address without disguise. */
function hostOf(address: string | undefined): string | undefined {
  const plain = address?.replace(/^::ffff:(?=[0-9.]+$)/, '');
  return plain?.includes(':') ? `[${plain}]` : plain;
}

/** Whether the client has gone away before the application was called. */
function isGone(request: NodeRequest, response: NodeResponse): boolean {
  return response.destroyed || (request.destroyed && !request.readableEnded);
}

function disconnected(): ClientDisconnected {
  return new ClientDisconnected('the client closed the connection');
}

/** A turn of the event loop, after which Node has handed to the system what it was given. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ignore(): void {}
