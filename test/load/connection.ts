// A client's end of a connection: it reads responses strictly, and no faster than it is asked to.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTLS, TLSSocket } from 'node:tls';
import { certificate } from './limits.ts';

/** What a server has done wrong. */
export class Problem extends Error {
  override readonly name: string = 'Problem';
}

/** A response that the end of the connection cut short. */
export class CutShort extends Problem {
  override readonly name: string = 'CutShort';
}

/** What comes before the body of a response. */
export interface Head {
  version: string;
  status: number;
  /** Names are in lower case. */
  headers: ReadonlyMap<string, string>;
}

/** How {@link Connection.response} reads. */
export interface ReadOptions {
  /** The method of the request. */
  method?: string;
  /** Takes the body, piece by piece; it may take its time. */
  sink?: (piece: Buffer) => void | Promise<void>;
}

const STATUS_LINE = /^(HTTP\/1\.[01]) ([1-5][0-9]{2}) [\t\x20-\x7e\x80-\xff]*$/;
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([\t\x20-\x7e\x80-\xff]*)$/;

/** A connection to the server under load. */
export class Connection {
  readonly socket: Socket;
  readonly #patience: number;
  /** What has been received and not been read. */
  #rest: Buffer = Buffer.alloc(0);
  #failure: Error | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket, patience: number) {
    this.socket = socket;
    this.#patience = patience;
    const wake = (): void => this.#wake?.();
    socket.on('readable', wake);
    socket.on('end', () => {
      this.#ended = true;
      wake();
    });
    socket.on('error', (error) => {
      this.#failure = error;
      wake();
    });
    socket.on('close', wake);
  }

  /**
   * Connects.
   *
   * @param port where to, on 127.0.0.1
   * @param patience seconds that the server may be silent while something is to come
   * @param tls whether the server speaks TLS
   */
  static async open(port: number, patience: number, tls: boolean): Promise<Connection> {
    const transport = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    await once(transport, 'connect');
    if (!tls) return new Connection(transport, patience);
    const options = { socket: transport, ca: certificate(), servername: 'localhost' };
    // The types do not know that a connection over TLS may be half open, too.
    const socket = connectTLS({ ...options, allowHalfOpen: true } as typeof options);
    transport.on('error', (error) => socket.destroy(error));
    await once(socket, 'secureConnect');
    return new Connection(socket, patience);
  }

  /** Sends; what cannot be sent any more shows when the response is read. */
  async send(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Closes this side; what the server sends still comes. */
  end(): void {
    this.socket.end();
  }

  /**
   * Goes away without a word: the server gets a reset.
   *
   * Not over TLS: a reset from below a client's TLS is not always noticed by the TLS server of Node
   * itself, which then keeps the connection.
   */
  reset(): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Waits until everything is closed. */
  async close(): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  /** Whether a read would give something at once, or find the connection ended. */
  get isOver(): boolean {
    return this.#ended || this.socket.destroyed;
  }

  /**
   * Waits for more.
   *
   * @returns false at the end of the connection
   */
  async more(): Promise<boolean> {
    const piece = await this.#pull();
    if (!piece) return false;
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    return true;
  }

  /** What has been received and not been read. */
  get rest(): Buffer {
    return this.#rest;
  }

  /**
   * Reads a response, but for its body.
   *
   * @returns null if the connection has ended instead
   */
  async head(): Promise<Head | null> {
    if (this.#rest.length === 0 && !(await this.more())) return null;
    const statusLine = await this.#line();
    const [, version, status] = STATUS_LINE.exec(statusLine) ?? [];
    if (!version) throw new Problem(`no status line: ${JSON.stringify(statusLine.slice(0, 200))}`);
    const headers = new Map<string, string>();
    for (;;) {
      const line = await this.#line();
      if (line === '') break;
      const [, name, value] = FIELD_LINE.exec(line) ?? [];
      if (!name) throw new Problem(`no header line: ${JSON.stringify(line.slice(0, 200))}`);
      if (headers.has(name.toLowerCase())) throw new Problem(`two header lines ${name}`);
      headers.set(name.toLowerCase(), value!);
    }
    return { version, status: Number(status), headers };
  }

  /**
   * Reads a response.
   *
   * @returns null if the connection has ended instead
   * @throws {CutShort} if it ends in the middle
   * @throws {Problem} if it is malformed, or does not come
   */
  async response({ method = 'GET', sink = () => {} }: ReadOptions = {}): Promise<Head | null> {
    let head = await this.head();
    while (head?.status === 100) head = await this.head();
    if (!head) return null;
    const { status, headers } = head;
    const length = headers.get('content-length');
    const coding = headers.get('transfer-encoding');
    if (length !== undefined && coding !== undefined) throw new Problem('a length, and chunks');
    if (coding !== undefined && coding !== 'chunked') throw new Problem(`a coding: ${coding}`);
    if (length !== undefined && !/^[0-9]+$/.test(length)) throw new Problem(`a length: ${length}`);
    if (method === 'HEAD' || status === 204 || status === 304) return head;
    if (coding) await this.#chunks(sink);
    else if (length !== undefined) await this.#take(Number(length), sink);
    else await this.#takeAll(sink);
    return head;
  }

  /**
   * Waits until the server has closed its side.
   *
   * @throws {Problem} if anything comes before that
   */
  async finish(): Promise<void> {
    if (this.#rest.length === 0 && !(await this.more())) return;
    const said = JSON.stringify(this.#rest.toString('latin1').slice(0, 200));
    throw new Problem(`more than was asked for: ${said}`);
  }

  async #chunks(sink: (piece: Buffer) => void | Promise<void>): Promise<void> {
    for (;;) {
      const line = await this.#line();
      if (!/^[0-9a-f]{1,8}$/.test(line)) throw new Problem(`no size: ${JSON.stringify(line)}`);
      const size = parseInt(line, 16);
      await this.#take(size, sink);
      const end = await this.#line();
      if (end !== '') throw new Problem(`no end of a chunk: ${JSON.stringify(end)}`);
      if (size === 0) return;
    }
  }

  async #take(length: number, sink: (piece: Buffer) => void | Promise<void>): Promise<void> {
    for (let missing = length; missing > 0;) {
      if (this.#rest.length === 0 && !(await this.more())) {
        throw new CutShort(`a body that ends ${missing} bytes early`);
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      await sink(piece);
    }
  }

  async #takeAll(sink: (piece: Buffer) => void | Promise<void>): Promise<void> {
    do await this.#take(this.#rest.length, sink);
    while (await this.more());
    if (this.#failure) throw new CutShort(`a body that ends with ${String(this.#failure)}`);
  }

  async #line(): Promise<string> {
    for (let seen = 0; ;) {
      const end = this.#rest.indexOf('\r\n', seen);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      seen = Math.max(0, this.#rest.length - 1);
      if (!(await this.more())) {
        const said = JSON.stringify(this.#rest.toString('latin1').slice(0, 200));
        throw new CutShort(`a response that ends with ${said}`);
      }
    }
  }

  /** Returns what comes next; null at the end of the connection. */
  async #pull(): Promise<Buffer | null> {
    for (;;) {
      const piece = this.socket.read() as Buffer | null;
      if (piece) return piece;
      if (this.isOver || this.#failure) return null;
      await this.#wait();
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake = null;
        reject(new Problem(`nothing came for ${this.#patience} s`));
      }, this.#patience * 1000);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}
