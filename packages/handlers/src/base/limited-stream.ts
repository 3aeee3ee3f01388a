import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, concatBytes, IOBase, isPromiseLike } from '@wsgiref/util';
import { RequestError } from './errors.ts';

const END: Uint8Array = new Uint8Array(0);

/**
 * A `wsgi.input` that ends where the request body ends, and stays at its end for ever.
 *
 * PEP 3333, "Input and Error Streams": "A server should not attempt to read past the
 * client-specified Content-Length, and should simulate an end-of-file condition if the application
 * attempts to read past that point."
 */
export class LimitedStream extends IOBase implements InputStream {
  readonly #stream: InputStream;
  readonly #length: number;
  #remaining: number;

  /**
   * @param stream where the bytes come from; it is read only when this stream is
   * @param length how many bytes there are
   */
  constructor(stream: InputStream, length: number) {
    super();
    this.#stream = stream;
    this.#length = length;
    this.#remaining = length;
  }

  /** How many bytes have not been read yet. */
  get remaining(): number {
    return this.#remaining;
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, all that remain
   * @returns that many bytes, fewer only at the end
   * @throws {RequestError} if the stream ends before the body does
   */
  read(size: number | null = -1): Awaitable<Uint8Array> {
    return this._inTurn(() => {
      const wanted = this.#limit(size);
      if (wanted === 0) return END;
      return andThen(this.#stream.read(wanted), (block) => {
        this.#count(block);
        return block.length < wanted ? this.#readOn(block, wanted) : block;
      });
    });
  }

  /**
   * @param size the most bytes to return; omitted, null or negative, the whole line
   * @returns the bytes up to and with the next line feed, empty at the end
   * @throws {RequestError} if the stream ends before the body does
   */
  override readline(size: number | null = -1): Awaitable<Uint8Array> {
    return this._inTurn(() => {
      const limit = this.#limit(size);
      if (limit === 0) return END;
      return andThen(this.#stream.readline(limit), (line) => this.#count(line));
    });
  }

  #limit(size: number | null): number {
    return size === null || size < 0 ? this.#remaining : Math.min(size, this.#remaining);
  }

  /** A stream may return fewer bytes than it was asked for: this one does not. */
  async #readOn(first: Uint8Array, wanted: number): Promise<Uint8Array> {
    const blocks = [first];
    for (let missing = wanted - first.length; missing > 0;) {
      const read = this.#stream.read(missing);
      const block = this.#count(isPromiseLike(read) ? await read : read);
      blocks.push(block);
      missing -= block.length;
    }
    return concatBytes(blocks);
  }

  #count(block: Uint8Array): Uint8Array {
    if (block.length === 0) {
      // RFC 9112 §8: a body that ends early makes the request incomplete, not shorter.
      const got = this.#length - this.#remaining;
      throw new RequestError(
        '400 Bad Request',
        `the request body ended after ${got} of the ${this.#length} bytes of its Content-Length`,
      );
    }
    this.#remaining -= block.length;
    return block;
  }
}
