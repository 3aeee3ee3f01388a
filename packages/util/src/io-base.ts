import type { Awaitable } from '@wsgiref/types';

/**
 * What every stream of bytes can do once it can read a line.
 *
 * Python counterpart: `io.IOBase`.
 */
export abstract class IOBase {
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
}
