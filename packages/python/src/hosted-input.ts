import type { Awaitable, InputStream } from '@wsgiref/types';

/** What a {@link HostedInput} calls of Python's. */
export interface ReadPython {
  (method: 'read' | 'readline', size?: number): Awaitable<Uint8Array>;
  (method: 'readlines', hint?: number): Awaitable<Uint8Array[]>;
}

/** `wsgi.input` of a server of Python's. */
export class HostedInput implements InputStream {
  readonly #read: ReadPython;

  /** @param read calls a method of Python's stream */
  constructor(read: ReadPython) {
    this.#read = read;
  }

  read(...size: [size?: number]): Awaitable<Uint8Array> {
    return this.#read('read', ...size);
  }

  readline(...size: [size?: number]): Awaitable<Uint8Array> {
    return this.#read('readline', ...size);
  }

  readlines(...hint: [hint?: number]): Awaitable<Uint8Array[]> {
    return this.#read('readlines', ...hint);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }
}
