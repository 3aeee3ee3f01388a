import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, isPromiseLike } from './awaitable.ts';
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
  /** The last block of the source, and how many bytes of it have been read. */
  #buffer: Uint8Array = EMPTY;
  #position = 0;
  /** Whether somebody may have a part of that block. */
  #isShared = false;
  /** How many bytes have come from the source. */
  #pulled = 0;
  #ended = false;

  /** Returns the next bytes of the source, however many there are; none at its end. */
  protected abstract _pull(): Awaitable<Uint8Array>;

  /** How many bytes have been read. */
  get bytesRead(): number {
    return this.#pulled - this.available;
  }

  /** How many bytes can be read without asking the source. */
  get available(): number {
    return this.#buffer.length - this.#position;
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, everything up to the end
   * @returns that many bytes, fewer only at the end
   */
  read(size: number | null = -1): Awaitable<Uint8Array> {
    const limit = size === null || size < 0 ? Infinity : size;
    return this._inTurn(() =>
      limit <= this.available ? this.#take(limit) : this.#collect(limit, false),
    );
  }

  /**
   * Reads what is buffered, after asking the source once if that is nothing.
   *
   * Python counterpart: `io.BufferedReader.read1`.
   *
   * @param size the most bytes to return; omitted, null or negative, all that are buffered
   * @returns at least one byte, unless the source has ended or `size` is 0
   */
  read1(size: number | null = -1): Awaitable<Uint8Array> {
    const limit = size === null || size < 0 ? Infinity : size;
    return this._inTurn(() =>
      andThen(limit === 0 || this.available > 0 ? EMPTY : this.#fill(), () =>
        this.#take(Math.min(limit, this.available)),
      ),
    );
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, the whole line
   * @returns the bytes up to and with the next line feed, empty at the end
   */
  override readline(size: number | null = -1): Awaitable<Uint8Array> {
    const limit = size === null || size < 0 ? Infinity : size;
    return this._inTurn(() => {
      // What the source has at once may be the line.
      if (this.available === 0 && limit > 0) {
        const filled = this.#fill();
        if (isPromiseLike(filled)) return filled.then(() => this.#collect(limit, true));
      }
      const length = this.#lineLength(limit);
      return length > 0 || limit === 0 || this.#ended
        ? this.#take(length)
        : this.#collect(limit, true);
    });
  }

  /**
   * Looks ahead without reading: what is buffered, after asking the source once if that is nothing.
   *
   * @returns the next bytes, empty at the end
   */
  peek(): Awaitable<Uint8Array> {
    return this._inTurn(() => (this.available > 0 ? this.#rest() : this.#fill()));
  }

  /**
   * Takes bytes as read that {@link peek} has shown.
   *
   * @param size how many; no more than {@link available}
   */
  skip(size: number): void {
    this.#position += size;
  }

  #rest(): Uint8Array {
    this.#isShared = true;
    return this.#position === 0 ? this.#buffer : this.#buffer.subarray(this.#position);
  }

  #take(size: number): Uint8Array {
    this.#isShared = true;
    const start = this.#position;
    this.#position += size;
    return this.#buffer.subarray(start, this.#position);
  }

  async #collect(limit: number, byLine: boolean): Promise<Uint8Array> {
    const blocks: Uint8Array[] = [];
    const own = this.#isShared ? null : this.#buffer;
    let missing = limit;
    while (missing > 0) {
      if (this.available === 0 && (await this.#fill()).length === 0) break;
      const end = byLine ? this.#lineLength(missing) : 0;
      const block = this.#take(end || Math.min(missing, this.available));
      blocks.push(block);
      missing -= block.length;
      if (end > 0) break;
    }
    // The last block of several has been filled for this read, which copies what it takes.
    this.#isShared = blocks.length <= 1;
    return this._join(blocks, own);
  }

  /**
   * Joins what a read has collected; a platform may have a faster way.
   *
   * @param blocks the parts
   * @param _own the block of the source that the first part is the end of, if nobody else has anything
   *   of it
   */
  protected _join(blocks: readonly Uint8Array[], _own: Uint8Array | null): Uint8Array {
    return concatBytes(blocks);
  }

  /** Lets go of a block of which nothing is left to read: the wait for the next may be long. */
  protected _release(): void {
    this.#buffer = EMPTY;
    this.#position = 0;
  }

  #fill(): Awaitable<Uint8Array> {
    if (this.#ended) return EMPTY;
    this._release();
    return andThen(this._pull(), (bytes) => {
      this.#ended = bytes.length === 0;
      this.#pulled += bytes.length;
      this.#buffer = bytes;
      this.#position = 0;
      this.#isShared = false;
      return bytes;
    });
  }

  /** How long the next line is, `limit` at most; 0 if more bytes are needed to tell. */
  #lineLength(limit: number): number {
    const { available } = this;
    // No further than the limit: a long line may be read in many small pieces.
    const ahead = limit < available ? this.#rest().subarray(0, limit) : this.#rest();
    const feed = ahead.indexOf(LF);
    if (feed >= 0) return feed + 1;
    return limit <= available ? limit : 0;
  }
}
