// Servers for tests: they listen on a free port of 127.0.0.1, and are closed by `await using`.

import {
  HTTPServer,
  makeServer,
  type MakeServerOptions,
  type TCPServer,
  type WSGIServer,
} from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { nextTurn } from './raw-client.ts';
import { type CapturedError, captureStandardError, withoutTimes } from './standard-error.ts';

/** A server that is serving. */
export class Running<Server extends TCPServer> {
  readonly httpd: Server;
  /** Where it listens. */
  readonly port: number;
  /** Settles when the server has stopped. */
  readonly serving: Promise<void>;
  /** What it has written to standard error. */
  readonly stderr: CapturedError;

  constructor(httpd: Server) {
    this.httpd = httpd;
    this.port = httpd.serverAddress[1];
    this.stderr = captureStandardError();
    this.serving = httpd.serveForever();
  }

  /** What it has written to standard error, without the times. */
  get log(): string {
    return withoutTimes(this.stderr.text);
  }

  /** Closes the server with all its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.httpd.serverClose();
      await this.serving;
    } finally {
      this.stderr.release();
    }
  }
}

/** Serves an application. */
export async function serve<Server extends WSGIServer = WSGIServer>(
  application: WSGIApplicationLike,
  options: MakeServerOptions<Server> = {},
): Promise<Running<Server>> {
  return new Running(await makeServer('127.0.0.1', 0, application, options));
}

/** Serves by means of a request handler. */
export async function serveHandler(
  RequestHandlerClass: ConstructorParameters<typeof HTTPServer>[1],
): Promise<Running<HTTPServer>> {
  const httpd = new HTTPServer(['127.0.0.1', 0], RequestHandlerClass);
  await httpd.serverBind();
  await httpd.serverActivate();
  return new Running(httpd);
}

/** What keeps the process going, once what is being closed is gone. */
export interface OpenResources {
  sockets: string[];
  /** How many timers run, those of the test runner included. */
  timers: number;
}

/** Lists what keeps the process going. */
export async function openResources(): Promise<OpenResources> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  const kinds = process.getActiveResourcesInfo();
  return {
    sockets: kinds.filter((kind) => /^(TCP|Pipe\w*Server)/.test(kind)),
    timers: kinds.filter((kind) => kind === 'Timeout').length,
  };
}
