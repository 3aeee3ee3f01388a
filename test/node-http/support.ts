// Servers of Node's own, and what applications have been told.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { StringIO } from '@wsgiref/util';

/** A key and a certificate for localhost, self-signed, for tests alone. */
export const TLS = {
  key: readFileSync(new URL('fixtures/localhost.pem', import.meta.url)),
  cert: readFileSync(new URL('fixtures/localhost.pem', import.meta.url)),
};

/** A server that listens on a free port, and is closed with its connections. */
export class Listening {
  readonly server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.server = server;
    this.port = port;
  }

  static async start(server: Server, host = '127.0.0.1'): Promise<Listening> {
    await once(server.listen(0, host), 'listening');
    return new Listening(server, (server.address() as { port: number }).port);
  }

  /** Where it is. */
  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { server } = this;
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  }
}

/** An application that keeps the environ of each request, and answers with SCRIPT_NAME|PATH_INFO. */
export class Recorder {
  readonly environs: WSGIEnvironment[] = [];

  readonly application: WSGIApplication = (environ, startResponse) => {
    this.environs.push({ ...environ });
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from(`${environ.SCRIPT_NAME}|${environ.PATH_INFO}`, 'latin1')];
  };

  /** The last environ. */
  get environ(): WSGIEnvironment {
    return this.environs.at(-1)!;
  }
}

/** A log of which a test can wait for a part. */
export class Log extends StringIO {
  readonly #waiting = new Set<() => void>();

  override write(text: string): number {
    const count = super.write(text);
    for (const look of this.#waiting) look();
    return count;
  }

  waitFor(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.getvalue().includes(text)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** A promise, and what settles it. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
