import { read } from 'node:fs';
import { BufferedReader } from '@wsgiref/util';
import { untilReady } from './until-ready.ts';

/** Bytes to ask the system for at a time: what a pipe holds on Linux. */
const READ_SIZE = 65536;

/**
 * A `wsgi.input` on a descriptor, read only when asked.
 *
 * Node's own `process.stdin` takes longer to load than a small CGI script takes to run.
 */
export class DescriptorReader extends BufferedReader {
  readonly #fd: number;

  /** @param fd a descriptor that is open for reading */
  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  protected override async _pull(): Promise<Uint8Array> {
    const block = new Uint8Array(READ_SIZE);
    const count = await untilReady((callback) => {
      read(this.#fd, block, 0, block.length, null, callback);
    });
    return block.subarray(0, count);
  }
}
