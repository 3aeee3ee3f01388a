import type { Socket } from 'node:net';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { Awaitable, OutputStream } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';
import { TimeoutError } from './timeout-error.ts';
import { turn } from './turn.ts';

/** Bytes up to which it is cheaper to copy a block into a string than to send it by itself. */
const STRING_LIMIT = 4096;

/** Bytes that may be kept where they would otherwise have been sent. */
const KEEP_LIMIT = 65536;

/** Milliseconds: the longest time that Node measures, 24 days. */
const LONGEST = 0x7fff_ffff;

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
  /** Seconds that a write may wait for the client to take anything; null, for ever. */
  timeout: number | null;

  readonly #socket: Socket;
  readonly #bufferSize: number;
  /** Bytes that have been written and not been flushed: first those that a string holds, then these. */
  #text = '';
  #blocks: Uint8Array[] = [];
  #size = 0;
  /** Settles when the system has taken everything that was sent. */
  #sending: Sending | null = null;

  /**
   * @param socket the connection
   * @param bufferSize bytes to keep until {@link flush}; 0, none
   * @param timeout seconds that a write may wait for the client to take anything; null, for ever
   */
  constructor(socket: Socket, bufferSize: number = 0, timeout: number | null = null) {
    this.#socket = socket;
    this.#bufferSize = bufferSize;
    this.timeout = timeout;
  }

  /**
   * Sends bytes, or keeps them until there are enough.
   *
   * @param data the bytes
   * @returns nothing, or a promise that resolves when the system has taken them
   * @throws {ClientDisconnected} if the client went away
   */
  write(data: Uint8Array): Awaitable<void> {
    if (this.#blocks.length === 0 && data.length <= STRING_LIMIT) {
      // A small response is fastest as one string: head and body make one piece without a buffer.
      this.#text += decodeLatin1(data);
    } else {
      this.#blocks.push(data);
    }
    this.#size += data.length;
    if (this.#size >= this.#bufferSize) return this.flush();
  }

  /**
   * Sends a native string, or keeps it until there is enough; as `write()` of its bytes.
   *
   * @param text the bytes, a character for each
   * @returns nothing, or a promise that resolves when the system has taken them
   * @throws {ClientDisconnected} if the client went away
   */
  writeLatin1(text: string): Awaitable<void> {
    if (this.#blocks.length > 0) return this.write(Buffer.from(text, 'latin1'));
    this.#text += text;
    this.#size += text.length;
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
    const [text, blocks] = [this.#text, this.#blocks];
    this.#text = '';
    this.#size = 0;
    if (blocks.length > 0) this.#blocks = [];
    return this.#send(text, blocks);
  }

  /**
   * Sends what has been kept when the requests that came together with this one have been served,
   * and with it what is written until then.
   *
   * @returns as {@link flush}, if there is too much to keep, or the client has yet to take what was
   *   sent before
   */
  flushSoon(): Awaitable<void> {
    if (this.#size >= KEEP_LIMIT || this.#sending) return this.flush();
    turn.send(flushNow, this);
  }

  #send(text: string, blocks: readonly Uint8Array[]): Awaitable<void> {
    const socket = this.#socket;
    if (!socket.writable) throw this.#disconnected();
    if (blocks.length === 0) {
      socket.write(text, 'latin1', this.#written);
    } else {
      // Corked, they go out in one call of the system.
      socket.cork();
      if (text !== '') socket.write(text, 'latin1');
      for (const block of blocks) socket.write(block, this.#written);
      socket.uncork();
    }
    // It shows here before it shows in `writable`.
    if (socket.errored) throw this.#disconnected();
    if (socket.writableLength === 0) return;
    this.#sending ??= this.#startSending();
    return this.#sending.promise;
  }

  readonly #written = (error?: Error | null): void => {
    // Node reports a write as done that the end of the connection cut short.
    const failed = Boolean(error) || this.#socket.destroyed;
    if (failed || this.#socket.writableLength === 0) this.#sending?.settle(failed);
  };

  #startSending(): Sending {
    const socket = this.#socket;
    const { timeout } = this;
    let settle!: (failed: boolean) => void;
    const promise = new Promise<void>((resolve, reject) => {
      const expire = (): void => reject(new TimeoutError());
      // Node's own clock of a socket: it begins anew whenever the client has taken some.
      if (timeout !== null) socket.setTimeout(Math.min(timeout * 1000 || 1, LONGEST), expire);
      settle = (failed) => {
        if (timeout !== null) socket.setTimeout(0, expire);
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

function flushNow(writer: SocketWriter): void {
  try {
    void writer.flush();
  } catch {
    // The client is gone: the next read or write says so.
  }
}
