import type { ErrorStream } from '@wsgiref/types';

/**
 * A stream of text in memory: a `wsgi.errors` for tests and small servers.
 *
 * Python counterpart: `io.StringIO`. Sizes and positions count UTF-16 code units, as everywhere in
 * JavaScript; line ends are left as they are.
 *
 * @example
 * ```ts
 * import { StringIO } from '@wsgiref/util';
 *
 * const errors = new StringIO();
 * errors.write('something went wrong\n');
 * console.log(errors.getvalue().trim()); // something went wrong
 * ```
 */
export class StringIO implements ErrorStream {
  #text: string;
  #position = 0;
  #closed = false;

  /** @param initial what the stream holds at first */
  constructor(initial: string = '') {
    this.#text = initial;
  }

  /** Whether the stream has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * @param size the most characters to return; omitted, null or negative, everything up to the end
   * @returns the text from here on, empty at the end
   */
  read(size: number | null = -1): string {
    this.#checkOpen();
    return this.#take(size === null || size < 0 ? Infinity : this.#position + size);
  }

  /**
   * @param size the most characters to return; omitted, null or negative, the whole line
   * @returns the text up to and with the next line feed, empty at the end
   */
  readline(size: number | null = -1): string {
    this.#checkOpen();
    const feed = this.#text.indexOf('\n', this.#position);
    const lineEnd = feed < 0 ? Infinity : feed + 1;
    return this.#take(
      size === null || size < 0 ? lineEnd : Math.min(lineEnd, this.#position + size),
    );
  }

  /**
   * @param hint stop once more characters than this have been read; omitted, null or not positive,
   *   read all
   * @returns the lines from here on
   */
  readlines(hint: number | null = -1): string[] {
    const lines: string[] = [];
    let total = 0;
    for (const line of this) {
      lines.push(line);
      total += line.length;
      if (hint !== null && hint > 0 && total > hint) break;
    }
    return lines;
  }

  /**
   * Writes at the current position, over what is there.
   *
   * @param s the text
   * @returns how many characters were written: all of them
   * @throws {TypeError} if it is not a string
   */
  write(s: string): number {
    this.#checkOpen();
    if (typeof s !== 'string') {
      throw new TypeError(`string argument expected, got ${typeof s}`);
    }
    const before = this.#text.slice(0, this.#position).padEnd(this.#position, '\0');
    this.#text = before + s + this.#text.slice(this.#position + s.length);
    this.#position += s.length;
    return s.length;
  }

  /** @param lines texts to write one after the other; no line feeds are added */
  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  /** Does nothing: there is nowhere to pass the text on to. */
  flush(): void {
    this.#checkOpen();
  }

  /**
   * Moves to a position.
   *
   * @param position characters from the beginning
   * @returns the new position
   * @throws {RangeError} if it is negative
   */
  seek(position: number): number {
    this.#checkOpen();
    if (position < 0) throw new RangeError(`Negative seek position ${position}`);
    this.#position = position;
    return position;
  }

  /** Returns the current position in characters from the beginning. */
  tell(): number {
    this.#checkOpen();
    return this.#position;
  }

  /**
   * Cuts the stream off.
   *
   * @param size the new length in characters; omitted or null, the current position
   * @returns the new length
   * @throws {RangeError} if it is negative
   */
  truncate(size: number | null = null): number {
    this.#checkOpen();
    const length = size ?? this.#position;
    if (length < 0) throw new RangeError(`Negative size value ${length}`);
    this.#text = this.#text.slice(0, length);
    return length;
  }

  /** Returns everything the stream holds, wherever the position is. */
  getvalue(): string {
    this.#checkOpen();
    return this.#text;
  }

  /** Closes the stream: every other operation is refused from here on. */
  close(): void {
    this.#closed = true;
    this.#text = '';
  }

  /** Iterates over the lines from here on. */
  *[Symbol.iterator](): Generator<string, undefined> {
    for (let line = this.readline(); line !== ''; line = this.readline()) yield line;
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#position, end);
    this.#position += text.length;
    return text;
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('I/O operation on closed file');
  }
}
