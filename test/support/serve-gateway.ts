// Servers for gateway protocols: they listen on a free port of 127.0.0.1, and are closed by
// `await using`.

import type { GatewayServer, MakeGatewayServer } from '@wsgiref/gateway';
import type { ErrorStream, WSGIApplicationLike } from '@wsgiref/types';

/** An error log that a test can look at, and wait for. */
export class Log implements ErrorStream {
  /** What has been written. */
  text = '';
  readonly #waiting = new Set<() => void>();

  write(s: string): void {
    this.text += s;
    for (const look of this.#waiting) look();
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {}

  /** What has been written, without the times. */
  get withoutTimes(): string {
    return this.text.replaceAll(/\[\d{4}-\d\d-\d\dT[\d:.]+Z\]/g, '[-]');
  }

  /** Waits until a text has been written. */
  waitFor(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.text.includes(wanted)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** A server that is serving. */
export class ServingGateway<Server extends GatewayServer> {
  readonly httpd: Server;
  /** Where it listens. */
  readonly address: { host: string; port: number };
  /** What it has logged. */
  readonly log = new Log();
  /** Settles when the server has stopped. */
  readonly serving: Promise<void>;

  constructor(httpd: Server) {
    this.httpd = httpd;
    this.httpd.errorLog = this.log;
    this.address = { host: '127.0.0.1', port: httpd.serverPort };
    this.serving = httpd.serveForever();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.httpd.serverClose();
    await this.serving;
  }
}

/** Serves an application. */
export async function serveGateway<Server extends GatewayServer>(
  makeServer: MakeGatewayServer<Server>,
  application: WSGIApplicationLike,
): Promise<ServingGateway<Server>> {
  return new ServingGateway(await makeServer('127.0.0.1', 0, application));
}

/** A promise that is settled from outside. */
export interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
}

/** Makes a {@link Deferred}. */
export function defer<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
