import { write } from 'node:fs';
import type { OutputStream } from '@wsgiref/types';
import { untilReady } from './until-ready.ts';

/**
 * An output on a descriptor: a write is done when the system has taken all of it, so that nothing is
 * lost if the process exits then.
 */
export class DescriptorWriter implements OutputStream {
  readonly #fd: number;

  /** @param fd a descriptor that is open for writing */
  constructor(fd: number) {
    this.#fd = fd;
  }

  async write(data: Uint8Array): Promise<void> {
    for (let offset = 0; offset < data.length;) {
      offset += await untilReady((callback) => {
        write(this.#fd, data, offset, data.length - offset, null, callback);
      });
    }
  }

  flush(): void {
    // Nothing is held back.
  }
}
