import { ClientDisconnected } from '@wsgiref/handlers/base';
import { TimeoutError } from '@wsgiref/simple-server/socketserver';
import type { Awaitable } from '@wsgiref/types';
import { BufferedReader } from '@wsgiref/util';

/** Bytes that may wait to be read before the connection is not read any further. */
const HIGH_WATER_MARK = 65536;

/** Records that may wait: the smallest holds a byte. */
const MOST_BLOCKS = 1024;

const END = new Uint8Array(0);

/** An application that waits for its request body. */
interface Waiter {
  resolve(block: Uint8Array): void;
  reject(error: Error): void;
}

/** The body of a request: what its FCGI_STDIN records hold. */
export class FastCGIInput extends BufferedReader {
  readonly #timeout: number | null;
  #blocks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #aborted = false;
  #waiter: Waiter | null = null;
  /** Lets the connection be read on. */
  #drained: (() => void) | null = null;

  /** @param timeout seconds to wait for the web server to send; null, for ever */
  constructor(timeout: number | null) {
    super();
    this.#timeout = timeout;
  }

  /** Whether the last record has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes what a record holds.
   *
   * @param block its content; an empty one is the end
   * @returns nothing, or a promise that resolves once there is room for more
   */
  push(block: Uint8Array): Awaitable<void> {
    this.#ended = block.length === 0;
    if (this.#waiter) {
      this.#waiter.resolve(block);
      return;
    }
    if (this.#ended) return;
    this.#blocks.push(block);
    this.#size += block.length;
    if (!this.#isFull()) return;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Ends the stream in the middle: whoever reads it is told that the web server is gone. */
  abort(): void {
    this.#aborted = true;
    this.discard();
    this.#waiter?.reject(disconnected());
  }

  /** Throws away what nobody will read any more. */
  discard(): void {
    this.#blocks = [];
    this.#size = 0;
    this.#drained?.();
  }

  protected override _pull(): Awaitable<Uint8Array> {
    const block = this.#blocks.shift();
    if (block) {
      this.#size -= block.length;
      if (!this.#isFull()) this.#drained?.();
      return block;
    }
    if (this.#aborted) throw disconnected();
    return this.#ended ? END : this.#wait();
  }

  #isFull(): boolean {
    return this.#size >= HIGH_WATER_MARK || this.#blocks.length >= MOST_BLOCKS;
  }

  #wait(): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      const expire = (): void => this.#waiter?.reject(new TimeoutError());
      const timer = this.#timeout === null ? undefined : setTimeout(expire, this.#timeout * 1000);
      const done = (): void => {
        clearTimeout(timer);
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
}

function disconnected(): ClientDisconnected {
  return new ClientDisconnected('the web server has given the request up');
}
