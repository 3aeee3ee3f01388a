import type { Awaitable } from '@wsgiref/types';
import { isPromiseLike } from './awaitable.ts';

/**
 * What every stream of bytes can do once it can read a line.
 *
 * Python counterpart: `io.IOBase`.
 */
export abstract class IOBase {
  /** Settles with the read that is waiting for more. */
  #turn: PromiseLike<unknown> | null = null;

  /**
   * @param size the most bytes to return; omitted, null or negative, the whole line
   * @returns the bytes up to and with the next line feed, empty at the end
   */
  abstract readline(size?: number | null): Awaitable<Uint8Array>;

  /**
   * @param hint stop once more bytes than this have been read; omitted, null or not positive, read
   *   all
   * @returns the lines from here on
   */
  async readlines(hint: number | null = -1): Promise<Uint8Array[]> {
    const lines: Uint8Array[] = [];
    let total = 0;
    for await (const line of this) {
      lines.push(line);
      total += line.length;
      if (hint !== null && hint > 0 && total > hint) break;
    }
    return lines;
  }

  /** Iterates over the lines from here on. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /**
   * Lets reads take their turns: one that is called while another waits for more begins after it.
   *
   * @param operation the read
   * @returns what it returns
   */
  protected _inTurn<T>(operation: () => Awaitable<T>): Awaitable<T> {
    const result = this.#turn ? this.#turn.then(operation) : operation();
    if (isPromiseLike(result)) {
      // Freed before the caller hears of the result, so that its next read finds what is buffered.
      const free = (): void => {
        if (this.#turn === turn) this.#turn = null;
      };
      const turn = result.then(free, free);
      this.#turn = turn;
    }
    return result;
  }
}
