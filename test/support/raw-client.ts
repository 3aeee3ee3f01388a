// A client that knows nothing of HTTP: bytes out, bytes in, as native strings.

import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTLS, type ConnectionOptions } from 'node:tls';

/** Where to connect to; with `tls`, over TLS. */
export type Address = ({ port: number; host?: string } | { path: string }) & {
  tls?: ConnectionOptions;
};

/** How a request is cut into the pieces that it is sent in. */
export type Split = (request: Buffer) => Buffer[];

/** A run of one byte that is longer than this goes out as one piece but for its end. */
const LONG_RUN = 64;

/** In one piece. */
export const whole: Split = (request) => [request];

/**
 * Each byte by itself.
 *
 * Nothing can happen in the middle of a long run of the same byte: that is sent at once, lest a
 * request line of 65536 bytes take seconds.
 */
export const byteByByte: Split = (request) => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < request.length;) {
    let end = at + 1;
    while (request[end] === request[at]) end++;
    const first = end - at > LONG_RUN ? end - at - LONG_RUN : 1;
    pieces.push(request.subarray(at, at + first));
    at += first;
  }
  return pieces;
};

/** In pieces of 1 to 40 bytes, or 4000 where the request is long; the same ones for each seed. */
export function randomly(seed: number): Split {
  return (request) => {
    const longest = request.length > 4000 ? 4000 : 40;
    const pieces: Buffer[] = [];
    let state = seed;
    for (let at = 0; at < request.length;) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const size = 1 + (state % longest);
      pieces.push(request.subarray(at, at + size));
      at += size;
    }
    return pieces;
  };
}

/** A connection to a server. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #ended = false;
  #failure: Error | null = null;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (block) => {
      this.#received += block.toString('latin1');
      this.#look();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#look();
    });
    socket.on('error', (error) => {
      this.#failure = error;
      this.#look();
    });
    socket.on('close', () => this.#look());
  }

  /** Connects. The connection stays half open when the server closes its side. */
  static async connect(address: Address): Promise<RawClient> {
    const where = 'path' in address ? address : { host: '127.0.0.1', ...address };
    const options = { ...where, allowHalfOpen: true, noDelay: true };
    const { tls } = address;
    // The types do not know that a connection over TLS may be half open, too.
    const socket = tls ? connectTLS({ ...options, ...tls } as ConnectionOptions) : connect(options);
    const client = new RawClient(socket);
    await once(socket, tls ? 'secureConnect' : 'connect');
    return client;
  }

  /** What has come so far. */
  get received(): string {
    return this.#received;
  }

  /** Whether the server has closed its side, and everything before that has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends, and waits until the system has taken it. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    await new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Closes this side; what the server sends still comes. */
  end(): void {
    this.socket.end();
  }

  /** Waits until everything that has come, taken together, holds a text. */
  async waitFor(text: string): Promise<void> {
    await this.#until(() => this.#received.includes(text), `waiting for ${JSON.stringify(text)}`);
  }

  /** Waits until the server has closed its side. Returns everything that it has sent. */
  async reply(): Promise<string> {
    await this.#until(() => this.#ended, 'waiting for the end of the reply');
    return this.#received;
  }

  /** Closes both sides; waits until the connection is gone. */
  async close(): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  /** Python: `with`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  #until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) resolve();
        else if (this.#failure) reject(this.#failure);
        else if (this.#ended || this.socket.destroyed) {
          reject(
            new Error(`${what}: the connection ended after ${JSON.stringify(this.#received)}`),
          );
        } else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** How {@link exchange} sends a request. */
export interface ExchangeOptions {
  /** How to cut it; in one piece by default. */
  split?: Split;
  /** Whether the client closes its side after the request. */
  halfClose?: boolean;
}

/**
 * Sends a request, and returns everything that comes until the server closes its side.
 *
 * Each piece is sent in a turn of the event loop of its own, so that the server, which runs in this
 * process, reads it before the next.
 */
export async function exchange(
  address: Address,
  request: string | Uint8Array,
  { split = whole, halfClose = false }: ExchangeOptions = {},
): Promise<string> {
  const client = await RawClient.connect(address);
  try {
    const bytes =
      typeof request === 'string' ? Buffer.from(request, 'latin1') : Buffer.from(request);
    const pieces = split(bytes);
    for (const [i, piece] of pieces.entries()) {
      if (client.ended) break;
      await client.send(piece);
      if (i < pieces.length - 1) await nextTurn();
    }
    if (halfClose) client.end();
    return await client.reply();
  } finally {
    await client.close();
  }
}

/** Lets the event loop go round once: whatever input is there is read. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
