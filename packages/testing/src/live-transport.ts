import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { concatBytes, encodeLatin1, repr } from '@wsgiref/util';
import {
  type ReadResponse,
  readResponse,
  type TestRequest,
  type Transport,
} from './memory/index.ts';
import { SocketInput } from './socket-input.ts';

/** How a live server is talked to. */
export interface LiveOptions {
  /** The version of HTTP in the request line; `'1.1'` by default. */
  httpVersion?: '1.0' | '1.1';
  /** Milliseconds that the server may be silent for; 10000 by default. */
  timeout?: number;
  /** For `https:`, what `tls.connect()` takes, such as `ca`. */
  tls?: ConnectionOptions;
}

/** Sends requests to a server, each over a connection of its own. */
export class LiveTransport implements Transport {
  readonly origin: string;
  readonly #url: URL;
  readonly #options: LiveOptions;

  /**
   * @param url scheme, host and port of the server
   * @param options how to talk to it
   * @throws {TypeError} if it is no URL
   * @throws {RangeError} if it is none of `http:` or `https:`, or more than that
   */
  constructor(url: string, options: LiveOptions = {}) {
    this.#url = new URL(url);
    this.origin = this.#url.origin;
    this.#options = options;
    if (!/^https?:$/.test(this.#url.protocol) || this.#url.href !== `${this.origin}/`) {
      throw new RangeError(
        `${repr(url)} should be no more than scheme, host and port, as 'http://localhost:8000'`,
      );
    }
  }

  async send(request: TestRequest): Promise<ReadResponse & { readonly errors: string }> {
    const { timeout = 10_000 } = this.#options;
    const socket = this.#connect();
    // Errors come out of the input.
    socket.on('error', () => {});
    socket.setTimeout(timeout, () => {
      socket.destroy(new Error(`the server has been silent for ${timeout} ms`));
    });
    try {
      socket.write(this.#toBytes(request));
      return { ...(await readResponse(new SocketInput(socket), request.method)), errors: '' };
    } finally {
      socket.destroy();
    }
  }

  #connect(): Socket {
    const isTls = this.#url.protocol === 'https:';
    const host = this.#url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(this.#url.port || (isTls ? 443 : 80));
    return isTls ? connectTls({ host, port, ...this.#options.tls }) : connectPlain({ host, port });
  }

  #toBytes({ method, target, headers, body }: TestRequest): Uint8Array {
    const { httpVersion = '1.1' } = this.#options;
    let head = `${method} ${target} HTTP/${httpVersion}\r\n`;
    if (!headers.has('Host')) head += `Host: ${this.#url.host}\r\n`;
    if (httpVersion === '1.1' && !headers.has('Connection')) head += 'Connection: close\r\n';
    return concatBytes([encodeLatin1(head), headers.toBytes(), body]);
  }
}
