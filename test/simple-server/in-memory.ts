// Request handlers without sockets: what upstream's tests call mock server and mock handler.

import type { BaseHTTPRequestHandler } from '@wsgiref/simple-server';
import {
  makeServer,
  type SocketReader,
  type SocketWriter,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { BufferedReader, BytesIO, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { captureStandardError } from '../support/standard-error.ts';

/** What a client sends, all of it there from the start. */
class MemoryReader extends BufferedReader {
  #data: Uint8Array;

  constructor(data: string) {
    super();
    this.#data = encodeLatin1(data);
  }

  protected override _pull(): Uint8Array {
    const data = this.#data;
    this.#data = new Uint8Array(0);
    return data;
  }
}

/** Keeps what a handler writes, each write by itself. */
export class WriteLog {
  readonly writes: string[] = [];

  get text(): string {
    return this.writes.join('');
  }

  write(data: Uint8Array): void {
    this.writes.push(decodeLatin1(data));
  }

  flush(): void {}
}

/** Puts streams in memory in the place of those of a connection. */
export function useStreams(
  handler: BaseHTTPRequestHandler,
  request: string,
  output: Pick<WriteLog, 'write' | 'flush'>,
): void {
  handler.rfile = new MemoryReader(request) as unknown as SocketReader;
  handler.wfile = output as unknown as SocketWriter;
}

class MockServer extends WSGIServer {
  override serverBind(): Promise<void> {
    [this.serverName, this.serverPort] = this.serverAddress;
    this.setupEnviron();
    return Promise.resolve();
  }
}

/** Runs an application for a request. */
export async function runAMock(
  application: WSGIApplicationLike,
  request = 'GET / HTTP/1.0\n\n',
): Promise<{ out: string; err: string }> {
  const out = new BytesIO();
  class MockHandler extends WSGIRequestHandler {
    override setup(): void {
      useStreams(this, request, out);
    }

    override async finish(): Promise<void> {}
  }
  const server = await makeServer('', 80, application, {
    serverClass: MockServer,
    handlerClass: MockHandler,
  });
  using stderr = captureStandardError();
  await server.finishRequest(undefined as never, ['127.0.0.1', 8888]);
  return { out: decodeLatin1(out.getvalue()), err: stderr.text };
}
