import type { Awaitable, FileLike } from '@wsgiref/types';
import { andThen, isPromiseLike } from './awaitable.ts';

/**
 * Turns a file-like object into a result: an iterable of blocks.
 *
 * Python counterpart: `wsgiref.util.FileWrapper` (PEP 3333, "Optional Platform-Specific File
 * Handling"). It is its own iterator and reads only when asked; being exhausted does not close the
 * file, `close()` does, and it is there only if the file has one.
 *
 * @example
 * ```ts
 * import { BytesIO, encodeLatin1, FileWrapper } from '@wsgiref/util';
 *
 * const file = new BytesIO(encodeLatin1('hello, world'));
 * console.log([...new FileWrapper(file, 5)].map((block) => block.length)); // [ 5, 5, 2 ]
 * ```
 */
export class FileWrapper {
  /** The file. */
  filelike: FileLike;
  /** Bytes to read at a time. */
  blksize: number;
  /** Closes the file; only there if the file can be closed. */
  declare close?: () => Awaitable<void>;

  /**
   * @param filelike an object with `read(size)`, which returns bytes or a promise of them
   * @param blksize bytes to read at a time
   */
  constructor(filelike: FileLike, blksize: number = 8192) {
    this.filelike = filelike;
    this.blksize = blksize;
    if (filelike.close) this.close = () => filelike.close!();
  }

  /** Reads the next block; a promise only if the file's `read()` gives one. */
  next(): Awaitable<IteratorResult<Uint8Array, undefined>> {
    return andThen(this.filelike.read(this.blksize), toResult);
  }

  /** For `for…of`, where `read()` is synchronous. */
  [Symbol.iterator](): Iterator<Uint8Array, undefined> {
    return {
      next: () => {
        const result = this.next();
        if (isPromiseLike(result)) {
          throw new TypeError('read() returned a promise: iterate with `for await`');
        }
        return result;
      },
    };
  }

  /** For `for await…of`, whatever `read()` returns. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return { next: async () => this.next() };
  }
}

function toResult(block: Uint8Array): IteratorResult<Uint8Array, undefined> {
  return block.length > 0 ? { done: false, value: block } : { done: true, value: undefined };
}
