import { BaseHandler, ClientDisconnected, RequestError } from '@wsgiref/handlers/base';
import type {
  Awaitable,
  ErrorStream,
  HeaderList,
  InputStream,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import {
  addRequestHeader,
  andThen,
  AssertionError,
  concatBytes,
  lazyVariable,
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

const addSignal = lazyVariable('wsgiref.signal');

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

  readonly #input: FetchInput;
  /** What fires `wsgiref.signal`, if the application has asked for it. */
  #controller: AbortController | null = null;
  /** What the application is told of a client that has gone away. */
  #gone: ClientDisconnected | null = null;
  /** Ends listening to the signal of the request, if that has begun. */
  #stopListening: (() => void) | null = null;
  /** The response, as soon as its head is known. */
  #response: Response | null = null;
  /** Tells whoever waits for the response. */
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
   * @returns the response, as soon as its head is known, the application going on while the body is
   *   read; no promise if the application has waited for nothing and the response is complete
   * @throws what fails while an error is being handled; the promise is rejected
   */
  respond(application: WSGIApplicationLike): Response | Promise<Response> {
    const served = this.run(application);
    const response = this.#response;
    if (response && this.#isOver()) return response;
    return new Promise((resolve, reject) => {
      if (response) resolve(response);
      this.#respond = resolve;
      // A client that has gone away sees none; the host wants one all the same.
      served.then(() => resolve(this.#response ?? new Response(null, GONE)), reject);
    });
  }

  override run(application: WSGIApplicationLike): Promise<void> {
    const served = super.run(application);
    if (!this.#isOver()) return this.#finish(served);
    this.#letGo();
    return served;
  }

  /** The host makes headers, and a signal above all, when it is asked for them. */
  override addCgiVars(): void {
    const { request, options } = this;
    const url = new URL(request.url);
    // One literal that names every key: an engine keeps it in a compact form. `BaseHandler` fills in
    // those of `wsgi.`.
    const environ: WSGIEnvironment = {
      REQUEST_METHOD: request.method,
      SCRIPT_NAME: '',
      PATH_INFO: '',
      QUERY_STRING: url.search.slice(1),
      SERVER_NAME: url.hostname || 'localhost',
      SERVER_PORT: url.port || (url.protocol === 'https:' ? '443' : '80'),
      SERVER_PROTOCOL: 'HTTP/1.1',
      HTTP_HOST: undefined,
      'wsgi.input': undefined as never,
      'wsgi.errors': undefined as never,
      'wsgi.version': undefined as never,
      'wsgi.run_once': false,
      'wsgi.url_scheme': url.protocol.slice(0, -1),
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
      // The stream ends where the body does.
      'wsgi.input_terminated': true,
    };
    this.environ = environ;
    for (const [name, value] of request.headers) addRequestHeader(environ, name, value);
    environ.HTTP_HOST ??= url.host;
    for (const key in this.osEnviron) environ[key] ??= this.osEnviron[key];
    addSignal(environ, () => this.#signal());
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
      headers: toInit(this.headers!.items()),
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

  /** Whether everything has been done, the result closed included. */
  #isOver(): boolean {
    return this.#ended && this.environ === null;
  }

  async #finish(served: Promise<void>): Promise<void> {
    try {
      await served;
    } finally {
      if (!this.#ended) await this.#breakOff();
      this.#letGo();
    }
  }

  /** Leaves nothing behind at the request. */
  #letGo(): void {
    this.#stopListening?.();
    this.#input.close();
  }

  /** Makes the signal that tells the application that the client has gone away. */
  #signal(): AbortSignal {
    const controller = (this.#controller = new AbortController());
    this.#listen();
    if (this.#gone) controller.abort(this.#gone);
    return controller.signal;
  }

  /** Listens for the host to say that the client has gone away. */
  #listen(): void {
    if (this.#stopListening || this.#ended) return;
    const { signal } = this.request;
    const onAbort = (): void => this.#disconnect(signal.reason);
    signal.addEventListener('abort', onAbort);
    this.#stopListening = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }

  #checkConnection(): void {
    if (this.#gone) throw this.#gone;
  }

  #startStream(): void {
    this.#listen();
    this.#checkConnection();
    this.#stream = new ResponseStream((reason) => this.#disconnect(reason));
    this.#send(this.#stream.stream);
  }

  #end(): void {
    this.#ended = true;
    if (this.#blocks) this.#send(this.#isBodyless() ? null : concatBytes(this.#blocks));
    else this.#stream!.end();
  }

  #send(body: Uint8Array | ReadableStream<Uint8Array> | null): void {
    this.#response = new Response(body as ConstructorParameters<typeof Response>[0], this.#head);
    this.#respond?.(this.#response);
  }

  #disconnect(reason: unknown): void {
    if (this.#ended) return;
    this.#gone ??= new ClientDisconnected('the client went away', { cause: reason });
    this.#controller?.abort(this.#gone);
    this.#stream?.abandon();
  }

  /** Ends a response that an error has ended; the host sees if something is missing. */
  async #breakOff(): Promise<void> {
    if (this.headersSent && !this.#gone) {
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
    try {
      this.#startStream();
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
  if (!`${path}/`.startsWith(`${scriptName}/`)) {
    throw new RequestError('404 Not Found', `Nothing is mounted at ${repr(path)}`);
  }
  const rest = path.slice(scriptName.length);
  // One slash, so that no application takes a path for a URL of another host (CVE-2021-28861).
  environ.PATH_INFO = scriptName === '' ? rest.replace(/^\/{2,}/, '/') : rest;
}

/** Headers as an object, which hosts take with the least ado; as pairs where a name comes twice. */
function toInit(headers: HeaderList): NonNullable<ResponseInit['headers']> {
  const init: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    // So does one that every object has, such as `constructor`.
    if (key in init) return headers;
    init[key] = value;
  }
  return init;
}
