import { BaseCGIHandler, ClientDisconnected, RequestError } from '@wsgiref/handlers/base';
import { TimeoutError } from '@wsgiref/simple-server/socketserver';
import type { Awaitable, ErrorStream, ExcInfo, InputStream, OutputStream } from '@wsgiref/types';
import { andThen, lazyVariable } from '@wsgiref/util';
import { makeEnviron, type ParamList, schemeOf } from './environ.ts';
import type { GatewayServer } from './gateway-server.ts';

/** Making a signal costs as much as a tenth of a request, and few applications look at it. */
const addSignal = lazyVariable('wsgiref.signal');

/** Where a response goes: a `SocketWriter`, or what writes to one. */
export interface GatewayOutput extends OutputStream {
  /** As `write()` of the bytes of a native string. */
  writeLatin1(text: string): Awaitable<void>;
  /** As `flush()`, together with what is written before this turn of the event loop ends. */
  flushSoon(): Awaitable<void>;
}

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

  declare stdout: GatewayOutput;

  readonly #params: ParamList;
  #isOver = false;
  /** What `wsgiref.signal` is fired with; null before that. */
  #reason: ClientDisconnected | null = null;
  /** Fires it; null before the application has looked at it. */
  #controller: AbortController | null = null;

  /**
   * @param stdin the request body
   * @param stdout where the response goes
   * @param stderr where errors are logged
   * @param params what the web server sent
   * @param server the server: its limits hold, and it logs the request
   */
  constructor(
    stdin: InputStream,
    stdout: GatewayOutput,
    stderr: ErrorStream,
    params: ParamList,
    server: GatewayServer,
  ) {
    super(stdin, stdout, stderr, {}, { multithread: false, multiprocess: server.multiprocess });
    this.server = server;
    this.#params = params;
  }

  /** Whether the response has been written, and the result closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Fires `wsgiref.signal`, unless the request is over. */
  abort(): void {
    if (this.#isOver || this.#reason) return;
    this.#reason = new ClientDisconnected('the web server has given the request up');
    this.#controller?.abort(this.#reason);
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
    addSignal(this.environ, () => this.#makeController().signal);
  }

  #makeController(): AbortController {
    this.#controller = new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller;
  }

  override getScheme(): string {
    return schemeOf(this.environ!);
  }

  override async handleError(excInfo: ExcInfo): Promise<void> {
    this.brokenOff = this.headersSent;
    if (this.#reason && isAbort(excInfo, this.#reason)) {
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
    return andThen(super.close(), () => {
      this.#isOver = true;
    });
  }

  override _writeHead(text: string): Awaitable<void> {
    return this.stdout.writeLatin1(text);
  }

  override _flush(): Awaitable<void> {
    // Nothing of the application's runs before the end of an array: the response goes out whole.
    return Array.isArray(this.result) ? this.stdout.flushSoon() : this.stdout.flush();
  }
}

/**
 * Whether this is an AbortError that Node has made of the signal's reason. The reason itself is a
 * `ClientDisconnected`, which ends in silence anyway.
 */
function isAbort(excInfo: ExcInfo, reason: ClientDisconnected): boolean {
  const { name, cause } = (excInfo ?? {}) as { name?: unknown; cause?: unknown };
  return name === 'AbortError' && cause === reason;
}
