// A stream that comes in pieces, however they are cut.

import { BufferedReader } from '@wsgiref/util';
import fc from 'fast-check';

/** Reads bytes that come in pieces of the given sizes, each in a turn of its own. */
export class Pieces extends BufferedReader {
  #rest: Uint8Array;
  readonly #sizes: readonly number[];
  #next = 0;

  constructor(bytes: Uint8Array, sizes: readonly number[]) {
    super();
    this.#rest = bytes;
    this.#sizes = sizes;
  }

  protected override async _pull(): Promise<Uint8Array> {
    await Promise.resolve();
    const size = this.#sizes[this.#next++ % this.#sizes.length]!;
    const piece = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return piece;
  }
}

/** How bytes may be cut. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
});

/** A native string. */
export function nativeString(constraints: { minLength?: number; maxLength?: number } = {}) {
  return fc.uint8Array(constraints).map((bytes) => Buffer.from(bytes).toString('latin1'));
}

/** What a decoder makes of hostile bytes: a value, or the error that it says so with. */
export async function valueOrError(
  attempt: () => unknown,
  ErrorClass: new (message: string) => Error,
): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    if (!(error instanceof ErrorClass) || error.message === '') throw error;
    return true;
  }
}
