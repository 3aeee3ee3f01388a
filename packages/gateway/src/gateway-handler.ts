import { BaseCGIHandler, ClientDisconnected, RequestError } from '@wsgiref/handlers/base';
import { TimeoutError } from '@wsgiref/simple-server/socketserver';
import type {
  Awaitable,
  ErrorStream,
  ExcInfo,
  InputStream,
  OutputStream,
  WSGIApplicationLike,
} from '@wsgiref/types';
import { makeEnviron, type ParamList, schemeOf } from './environ.ts';
import type { GatewayServer } from './gateway-server.ts';

/**
 * Runs the application for one request that came by a gateway protocol.
 *
 * Beyond `BaseCGIHandler` the application finds `wsgiref.signal` in its environ: an `AbortSignal`
 * that fires when the web server gives the request up. What the application throws because of it is
 * not logged.
 */
export class GatewayHandler extends BaseCGIHandler {
  /** The server of the request. */
  readonly server: GatewayServer;

  /** Whether the application has failed in the middle of its response. */
  brokenOff: boolean = false;

  readonly #params: ParamList;
  readonly #controller = new AbortController();
  #over = false;

  /**
   * @param stdin the request body
   * @param stdout where the response goes
   * @param stderr where errors are logged
   * @param params what the web server sent
   * @param server the server: its limits hold, and it logs the request
   */
  constructor(
    stdin: InputStream,
    stdout: OutputStream,
    stderr: ErrorStream,
    params: ParamList,
    server: GatewayServer,
  ) {
    super(stdin, stdout, stderr, {}, { multithread: false, multiprocess: server.multiprocess });
    this.server = server;
    this.#params = params;
  }

  /** Fires `wsgiref.signal`, unless the request is over. */
  abort(): void {
    if (this.#over) return;
    this.#controller.abort(new ClientDisconnected('the web server has given the request up'));
  }

  override async run(application: WSGIApplicationLike): Promise<void> {
    try {
      await super.run(application);
    } finally {
      this.#over = true;
    }
  }

  override addCgiVars(): void {
    const { baseEnviron: base, scriptName, maxBodySize } = this.server;
    try {
      this.environ = makeEnviron(this.#params, {
        base: { ...this.osEnviron, ...base },
        scriptName,
        maxBodySize,
      });
    } catch (error) {
      const { status, message } = error as RequestError;
      // The application does not see it, and it may be the web server's configuration that is wrong.
      void this.stderr!.write(`${status}: ${message}\n`);
      throw error;
    }
    this.environ['wsgiref.signal'] = this.#controller.signal;
  }

  override getScheme(): string {
    return schemeOf(this.environ!);
  }

  override async handleError(excInfo: ExcInfo): Promise<void> {
    this.brokenOff = this.headersSent;
    if (this.#controller.signal.aborted && isAbort(excInfo, this.#controller.signal.reason)) {
      await this.close();
      return;
    }
    if (excInfo instanceof TimeoutError) {
      excInfo = new RequestError('408 Request Timeout', 'the request body did not come in time');
    }
    await super.handleError(excInfo);
  }

  override close(): Awaitable<void> {
    if (this.status !== null) {
      this.server.logRequest(this.environ!, this.status.slice(0, 3), this.bytesSent);
    }
    return super.close();
  }
}

/**
 * Whether this is an AbortError that Node has made of the signal's reason. The reason itself is a
 * `ClientDisconnected`, which ends in silence anyway.
 */
function isAbort(excInfo: ExcInfo, reason: unknown): boolean {
  const { name, cause } = (excInfo ?? {}) as { name?: unknown; cause?: unknown };
  return name === 'AbortError' && cause === reason;
}
