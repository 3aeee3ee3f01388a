import type { Socket } from 'node:net';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { Awaitable, OutputStream } from '@wsgiref/types';
import { startTimeout } from './timeout-error.ts';

/** Bytes up to which it is cheaper to copy blocks together than to send them one by one. */
const COPY_LIMIT = 65536;

/** A wait for the system to take what was sent. */
interface Sending {
  promise: Promise<void>;
  settle(failed: boolean): void;
}

/**
 * What goes to a client, as a stream to write to: the `wfile` of a request handler.
 *
 * A write is done when the system has taken all of it. Only if that takes waiting does it return a
 * promise, so that a slow client slows down whoever writes, and a block is the caller's again
 * afterwards.
 */
export class SocketWriter implements OutputStream {
  readonly #socket: Socket;
  readonly #bufferSize: number;
  readonly #timeout: number | null;
  /** Blocks that have been written and not been flushed. */
  #blocks: Uint8Array[] = [];
  #size = 0;
  /** Settles when the system has taken everything that was sent. */
  #sending: Sending | null = null;

  /**
   * @param socket the connection
   * @param bufferSize bytes to keep until {@link flush}; 0, none
   * @param timeout seconds to wait for the client to take anything; null, for ever
   */
  constructor(socket: Socket, bufferSize: number = 0, timeout: number | null = null) {
    this.#socket = socket;
    this.#bufferSize = bufferSize;
    this.#timeout = timeout;
  }

  /**
   * Sends bytes, or keeps them until there are enough.
   *
   * @param data the bytes
   * @returns nothing, or a promise that resolves when the system has taken them
   * @throws {ClientDisconnected} if the client went away
   */
  write(data: Uint8Array): Awaitable<void> {
    this.#blocks.push(data);
    this.#size += data.length;
    if (this.#size >= this.#bufferSize) return this.flush();
  }

  /**
   * Sends what has been kept.
   *
   * @returns nothing, or a promise that resolves when the system has taken it
   * @throws {ClientDisconnected} if the client went away
   */
  flush(): Awaitable<void> {
    if (this.#size === 0) return this.#sending?.promise;
    const blocks = this.#blocks;
    this.#blocks = [];
    if (this.#size <= COPY_LIMIT && blocks.length > 1) {
      blocks.splice(0, blocks.length, Buffer.concat(blocks, this.#size));
    }
    this.#size = 0;
    return this.#send(blocks);
  }

  #send(blocks: readonly Uint8Array[]): Awaitable<void> {
    if (!this.#socket.writable) throw this.#disconnected();
    for (const block of blocks) this.#socket.write(block, this.#written);
    // It shows here before it shows in `writable`.
    if (this.#socket.errored) throw this.#disconnected();
    if (this.#socket.writableLength === 0) return;
    this.#sending ??= this.#startSending();
    return this.#sending.promise;
  }

  readonly #written = (error?: Error | null): void => {
    // Node reports a write as done that the end of the connection cut short.
    const failed = Boolean(error) || this.#socket.destroyed;
    if (failed || this.#socket.writableLength === 0) this.#sending?.settle(failed);
  };

  #startSending(): Sending {
    let settle!: (failed: boolean) => void;
    const promise = new Promise<void>((resolve, reject) => {
      const stopTimeout = startTimeout(this.#timeout, reject);
      settle = (failed) => {
        stopTimeout();
        this.#sending = null;
        if (failed) reject(this.#disconnected());
        else resolve();
      };
    });
    // Who does not wait for a write sees its failure in the next one.
    promise.catch(() => {});
    return { promise, settle };
  }

  #disconnected(): ClientDisconnected {
    return new ClientDisconnected('the client closed the connection', {
      cause: this.#socket.errored,
    });
  }
}
