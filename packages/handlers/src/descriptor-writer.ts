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
    if (this.#size <= PIPE_ROOM && this.#writeNow(data)) return;
    return this.#writeAll(data);
  }

  flush(): void {
    // Nothing is held back.
  }

  /** Returns whether the system has taken it: a pipe takes that much whole, or not at all. */
  #writeNow(data: Uint8Array): boolean {
    try {
      writeSync(this.#fd, data);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  }

  async #writeAll(data: Uint8Array): Promise<void> {
    for (let offset = 0; offset < data.length;) {
      offset += await untilReady((callback) => {
        write(this.#fd, data, offset, data.length - offset, null, callback);
      });
    }
  }
}
