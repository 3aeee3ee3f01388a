import type { Awaitable, WriteCallable } from '@wsgiref/types';
import { isBytes, repr } from '@wsgiref/util';
import { writeBytes, writeWhileIterating } from './body-rules.ts';
import type { Report } from './rule.ts';

/** What a block is counted by: `Exchange`. */
export interface BlockCounter {
  /** Passes broken rules on. */
  readonly report: Report;
  /** Whether the server has begun to ask for blocks. */
  readonly iterating: boolean;
  /** Notes a block of the body. */
  count(block: Uint8Array): void;
}

/**
 * A `write()` that looks at what it is given.
 *
 * Python counterpart: `wsgiref.validate.WriteWrapper`.
 */
export class WriteWrapper {
  readonly #write: WriteCallable;
  readonly #exchange: BlockCounter;

  /**
   * @param write the server's `write()`
   * @param exchange the request and its response
   */
  constructor(write: WriteCallable, exchange: BlockCounter) {
    this.#write = write;
    this.#exchange = exchange;
  }

  /** Checks a block and passes it on. */
  __call__(data: Uint8Array): Awaitable<void> {
    const { report } = this.#exchange;
    if (!isBytes(data)) {
      report(writeBytes, `write() argument must be a bytes instance (got ${repr(data)})`);
    } else {
      this.#exchange.count(data);
    }
    if (this.#exchange.iterating) {
      report(writeWhileIterating, 'write() was called from within the iterable, or after it');
    }
    return this.#write(data);
  }
}
