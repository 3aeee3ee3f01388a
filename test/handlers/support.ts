import { BaseCGIHandler, BaseHandler } from '@wsgiref/handlers';
import type {
  Awaitable,
  ErrorStream,
  ExcInfo,
  InputStream,
  OutputStream,
  StartResponse,
  WSGIEnvironment,
} from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';

export const bytes: (text: string) => Uint8Array = encodeLatin1;
export const text: (block: Uint8Array) => string = decodeLatin1;

export type Variables = Partial<WSGIEnvironment>;

/** What `hello_app` of CPython's tests sends before its Content-Length. */
export const HELLO_HEADERS = [
  ['Content-Type', 'text/plain'],
  ['Date', 'Mon, 05 Jun 2006 18:49:54 GMT'],
] as const;

/** CPython's `hello_app`. */
export function helloApp(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse(
    '200 OK',
    HELLO_HEADERS.map(([name, value]) => [name, value]),
  );
  return [bytes('Hello, world!')];
}

/** CPython's `ErrorHandler`: a gateway in memory. */
export class ErrorHandler extends BaseCGIHandler {
  declare stdin: BytesIO;
  declare stdout: BytesIO;
  declare stderr: StringIO;

  constructor(environ: Variables = {}, body: string = '') {
    setupTestingDefaults(environ);
    super(new BytesIO(bytes(body)), new BytesIO(), new StringIO(), environ, {
      multithread: true,
      multiprocess: true,
    });
  }

  /** Everything that has been sent. */
  get sent(): string {
    return text(this.stdout.getvalue());
  }

  /** What has been sent behind the head. */
  get body(): string {
    return this.sent.slice(this.sent.indexOf('\r\n\r\n') + 4);
  }

  /** Everything that has been logged. */
  get log(): string {
    return this.stderr.getvalue();
  }
}

/** CPython's `TestHandler`: errors come out of `run()`. */
export class TestHandler extends ErrorHandler {
  override async handleError(excInfo: ExcInfo): Promise<void> {
    throw excInfo;
  }
}

/** The error page of a gateway. */
export const ERROR_PAGE =
  'Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n' +
  'A server error occurred.  Please contact the administrator.';

/** A gateway's output that writes down what happens to it. */
export class Recorder implements OutputStream {
  readonly events: string[];

  constructor(events: string[] = []) {
    this.events = events;
  }

  write(data: Uint8Array): Awaitable<number | void> {
    this.events.push(`write ${JSON.stringify(text(data))}`);
  }

  flush(): Awaitable<void> {
    this.events.push('flush');
  }
}

/** A gateway's output that answers by promise, after everything that can happen by itself has. */
export class SlowRecorder extends Recorder {
  override async write(data: Uint8Array): Promise<void> {
    await allDone();
    void super.write(data);
  }

  override async flush(): Promise<void> {
    await allDone();
    void super.flush();
  }
}

/** Resolves when all that goes on without waiting for anything has come to its end. */
export async function allDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a call throws, or rejects with. */
export async function caught(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** A handler of its own: five hooks and nothing else. */
export class MemoryHandler extends BaseHandler {
  readonly output: BytesIO = new BytesIO();
  readonly errors: StringIO = new StringIO();
  variables: Variables = { SERVER_PROTOCOL: 'HTTP/1.0', REQUEST_METHOD: 'GET' };

  get sent(): string {
    return text(this.output.getvalue());
  }

  _write(data: Uint8Array): void {
    this.output.write(data);
  }

  _flush(): void {}

  getStdin(): InputStream {
    return new BytesIO();
  }

  getStderr(): ErrorStream {
    return this.errors;
  }

  addCgiVars(): void {
    Object.assign(this.environ!, this.variables);
  }
}

/** An error such as the operating system's. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: the operation failed`), { code });
}
