import { write, writeSync } from 'node:fs';
import type { Awaitable, OutputStream } from '@wsgiref/types';
import { untilReady } from './until-ready.ts';

/** Bytes that a pipe has room for at first, on any system. */
const PIPE_ROOM = 4096;

/**
 * An output on a descriptor: a write is done when the system has taken all of it, so that nothing is
 * lost if the process exits then.
 */
export class DescriptorWriter implements OutputStream {
  readonly #fd: number;
  /** How many bytes have been written. */
  #size = 0;

  /** @param fd a descriptor that is open for writing */
  constructor(fd: number) {
    this.#fd = fd;
  }

  write(data: Uint8Array): Awaitable<void> {
    this.#size += data.length;
    // Node starts threads for what may take waiting: longer than a small CGI script takes to run.
    const taken = this.#size <= PIPE_ROOM ? this.#writeNow(data) : 0;
    if (taken < data.length) return this.#writeRest(data, taken);
  }

  flush(): void {
    // Nothing is held back.
  }

  /** Returns how many bytes the system has taken. */
  #writeNow(data: Uint8Array): number {
    try {
      return writeSync(this.#fd, data);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  async #writeRest(data: Uint8Array, start: number): Promise<void> {
    for (let offset = start; offset < data.length;) {
      offset += await untilReady((callback) => {
        write(this.#fd, data, offset, data.length - offset, null, callback);
      });
    }
  }
}
