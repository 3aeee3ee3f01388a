// The bodies of responses and requests: whoever knows the number of a request knows its bytes.

import { Random } from './random.ts';

/** Prime, so that no two blocks of a body are alike. */
const PERIOD = 65_521;

const random = new Random(1);
const pattern = Buffer.from(Array.from({ length: PERIOD }, () => random.between(0, 255)));
const twice = Buffer.concat([pattern, pattern]);

/** The most bytes that {@link bodyBytes} returns at once. */
export const LARGEST_BLOCK: number = PERIOD;

/**
 * Returns a part of the body that belongs to a request.
 *
 * @param number the number of the request
 * @param offset where the part begins
 * @param length how long it is, {@link LARGEST_BLOCK} bytes at most
 */
export function bodyBytes(number: number, offset: number, length: number): Buffer {
  const start = (number * 7919 + offset) % PERIOD;
  return twice.subarray(start, start + length);
}

/** The body of a request in blocks. */
export function* bodyBlocks(number: number, size: number, block: number): Generator<Buffer> {
  for (let offset = 0; offset < size; offset += block) {
    yield bodyBytes(number, offset, Math.min(block, size - offset));
  }
}

/** The whole body of a request. */
export function wholeBody(number: number, size: number): Buffer {
  return Buffer.concat([...bodyBlocks(number, size, LARGEST_BLOCK)]);
}

/** Compares a body with what it should be, piece by piece. */
export class BodyCheck {
  readonly #number: number;
  /** How many bytes have come. */
  length = 0;
  /** Where the first byte is that should not be there; null, nowhere. */
  wrongAt: number | null = null;

  /** @param number the number of the request */
  constructor(number: number) {
    this.#number = number;
  }

  /** Takes the next piece. */
  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; at += LARGEST_BLOCK) {
      const part = piece.subarray(at, at + LARGEST_BLOCK);
      const isRight = bodyBytes(this.#number, this.length, part.length).equals(part);
      if (!isRight) this.wrongAt ??= this.length;
      this.length += part.length;
    }
  }
}
