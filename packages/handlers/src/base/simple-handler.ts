import type {
  Awaitable,
  ErrorStream,
  InputStream,
  OutputStream,
  WSGIEnvironment,
} from '@wsgiref/types';
import { isPromiseLike, warn } from '@wsgiref/util';
import { BaseHandler } from './base-handler.ts';

/** What {@link SimpleHandler} tells the application of how it is run. */
export interface SimpleHandlerOptions {
  /** `wsgi.multithread`; true by default. */
  multithread?: boolean;
  /** `wsgi.multiprocess`; false by default. */
  multiprocess?: boolean;
}

/**
 * A handler over two streams and an environ: all that a request needs.
 *
 * Python counterpart: `wsgiref.handlers.SimpleHandler`.
 *
 * @example
 * ```ts
 * import { SimpleHandler } from '@wsgiref/handlers/base';
 * import { BytesIO, decodeLatin1, encodeLatin1, StringIO } from '@wsgiref/util';
 *
 * const stdout = new BytesIO();
 * const environ = { REQUEST_METHOD: 'GET', PATH_INFO: '/', SERVER_PROTOCOL: 'HTTP/1.0' };
 * const handler = new SimpleHandler(new BytesIO(), stdout, new StringIO(), environ);
 * await handler.run((environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain'], ['Date', 'now']]);
 *   return [encodeLatin1('hello')];
 * });
 * console.log(decodeLatin1(stdout.getvalue()).split('\r\n'));
 * ```
 */
export class SimpleHandler extends BaseHandler {
  /** The request body. */
  stdin: InputStream | null;
  /** Where the response goes. */
  stdout: OutputStream;
  /** Where errors are logged. */
  stderr: ErrorStream | null;
  /** The variables of the request. */
  baseEnv: Partial<WSGIEnvironment>;

  #warned = false;

  /**
   * @param stdin the request body
   * @param stdout where the response goes
   * @param stderr where errors are logged
   * @param environ the variables of the request; they are copied
   * @param options what to tell the application
   */
  constructor(
    stdin: InputStream | null,
    stdout: OutputStream,
    stderr: ErrorStream | null,
    environ: Partial<WSGIEnvironment>,
    { multithread = true, multiprocess = false }: SimpleHandlerOptions = {},
  ) {
    super();
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.baseEnv = environ;
    this.wsgiMultithread = multithread;
    this.wsgiMultiprocess = multiprocess;
  }

  override getStdin(): InputStream | null {
    return this.stdin;
  }

  override getStderr(): ErrorStream | null {
    return this.stderr;
  }

  override addCgiVars(): Awaitable<void> {
    Object.assign(this.environ!, this.baseEnv);
  }

  override _write(data: Uint8Array): Awaitable<void> {
    const written = this.stdout.write(data);
    if (isPromiseLike(written)) return written.then((count) => this.#writeRest(data, count));
    if (typeof written === 'number' && written < data.length) return this.#writeRest(data, written);
  }

  override _flush(): Awaitable<void> {
    return this.stdout.flush();
  }

  async #writeRest(data: Uint8Array, count: number | void): Promise<void> {
    let rest = data;
    while (typeof count === 'number' && count < rest.length) {
      if (!this.#warned) {
        this.#warned = true;
        warn('SimpleHandler.stdout.write() should not do partial writes', 'DeprecationWarning');
      }
      // DIFFERS(14): Python tries for ever when nothing is taken, and sends everything again when a
      // later write returns None.
      if (count === 0) throw new Error('stdout.write() took none of the bytes');
      rest = rest.subarray(count);
      count = await this.stdout.write(rest);
    }
  }
}
