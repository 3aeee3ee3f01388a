import type { Socket } from 'node:net';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { Awaitable } from '@wsgiref/types';
import { BufferedReader } from '@wsgiref/util';
import { Deadline } from './deadline.ts';
import { TimeoutError } from './timeout-error.ts';
import { turn } from './turn.ts';

/** Bytes that may wait to be read before the client is kept from sending more. */
const HIGH_WATER_MARK = 65536;

const END = new Uint8Array(0);

/**
 * What a client sends, as a stream to read from: the `rfile` of a request handler.
 *
 * At most {@link HIGH_WATER_MARK} bytes and what the system reads at once are taken ahead of the
 * reader.
 */
export class SocketReader extends BufferedReader {
  /** Seconds that a read may wait for the client to send anything; null, for ever. */
  timeout: number | null;
  /** Called once when the client closes its side, or the connection is lost. */
  onDisconnect: (() => void) | null = null;

  readonly #socket: Socket;
  /** Blocks that have come and have not been pulled. */
  readonly #blocks: Uint8Array[] = [];
  #size = 0;
  /** Whether the client has closed its side. */
  #ended = false;
  #closed = false;
  /** Whoever waits for the client to send something. */
  #resolve: (() => void) | null = null;
  /** Whether that is for a request, and not for more of one; and whether it has begun to come. */
  #isIdle = false;
  #isHeard = false;
  #reject: ((error: Error) => void) | null = null;
  readonly #deadline = new Deadline(SocketReader.#expire, this);
  /** Seconds that all waits may take together, and when that is over; 0 before the first of them. */
  #limit: number | null = null;
  #limitTime = 0;

  /**
   * @param socket the connection
   * @param timeout seconds that a read may wait for the client to send anything; null, for ever
   */
  constructor(socket: Socket, timeout: number | null = null) {
    super();
    this.#socket = socket;
    this.timeout = timeout;
    socket.on('data', (block: Buffer) => this.#receive(block));
    socket.on('end', () => {
      this.#ended = true;
      this.#wake();
      this.#disconnect();
    });
    socket.on('close', () => {
      this.#deadline.close();
      if (this.#reject) this.#fail(this.#disconnected());
      this.#disconnect();
    });
  }

  /** Whether the client has closed its side, or the connection is lost. */
  get disconnected(): boolean {
    return this.#ended || this.#socket.destroyed;
  }

  /** How many bytes have come that have not been read. */
  get pending(): number {
    return this.available + this.#size;
  }

  /**
   * Limits the time for all waits from now on, taken together.
   *
   * @param seconds how long they may take; null, for ever
   */
  expireAfter(seconds: number | null): void {
    this.#limit = seconds;
    // Most requests are all there, and need no clock.
    this.#limitTime = 0;
  }

  /** Whether the time of {@link expireAfter} is over. */
  get expired(): boolean {
    return this.#limitTime > 0 && performance.now() >= this.#limitTime;
  }

  /**
   * Waits until a read would not have to.
   *
   * @returns nothing if something has come already, or a promise
   * @throws {ClientDisconnected} if the connection is lost
   * @throws {TimeoutError} if nothing comes in time
   */
  awaitData(): Awaitable<void> {
    if (this.available > 0 || this.#blocks.length > 0 || this.#ended || this.#closed) return;
    if (this.#socket.destroyed) throw this.#disconnected();
    this._release();
    // A connection that may idle for ever needs no clock meanwhile.
    if (this.timeout === null && this.#limit === null) this.#deadline.close();
    this.#isIdle = true;
    return this.#wait();
  }

  /** Ends the stream here, for a read that waits for the client, too. */
  interrupt(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Stops keeping what the client sends: from here on it is thrown away. */
  close(): void {
    this.#closed = true;
    this.#blocks.length = 0;
    this.#deadline.close();
    this.#socket.resume();
  }

  protected override _pull(): Awaitable<Uint8Array> {
    const block = this.#blocks.shift();
    if (block) {
      this.#size -= block.length;
      if (this.#size < HIGH_WATER_MARK) this.#socket.resume();
      return block;
    }
    if (this.#ended || this.#closed) return END;
    if (this.#socket.destroyed) throw this.#disconnected();
    return this.#wait().then(() => this._pull());
  }

  /** Joins in the memory of the first block if that has room: new memory is what takes the time. */
  protected override _join(blocks: readonly Uint8Array[], own: Uint8Array | null): Uint8Array {
    if (blocks.length === 1) return blocks[0]!;
    let size = 0;
    for (const { length } of blocks) size += length;
    // Blocks of a socket are nobody else's, unless somebody listens in.
    const isAlone = this.#socket.listenerCount('data') === 1;
    if (!own || own.length < size || !isAlone) return Buffer.concat(blocks, size);
    let offset = 0;
    for (const block of blocks) {
      own.set(block, offset);
      offset += block.length;
    }
    return own.subarray(0, size);
  }

  #receive(block: Buffer): void {
    if (this.#closed) return;
    this.#blocks.push(block);
    this.#size += block.length;
    if (this.#resolve && !this.#isIdle) {
      this.#wake();
      return;
    }
    if (this.#size >= HIGH_WATER_MARK) this.#socket.pause();
    if (this.#isIdle && !this.#isHeard) {
      this.#isHeard = true;
      turn.serve(SocketReader.#begin, this);
    }
  }

  #wait(): Promise<void> {
    const { timeout } = this;
    if (timeout !== null || this.#limit !== null) {
      const now = performance.now();
      if (this.#limitTime === 0) {
        this.#limitTime = this.#limit === null ? Infinity : now + this.#limit * 1000;
      }
      const time = timeout === null ? Infinity : now + timeout * 1000;
      this.#deadline.set(Math.min(time, this.#limitTime));
    }
    return new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  static #begin(this: void, reader: SocketReader): void {
    reader.#wake();
  }

  static #expire(this: void, reader: SocketReader): void {
    reader.#fail(new TimeoutError());
  }

  #wake(): void {
    const resolve = this.#resolve;
    this.#endWait();
    resolve?.();
  }

  #fail(error: Error): void {
    const reject = this.#reject;
    this.#endWait();
    reject?.(error);
  }

  #endWait(): void {
    this.#resolve = this.#reject = null;
    this.#isIdle = this.#isHeard = false;
    this.#deadline.set(Infinity);
  }

  #disconnect(): void {
    const { onDisconnect } = this;
    this.onDisconnect = null;
    if (!this.#closed) onDisconnect?.();
  }

  #disconnected(): ClientDisconnected {
    return new ClientDisconnected('the client closed the connection', {
      cause: this.#socket.errored,
    });
  }
}
