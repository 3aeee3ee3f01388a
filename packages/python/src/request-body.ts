import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Awaitable, WSGIEnvironment } from '@wsgiref/types';
import { andThen, isPromiseLike, readAvailable } from '@wsgiref/util';

/** Bytes to read at a time. */
const BLOCK = 65536;

/** What Python reads a request body from. */
export interface RequestBody {
  /**
   * @param size the most bytes to return
   * @returns some bytes, none at the end
   */
  read(size: number): Awaitable<Uint8Array>;
  /** Frees what it occupies. */
  close(): void;
}

/**
 * How many bytes of body there may be. PEP 3333, "Input and Error Streams": "A server should not
 * attempt to read data past the client's specified Content-Length".
 */
function lengthOf(environ: WSGIEnvironment): number {
  const { CONTENT_LENGTH: length = '' } = environ;
  if (/^[0-9]+$/.test(length)) return Number(length);
  return environ['wsgi.input_terminated'] ? Infinity : 0;
}

/** The body as it comes. */
export class StreamedBody implements RequestBody {
  readonly #environ: WSGIEnvironment;
  #left: number;
  /** What has come, and was more than was asked for. */
  #rest: Uint8Array = new Uint8Array(0);

  /** @param environ the request */
  constructor(environ: WSGIEnvironment) {
    this.#environ = environ;
    this.#left = lengthOf(environ);
  }

  read(size: number): Awaitable<Uint8Array> {
    if (this.#rest.length > 0) return this.#take(this.#rest, size);
    if (this.#left === 0) return this.#rest;
    const most = Math.min(size, this.#left);
    return andThen(readAvailable(this.#environ['wsgi.input'], most), (block) => {
      this.#left = block.length > 0 ? this.#left - block.length : 0;
      return this.#take(block, size);
    });
  }

  close(): void {}

  #take(block: Uint8Array, size: number): Uint8Array {
    this.#rest = block.subarray(size);
    return block.subarray(0, size);
  }
}

/** A body that is all there, in memory or in a file: Python does not have to wait for it. */
export class CollectedBody implements RequestBody {
  readonly #blocks: Uint8Array[];
  #file: TemporaryFile | null;

  private constructor(blocks: Uint8Array[], file: TemporaryFile | null) {
    this.#blocks = blocks;
    this.#file = file;
  }

  /**
   * Reads a body to its end.
   *
   * @param environ the request
   * @param maxInMemory how many bytes of it may be in memory
   * @param folder where to put a file if there are more
   * @throws what reading it throws
   */
  static async collect(
    environ: WSGIEnvironment,
    maxInMemory: number,
    folder: string,
  ): Promise<CollectedBody> {
    const source = new StreamedBody(environ);
    const blocks: Uint8Array[] = [];
    let file: TemporaryFile | null = null;
    let length = 0;
    try {
      for (;;) {
        const read = source.read(BLOCK);
        const block = isPromiseLike(read) ? await read : read;
        if (block.length === 0) return new CollectedBody(blocks, file);
        length += block.length;
        // The source may use its memory again.
        if (length <= maxInMemory) blocks.push(Uint8Array.from(block));
        else (file ??= new TemporaryFile(folder)).write(block);
      }
    } catch (error) {
      file?.close();
      throw error;
    }
  }

  read(size: number): Uint8Array {
    const block = this.#blocks.shift() ?? this.#file?.read(size) ?? new Uint8Array(0);
    if (block.length > size) this.#blocks.unshift(block.subarray(size));
    return block.subarray(0, size);
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}

/** What is too much for memory. */
class TemporaryFile {
  readonly #folder: string;
  readonly #descriptor: number;
  #position = 0;

  /** @param parent the folder that it gets a folder of its own in, which nobody else can look into */
  constructor(parent: string) {
    this.#folder = mkdtempSync(join(parent, 'wsgiref-'));
    this.#descriptor = openSync(join(this.#folder, 'body'), 'wx+', 0o600);
  }

  write(block: Uint8Array): void {
    for (let written = 0; written < block.length;) {
      written += writeSync(this.#descriptor, block, written, block.length - written);
    }
  }

  read(size: number): Uint8Array {
    const block = new Uint8Array(size);
    const length = readSync(this.#descriptor, block, 0, size, this.#position);
    this.#position += length;
    return block.subarray(0, length);
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#folder, { recursive: true });
  }
}
