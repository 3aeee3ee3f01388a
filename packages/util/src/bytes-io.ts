import type { InputStream, OutputStream } from '@wsgiref/types';
import { concatBytes, EMPTY, LF } from './bytes.ts';

/**
 * A stream of bytes in memory: a `wsgi.input` or an output for tests and small servers.
 *
 * Python counterpart: `io.BytesIO`. Everything is synchronous.
 *
 * @example
 * ```ts
 * import { BytesIO, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
 *
 * const input = new BytesIO(encodeLatin1('one\ntwo\n'));
 * console.log(decodeLatin1(input.readline()) === 'one\n'); // true
 * console.log(input.tell()); // 4
 * ```
 */
export class BytesIO implements InputStream, OutputStream {
  /** What is stored; the bytes from `#length` on are room to grow. */
  #bytes: Uint8Array;
  #length: number;
  #position = 0;
  #closed = false;

  /** @param initial what the stream holds at first; it is copied */
  constructor(initial: Uint8Array = EMPTY) {
    this.#bytes = Uint8Array.from(initial);
    this.#length = initial.length;
  }

  /** Whether the stream has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, everything up to the end
   * @returns the bytes from here on, empty at the end
   */
  read(size: number | null = -1): Uint8Array {
    this.#checkOpen();
    const end = size === null || size < 0 ? this.#length : this.#position + size;
    return this.#take(end);
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, the whole line
   * @returns the bytes up to and with the next line feed, empty at the end
   */
  readline(size: number | null = -1): Uint8Array {
    this.#checkOpen();
    // Looked for no further than `size`: a body without line feeds must not be searched to its end
    // for each piece.
    const limit =
      size === null || size < 0 ? this.#length : Math.min(this.#length, this.#position + size);
    const feed = this.#bytes.subarray(0, limit).indexOf(LF, this.#position);
    return this.#take(feed < 0 ? limit : feed + 1);
  }

  /**
   * @param hint stop once this many bytes have been read; omitted, null or not positive, read all
   * @returns the lines from here on
   */
  readlines(hint: number | null = -1): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let total = 0;
    for (const line of this) {
      lines.push(line);
      total += line.length;
      if (hint !== null && hint > 0 && total >= hint) break;
    }
    return lines;
  }

  /**
   * Writes at the current position, over what is there.
   *
   * @param data the bytes; they are copied
   * @returns how many bytes were written: all of them
   */
  write(data: Uint8Array): number {
    this.#checkOpen();
    const end = this.#position + data.length;
    this.#reserve(end);
    // A position beyond the end leaves a gap, which is filled with zeros.
    if (this.#position > this.#length) this.#bytes.fill(0, this.#length, this.#position);
    this.#bytes.set(data, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
    return data.length;
  }

  /** @param lines blocks to write one after the other; no line feeds are added */
  writelines(lines: Iterable<Uint8Array>): void {
    for (const line of lines) this.write(line);
  }

  /** Does nothing: there is nowhere to pass the bytes on to. */
  flush(): void {
    this.#checkOpen();
  }

  /**
   * Moves to a position.
   *
   * @param offset bytes to move by
   * @param whence from where: 0 the beginning, 1 the current position, 2 the end
   * @returns the new position in bytes from the beginning
   * @throws {RangeError} if the position would lie before the beginning, or `whence` is another
   */
  seek(offset: number, whence: number = 0): number {
    this.#checkOpen();
    const origin = [0, this.#position, this.#length][whence];
    if (origin === undefined) {
      throw new RangeError(`invalid whence (${whence}, should be 0, 1 or 2)`);
    }
    // As in Python, only a position counted from the beginning can be out of range.
    if (whence === 0 && offset < 0) throw new RangeError(`negative seek value ${offset}`);
    this.#position = Math.max(0, origin + offset);
    return this.#position;
  }

  /** Returns the current position in bytes from the beginning. */
  tell(): number {
    this.#checkOpen();
    return this.#position;
  }

  /**
   * Cuts the stream off.
   *
   * @param size the new length in bytes; omitted or null, the current position
   * @returns the new length
   * @throws {RangeError} if it is negative
   */
  truncate(size: number | null = null): number {
    this.#checkOpen();
    const length = size ?? this.#position;
    if (length < 0) throw new RangeError(`negative size value ${length}`);
    this.#length = Math.min(this.#length, length);
    return length;
  }

  /** Returns a copy of everything the stream holds, wherever the position is. */
  getvalue(): Uint8Array {
    this.#checkOpen();
    return this.#bytes.slice(0, this.#length);
  }

  /** Closes the stream: every other operation is refused from here on. */
  close(): void {
    this.#closed = true;
    this.#bytes = EMPTY;
    this.#length = 0;
  }

  /** Iterates over the lines from here on. */
  *[Symbol.iterator](): Generator<Uint8Array, undefined> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }

  /** Iterates over the lines from here on. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    for (const line of this) yield line;
  }

  #take(end: number): Uint8Array {
    const bytes = this.#bytes.slice(this.#position, Math.min(end, this.#length));
    this.#position += bytes.length;
    return bytes;
  }

  #reserve(capacity: number): void {
    if (capacity <= this.#bytes.length) return;
    const room = new Uint8Array(Math.max(capacity, 2 * this.#bytes.length) - this.#length);
    this.#bytes = concatBytes([this.#bytes.subarray(0, this.#length), room]);
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('I/O operation on closed file');
  }
}
