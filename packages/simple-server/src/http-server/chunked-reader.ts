import { RequestError } from '@wsgiref/handlers/base';
import type { Awaitable } from '@wsgiref/types';
import { BufferedReader, decodeLatin1, isPromiseLike } from '@wsgiref/util';

/** Bytes of a chunk line or a trailer line: enough for any size, and for what few extensions there are. */
const MAX_CHUNK_LINE = 4096;

/** The most trailer lines: as many as header lines. */
const MAX_TRAILERS = 100;

/** RFC 9112 §7.1: chunk-size = 1*HEXDIG; no more of them than a number holds. */
const CHUNK_SIZE = /^[0-9A-Fa-f]{1,12}(?=[;\t ]|$)/;

/** RFC 9112 §7.1.1: what may follow the size, to be ignored; no control characters but tabs. */
const CHUNK_EXTENSIONS = /^(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;

/** RFC 9110 §5: a trailer line is a header line. */
const TRAILER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

const END = new Uint8Array(0);

/**
 * The body of a request that comes in chunks, without their frames (RFC 9112 §7.1).
 *
 * Strict: a frame that another server could read in another way is refused, a line feed without its
 * carriage return among them. Extensions and trailers are checked and dropped.
 */
export class ChunkedReader extends BufferedReader {
  readonly #rfile: BufferedReader;
  readonly #maxSize: number;
  /** How many bytes of the current chunk have not been read. */
  #remaining = 0;
  /** How many bytes of body there were up to the end of the current chunk. */
  #size = 0;
  #ended = false;
  #failure: unknown = null;

  /**
   * @param rfile what the client sends, at the beginning of the body
   * @param maxSize the most bytes of body
   */
  constructor(rfile: BufferedReader, maxSize: number = Infinity) {
    super();
    this.#rfile = rfile;
    this.#maxSize = maxSize;
  }

  /** Whether it cannot be told where the body ends. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /** @throws {RequestError} 400 if a frame is malformed or the body ends early, 413 if it is too long */
  protected override async _pull(): Promise<Uint8Array> {
    if (this.#failure !== null) throw this.#failure;
    try {
      return await this.#pullChunk();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #pullChunk(): Promise<Uint8Array> {
    if (this.#ended) return END;
    if (this.#remaining === 0) {
      await this.#beginChunk();
      if (this.#remaining === 0) {
        await this.#readTrailers();
        this.#ended = true;
        return END;
      }
    }
    const block = await this.#rfile.read1(this.#remaining);
    if (block.length === 0) throw bad('the request body ended within a chunk');
    this.#remaining -= block.length;
    if (this.#remaining === 0 && (await this.#readLine()) !== '') {
      throw bad('a chunk of the request body is longer than its size says');
    }
    return block;
  }

  async #beginChunk(): Promise<void> {
    const line = await this.#readLine();
    const size = CHUNK_SIZE.exec(line)?.[0];
    if (size === undefined || !CHUNK_EXTENSIONS.test(line.slice(size.length))) {
      throw bad('the size of a chunk of the request body is no hexadecimal number');
    }
    this.#remaining = parseInt(size, 16);
    this.#size += this.#remaining;
    if (this.#size > this.#maxSize) {
      throw new RequestError(
        '413 Content Too Large',
        `the request body is longer than ${this.#maxSize} bytes`,
      );
    }
  }

  async #readTrailers(): Promise<void> {
    for (let lines = 0; lines <= MAX_TRAILERS; lines++) {
      const line = await this.#readLine();
      if (line === '') return;
      if (!TRAILER.test(line)) throw bad('a trailer of the request body is malformed');
    }
    throw bad(`the request body has more than ${MAX_TRAILERS} trailers`);
  }

  /** Returns the next line of a frame, without its end. */
  async #readLine(): Promise<string> {
    const read: Awaitable<Uint8Array> = this.#rfile.readline(MAX_CHUNK_LINE);
    const line = decodeLatin1(isPromiseLike(read) ? await read : read);
    if (!line.endsWith('\r\n')) {
      throw bad('a line between the chunks of the request body is too long, or has no CRLF');
    }
    return line.slice(0, -2);
  }
}

function bad(message: string): RequestError {
  return new RequestError('400 Bad Request', message);
}
