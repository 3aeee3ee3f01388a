import { SimpleHandler } from '@wsgiref/handlers/base';
import type { WSGIApplication, WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { asApplication, BytesIO, guessScheme, StringIO } from '@wsgiref/util';
import { validator, type ValidatorOptions } from '@wsgiref/validate';
import type { Transport } from './client.ts';
import { type ReadResponse, readResponse } from './read-response.ts';
import type { TestRequest } from './test-request.ts';

/** How an application is called without a server. */
export interface MemoryOptions {
  /**
   * Whether a validator stands before the application, and how strict it is; true by default. What
   * it finds is thrown.
   */
  validate?: boolean | ValidatorOptions;
  /** Whether it is an error if anything is written to `wsgi.errors`; false by default. */
  fatal?: boolean;
  /**
   * Whether an application that throws is answered for with the server's error page, and what it
   * threw logged, as a real server does. By default it is thrown to the test.
   */
  errorPage?: boolean;
  /** Variables of every request, such as `REMOTE_USER`, or `HTTPS` as `'on'`. */
  environ?: Readonly<Partial<WSGIEnvironment>>;
}

/** Serves one request, and knows what has failed. */
class MemoryHandler extends SimpleHandler {
  /** Whether what fails is for the test, and not for the log. */
  throws = false;
  /** What has failed first. */
  failure: { readonly error: unknown } | null = null;

  override async logException(error: unknown): Promise<void> {
    if (this.throws) this.failure ??= { error };
    else await super.logException(error);
  }
}

/** Hands requests to an application in this process. */
export class MemoryTransport implements Transport {
  readonly origin: string;
  readonly #application: WSGIApplication;
  readonly #options: MemoryOptions;

  /**
   * @param application an application of any form
   * @param options how to call it
   * @throws {TypeError} if it is none
   */
  constructor(application: WSGIApplicationLike, options: MemoryOptions = {}) {
    const { validate = true, environ = {} } = options;
    this.#application = validate
      ? validator(application, validate === true ? {} : validate)
      : asApplication(application);
    this.#options = options;
    this.origin = `${guessScheme(environ)}://${environ.HTTP_HOST ?? 'localhost'}`;
  }

  async send(request: TestRequest): Promise<ReadResponse & { readonly errors: string }> {
    const { fatal = false, errorPage = false } = this.#options;
    const output = new BytesIO();
    const log = new StringIO();
    const environ = this.#makeEnviron(request);
    const handler = new MemoryHandler(new BytesIO(request.body), output, log, environ, {
      multithread: false,
    });
    handler.throws = !errorPage;
    await handler.run(this.#application);
    if (handler.failure) throw handler.failure.error;
    const errors = log.getvalue();
    if (fatal && errors !== '') {
      throw new Error(`the application has written to wsgi.errors, which is fatal here: ${errors}`);
    }
    output.seek(0);
    return { ...(await readResponse(output, request.method)), errors };
  }

  /** As `WSGIServer` does it (PEP 3333, "`environ` Variables"). */
  #makeEnviron({ method, target, headers }: TestRequest): Partial<WSGIEnvironment> {
    const [path, ...query] = target.split('?') as [string, ...string[]];
    const isTls = this.origin.startsWith('https:');
    const environ: Partial<WSGIEnvironment> = {
      SERVER_NAME: 'localhost',
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_PORT: isTls ? '443' : '80',
      SCRIPT_NAME: '',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REQUEST_METHOD: method,
      // RFC 9112 §3.2.4: the asterisk is no path.
      PATH_INFO: path === '*' ? '' : unquote(path),
      QUERY_STRING: query.join('?'),
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_LENGTH: '',
      HTTP_HOST: this.origin.slice(this.origin.indexOf('//') + 2),
    };
    if (headers.has('Host')) delete environ.HTTP_HOST;
    for (const [name, value] of headers) addHeader(environ, name, value);
    return Object.assign(environ, this.#options.environ);
  }
}

function addHeader(environ: Partial<WSGIEnvironment>, name: string, value: string): void {
  // `X_Foo` would come out as `X-Foo` does: servers leave such names out.
  if (name.includes('_')) return;
  const variable = name.toUpperCase().replaceAll('-', '_');
  if (variable === 'CONTENT_TYPE' || variable === 'CONTENT_LENGTH') {
    environ[variable] = value;
    return;
  }
  const key = `HTTP_${variable}` as const;
  const separator = variable === 'COOKIE' ? '; ' : ',';
  environ[key] = environ[key] === undefined ? value : `${environ[key]}${separator}${value}`;
}

function unquote(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}
