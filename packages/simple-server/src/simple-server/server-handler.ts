import { SimpleHandler } from '@wsgiref/handlers/base';
import type { Awaitable, WSGIEnvironment } from '@wsgiref/types';
import { softwareVersion } from './versions.ts';

/** What logs a request that has been answered: `WSGIRequestHandler`. */
interface RequestLogger {
  logRequest(code: string, size: number): void;
}

/**
 * Runs the application for a request of `WSGIRequestHandler`, and has it logged.
 *
 * Python counterpart: `wsgiref.simple_server.ServerHandler`.
 */
export class ServerHandler extends SimpleHandler {
  override serverSoftware: string | null = softwareVersion;

  /** The handler of the request; it is set before `run()`. */
  declare requestHandler: RequestLogger;

  override addCgiVars(): void {
    // getEnviron() has made this object for this request alone: it is used, not copied again, which
    // would cost half the throughput.
    const environ = this.baseEnv as WSGIEnvironment;
    for (const key in this.osEnviron) environ[key] ??= this.osEnviron[key];
    this.environ = environ;
  }

  override close(): Awaitable<void> {
    let closed: Awaitable<void>;
    try {
      if (this.status !== null) {
        this.requestHandler.logRequest(this.status.slice(0, 3), this.bytesSent);
      }
    } finally {
      closed = super.close();
    }
    return closed;
  }
}
