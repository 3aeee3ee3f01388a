import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen } from './awaitable.ts';
import { concatBytes, EMPTY, LF } from './bytes.ts';
import { IOBase } from './io-base.ts';

/**
 * A `wsgi.input` over any source of bytes: a subclass supplies the next bytes, this class cuts them
 * into reads and lines.
 *
 * Python counterpart: `io.BufferedReader`. What is buffered is returned at once; only a read that
 * has to wait for more returns a promise. Once the source has ended, it is not asked again.
 *
 * @example
 * ```ts
 * import { BufferedReader, encodeLatin1 } from '@wsgiref/util';
 *
 * class Countdown extends BufferedReader {
 *   #left = 3;
 *   _pull() {
 *     return encodeLatin1(this.#left > 0 ? `${this.#left--}\n` : '');
 *   }
 * }
 * console.log((await new Countdown().readlines()).length); // 3
 * ```
 */
export abstract class BufferedReader extends IOBase implements InputStream {
  /** Bytes that have come from the source and have not been read. */
  #buffer: Uint8Array = EMPTY;
  #ended = false;

  /** Returns the next bytes of the source, however many there are; none at its end. */
  protected abstract _pull(): Awaitable<Uint8Array>;

  /**
   * @param size the most bytes to return; omitted, null or negative, everything up to the end
   * @returns that many bytes, fewer only at the end
   */
  read(size: number | null = -1): Awaitable<Uint8Array> {
    const limit = size === null || size < 0 ? Infinity : size;
    return this._inTurn(() =>
      limit <= this.#buffer.length ? this.#take(limit) : this.#collect(limit, false),
    );
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, the whole line
   * @returns the bytes up to and with the next line feed, empty at the end
   */
  override readline(size: number | null = -1): Awaitable<Uint8Array> {
    const limit = size === null || size < 0 ? Infinity : size;
    return this._inTurn(() => {
      const end = lineEnd(this.#buffer, limit);
      return end > 0 || limit === 0 ? this.#take(end) : this.#collect(limit, true);
    });
  }

  /**
   * Looks ahead without reading: what is buffered, after asking the source once if that is nothing.
   *
   * @returns the next bytes, empty at the end
   */
  peek(): Awaitable<Uint8Array> {
    return this._inTurn(() => (this.#buffer.length > 0 ? this.#buffer : this.#fill()));
  }

  #take(size: number): Uint8Array {
    const taken = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return taken;
  }

  async #collect(limit: number, byLine: boolean): Promise<Uint8Array> {
    const blocks: Uint8Array[] = [];
    let missing = limit;
    while (missing > 0) {
      if (this.#buffer.length === 0 && (await this.#fill()).length === 0) break;
      const end = byLine ? lineEnd(this.#buffer, missing) : 0;
      const block = this.#take(end || Math.min(missing, this.#buffer.length));
      blocks.push(block);
      missing -= block.length;
      if (end > 0) break;
    }
    return concatBytes(blocks);
  }

  #fill(): Awaitable<Uint8Array> {
    if (this.#ended) return EMPTY;
    return andThen(this._pull(), (bytes) => {
      this.#ended = bytes.length === 0;
      this.#buffer = bytes;
      return bytes;
    });
  }
}

/** Where a line of at most `limit` bytes ends in `bytes`; 0 if more bytes are needed to tell. */
function lineEnd(bytes: Uint8Array, limit: number): number {
  const feed = bytes.subarray(0, limit).indexOf(LF);
  if (feed >= 0) return feed + 1;
  return limit <= bytes.length ? limit : 0;
}
