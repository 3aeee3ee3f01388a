import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, isBytes, repr } from '@wsgiref/util';
import {
  bytesRead,
  inputClose,
  noEnd,
  readArguments,
  readPastEnd,
  readTooMuch,
} from './check-input.ts';
import type { Report } from './rule.ts';

type Size = [size?: number];

/**
 * A `wsgi.input` that looks at how it is read. It offers what PEP 3333 does, and no more.
 *
 * Python counterpart: `wsgiref.validate.InputWrapper`.
 */
export class InputWrapper implements InputStream {
  readonly #input: InputStream;
  readonly #report: Report;
  /** How many bytes are left; infinite if nobody has said. */
  #remaining: number;

  /**
   * @param input the server's stream
   * @param contentLength CONTENT_LENGTH
   * @param report passes broken rules on
   */
  constructor(input: InputStream, contentLength: string | undefined, report: Report) {
    this.#input = input;
    this.#report = report;
    this.#remaining = /^[0-9]+$/.test(contentLength ?? '') ? Number(contentLength) : Infinity;
  }

  // DIFFERS(38): Python refuses read() without a size (PEP 3333: "A server should allow read() to be
  // called without an argument, and return the remainder of the client's input stream").
  read(...args: Size): Awaitable<Uint8Array> {
    const size = this.#checkArguments('read', args);
    if (size > this.#remaining) {
      this.#report(
        readPastEnd,
        `wsgi.input.read(${size}) asks for more than the ${this.#remaining} bytes that are left`,
      );
    }
    return andThen(this.#input.read(...args), (block) => this.#checkBlock('read', block, size));
  }

  readline(...args: Size): Awaitable<Uint8Array> {
    const size = this.#checkArguments('readline', args);
    return andThen(this.#input.readline(...args), (line) =>
      this.#checkBlock('readline', line, size),
    );
  }

  readlines(...args: Size): Awaitable<Uint8Array[]> {
    this.#checkArguments('readlines', args);
    return andThen(this.#input.readlines(...args), (lines) => {
      if (Array.isArray(lines)) {
        for (const line of lines) this.#checkBlock('readlines', line);
      } else {
        this.#report(bytesRead, `wsgi.input.readlines() returned no list: ${repr(lines)}`);
      }
      return lines;
    });
  }

  /** Iterates over the lines from here on. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** Not for applications: reports that it was called. */
  close(): void {
    this.#report(inputClose, 'input.close() must not be called');
  }

  /** Returns how many bytes were asked for; -1 if all that there are. */
  #checkArguments(method: string, args: readonly unknown[]): number {
    const [size] = args;
    if (args.length > 1 || !(Number.isInteger(size) || size === undefined || size === null)) {
      this.#report(readArguments, `wsgi.input.${method}() was called with ${repr(args)}`);
    }
    return typeof size === 'number' ? size : -1;
  }

  #checkBlock(method: string, block: Uint8Array, size: number = -1): Uint8Array {
    if (!isBytes(block)) {
      this.#report(bytesRead, `wsgi.input.${method}() returned no bytes: ${repr(block)}`);
      return block;
    }
    if (size >= 0 && block.length > size) {
      this.#report(readTooMuch, `wsgi.input.${method}(${size}) returned ${block.length} bytes`);
    }
    this.#remaining -= block.length;
    if (this.#remaining < 0) {
      this.#report(noEnd, `wsgi.input goes on for ${-this.#remaining} bytes after CONTENT_LENGTH`);
    }
    return block;
  }
}
