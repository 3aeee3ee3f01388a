import { BaseHandler, ClientDisconnected, RequestError } from '@wsgiref/handlers/base';
import type {
  Awaitable,
  ErrorStream,
  InputStream,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import {
  addRequestHeader,
  andThen,
  AssertionError,
  concatBytes,
  repr,
  unquote,
} from '@wsgiref/util';
import { ConsoleErrors } from './console-errors.ts';
import { FetchInput } from './fetch-input.ts';
import { ResponseStream } from './response-stream.ts';

/** How an application is mounted. */
export interface FetchHandlerOptions {
  /**
   * The path that leads to the application, decoded and without a slash at its end, such as `/app`;
   * a request for another is answered with a 404. By default the root.
   */
  readonly scriptName?: string;
  /** Variables for the environ; they replace those that are there. */
  readonly environ?: Readonly<Record<string, unknown>>;
  /** Where errors are logged; the console by default. */
  readonly errors?: ErrorStream;
}

/** Answers a client that has gone away: nobody sees it but the host's log. */
const GONE: ResponseInit = { status: 499, statusText: 'Client Closed Request' };

/** Statuses of responses that can have no body in the Fetch model ("null body status"). */
const NULL_BODY = /^(?:204|205|304)/;

/**
 * Runs an application for a `Request`, and makes a `Response` of what it sends.
 *
 * Python has no counterpart.
 */
export class FetchHandler extends BaseHandler {
  override wsgiMultithread: boolean = false;
  override wsgiMultiprocess: boolean = false;

  /** The request. */
  readonly request: Request;
  /** How the application is mounted. */
  readonly options: FetchHandlerOptions;

  /** Tells the application that the client has gone away: `wsgiref.signal`. */
  readonly #disconnected = new AbortController();
  readonly #input: FetchInput;
  /** Given to whoever waits for the response; null once there is one. */
  #respond: ((response: Response) => void) | null = null;
  /** Status and headers of the response. */
  #head: ResponseInit = {};
  /** The blocks of a body that was there at once, or of none: it needs no stream. */
  #blocks: Uint8Array[] | null = null;
  /** The body that comes by and by. */
  #stream: ResponseStream | null = null;
  #ended = false;

  /**
   * @param request the request, whose body has not been read yet
   * @param options how the application is mounted
   */
  constructor(request: Request, options: FetchHandlerOptions = {}) {
    super();
    this.request = request;
    this.options = options;
    this.#input = new FetchInput(request);
  }

  /**
   * Has an application answer the request.
   *
   * @param application an application of any form
   * @returns the response, as soon as its head is known; the application goes on while the body is
   *   read
   * @throws what fails while an error is being handled
   */
  respond(application: WSGIApplicationLike): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#respond = resolve;
      // A client that has gone away sees none; the host wants one all the same.
      this.run(application).then(() => this.#respond?.(new Response(null, GONE)), reject);
    });
  }

  override async run(application: WSGIApplicationLike): Promise<void> {
    const { signal } = this.request;
    const onAbort = (): void => this.#disconnect(signal.reason);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    try {
      await super.run(application);
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (!this.#ended) await this.#breakOff();
      this.#input.close();
    }
  }

  override addCgiVars(): void {
    const { request, options } = this;
    const environ = this.environ!;
    const url = new URL(request.url);
    environ.REQUEST_METHOD = request.method;
    environ.SERVER_PROTOCOL = 'HTTP/1.1';
    environ.SERVER_NAME = url.hostname || 'localhost';
    environ.SERVER_PORT = url.port || (url.protocol === 'https:' ? '443' : '80');
    environ.QUERY_STRING = url.search.slice(1);
    environ['wsgi.url_scheme'] = url.protocol.slice(0, -1);
    for (const [name, value] of request.headers) addRequestHeader(environ, name, value);
    environ.HTTP_HOST ??= url.host;
    // The stream ends where the body does.
    environ['wsgi.input_terminated'] = true;
    environ['wsgiref.signal'] = this.#disconnected.signal;
    addPath(environ, unquote(url.pathname), options.scriptName ?? '');
    Object.assign(environ, options.environ);
  }

  override getStdin(): InputStream {
    return this.#input;
  }

  override getStderr(): ErrorStream {
    return this.options.errors ?? new ConsoleErrors();
  }

  override getScheme(): string {
    return this.environ!['wsgi.url_scheme'];
  }

  /** The head becomes a `Response`: at once, unless the whole body is about to come. */
  override sendHeaders(): void {
    this.#checkConnection();
    this.cleanupHeaders();
    const code = Number(this.status!.slice(0, 3));
    if (code < 200 || code > 599) {
      throw new AssertionError(
        `a Response cannot have the status ${repr(this.status)}: 200 to 599`,
      );
    }
    this.#head = {
      status: code,
      statusText: this.status!.slice(4),
      headers: new Headers(this.headers!.items()),
    };
    if (this.#isBodyless() || Array.isArray(this.result)) this.#blocks = [];
    else this.#startStream();
    this.headersSent = true;
  }

  override _write(data: Uint8Array): Awaitable<void> {
    this.#checkConnection();
    if (this.#blocks) this.#blocks.push(data);
    else return this.#stream!.write(data);
  }

  override _flush(): Awaitable<void> {
    // PEP 3333, "Buffering and Streaming": the host has dealt with a block when it asks for the next.
    return this.#stream?.untilWanted();
  }

  override finishContent(): Awaitable<void> {
    return andThen(super.finishContent(), () => this.#end());
  }

  #checkConnection(): void {
    if (this.#disconnected.signal.aborted) throw new ClientDisconnected('the client went away');
  }

  #startStream(): void {
    this.#stream = new ResponseStream((reason) => this.#disconnect(reason));
    this.#send(this.#stream.stream);
  }

  #end(): void {
    this.#ended = true;
    if (this.#blocks) this.#send(this.#isBodyless() ? null : concatBytes(this.#blocks));
    else this.#stream!.end();
  }

  #send(body: Uint8Array | ReadableStream<Uint8Array> | null): void {
    this.#respond?.(new Response(body as ConstructorParameters<typeof Response>[0], this.#head));
    this.#respond = null;
  }

  #disconnect(reason: unknown): void {
    if (this.#ended) return;
    this.#disconnected.abort(new ClientDisconnected('the client went away', { cause: reason }));
    this.#stream?.abandon();
  }

  /** Ends a response that an error has ended; the host sees if something is missing. */
  async #breakOff(): Promise<void> {
    if (this.headersSent && !this.#disconnected.signal.aborted) {
      if (this.#isComplete()) {
        this.#end();
        return;
      }
      await this.#sendBlocks();
    }
    this.#stream?.fail(new Error('the application has failed in the middle of its response'));
  }

  /** Sends what was there before the error. */
  async #sendBlocks(): Promise<void> {
    if (!this.#blocks) return;
    const blocks = this.#blocks;
    this.#startStream();
    try {
      for (const block of blocks) await this.#stream!.write(block);
    } catch {
      // The host wants no more.
    }
  }

  /** Whether everything has been sent that the head has announced. */
  #isComplete(): boolean {
    if (this.#isBodyless()) return true;
    return Number(this.headers!.get('Content-Length', NaN)) === this.bytesSent;
  }

  /** Whether the body of the response is null, which is another thing than an empty one. */
  #isBodyless(): boolean {
    return this.request.method === 'HEAD' || NULL_BODY.test(this.status!);
  }
}

/** PEP 3333, "`environ` Variables": SCRIPT_NAME, and the rest of the path. */
function addPath(environ: WSGIEnvironment, path: string, scriptName: string): void {
  environ.SCRIPT_NAME = scriptName;
  environ.PATH_INFO = '';
  if (!`${path}/`.startsWith(`${scriptName}/`)) {
    throw new RequestError('404 Not Found', `Nothing is mounted at ${repr(path)}`);
  }
  const rest = path.slice(scriptName.length);
  // One slash, so that no application takes a path for a URL of another host (CVE-2021-28861).
  environ.PATH_INFO = scriptName === '' ? rest.replace(/^\/{2,}/, '/') : rest;
}
