// A server of one's own: the application of routes.ts over Gopher (RFC 1436), where a request is one
// line and a response is nothing but a body. The handler supplies the five methods of a transport and
// overrides the one that decides on headers; calling the application, buffering nothing, closing what
// it returned and reporting its errors is `BaseHandler`'s. Menus and searches are left out. Try
// `curl gopher://127.0.0.1:7070/0/home`, or give `GopherHandler` another application.

import { BaseHandler, StandardError } from '@wsgiref/handlers';
import {
  type SocketWriter,
  StreamRequestHandler,
  TCPServer,
} from '@wsgiref/simple-server/socketserver';
import type { Awaitable, ErrorStream, InputStream } from '@wsgiref/types';
import { BytesIO, decodeLatin1 } from '@wsgiref/util';
import { simpleApp } from './routes.ts';

/** Runs an application for a Gopher request. */
export class GopherHandler extends BaseHandler {
  override wsgiMultithread = false;
  override wsgiMultiprocess = false;

  readonly #selector: string;
  readonly #output: SocketWriter;
  readonly #port: number;

  constructor(selector: string, output: SocketWriter, port: number) {
    super();
    this.#selector = selector;
    this.#output = output;
    this.#port = port;
  }

  override addCgiVars(): void {
    Object.assign(this.environ!, {
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: this.#selector.replace(/^\/?/, '/'),
      SERVER_NAME: 'localhost',
      SERVER_PORT: String(this.#port),
      SERVER_PROTOCOL: 'Gopher/1.0',
    });
  }

  override getStdin(): InputStream {
    return new BytesIO(); // A request has no body.
  }

  override getStderr(): ErrorStream {
    return new StandardError();
  }

  override _write(data: Uint8Array): Awaitable<void> {
    return this.#output.write(data);
  }

  override _flush(): Awaitable<void> {
    return this.#output.flush();
  }

  override clientIsModern(): boolean {
    return false; // It understands neither a status line nor headers.
  }
}

/** Reads the line that is a request. */
class GopherRequestHandler extends StreamRequestHandler {
  declare server: TCPServer;

  override async handle(): Promise<void> {
    const line = decodeLatin1(await this.rfile.readline(1024));
    if (!line.endsWith('\n')) return; // The client has gone, or talks too much.
    const [, port] = this.server.serverAddress;
    await new GopherHandler(line.trimEnd(), this.wfile, port).run(simpleApp);
  }
}

if (import.meta.filename === process.argv[1]) {
  const port = Number(process.argv[2] ?? 7070);
  const server = new TCPServer(['127.0.0.1', port], GopherRequestHandler);
  await server.serverBind();
  await server.serverActivate();
  console.log(`Serving Gopher on 127.0.0.1 port ${server.serverAddress[1]} ...`);
  await server.serveForever();
}
