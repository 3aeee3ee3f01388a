import type { Socket } from 'node:net';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { Awaitable } from '@wsgiref/types';
import { BufferedReader } from '@wsgiref/util';
import { startTimeout } from './timeout-error.ts';

/** Bytes that may wait to be read before the client is kept from sending more. */
const HIGH_WATER_MARK = 65536;

const END = new Uint8Array(0);

/** Someone who waits for the client. */
interface Waiter {
  resolve(block: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * What a client sends, as a stream to read from: the `rfile` of a request handler.
 *
 * At most {@link HIGH_WATER_MARK} bytes and what the system reads at once are taken ahead of the
 * reader.
 */
export class SocketReader extends BufferedReader {
  readonly #socket: Socket;
  readonly #timeout: number | null;
  /** Blocks that have come and have not been pulled. */
  readonly #blocks: Uint8Array[] = [];
  #size = 0;
  /** Whether the client has closed its side. */
  #ended = false;
  #closed = false;
  #waiter: Waiter | null = null;

  /**
   * @param socket the connection
   * @param timeout seconds to wait for the client to send; null, for ever
   */
  constructor(socket: Socket, timeout: number | null = null) {
    super();
    this.#socket = socket;
    this.#timeout = timeout;
    socket.on('data', (block: Buffer) => this.#take(block));
    socket.on('end', () => {
      this.#ended = true;
      this.#waiter?.resolve(END);
    });
    socket.on('close', () => this.#waiter?.reject(this.#disconnected()));
  }

  /** Stops keeping what the client sends: from here on it is thrown away. */
  close(): void {
    this.#closed = true;
    this.#blocks.length = 0;
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
    return this.#wait();
  }

  #take(block: Buffer): void {
    if (this.#closed) return;
    if (this.#waiter) {
      this.#waiter.resolve(block);
      return;
    }
    this.#blocks.push(block);
    this.#size += block.length;
    if (this.#size >= HIGH_WATER_MARK) this.#socket.pause();
  }

  #wait(): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      const stopTimeout = startTimeout(this.#timeout, (error) => this.#waiter?.reject(error));
      const done = (): void => {
        stopTimeout();
        this.#waiter = null;
      };
      this.#waiter = {
        resolve(block) {
          done();
          resolve(block);
        },
        reject(error) {
          done();
          reject(error);
        },
      };
    });
  }

  #disconnected(): ClientDisconnected {
    return new ClientDisconnected('the client closed the connection', {
      cause: this.#socket.errored,
    });
  }
}
