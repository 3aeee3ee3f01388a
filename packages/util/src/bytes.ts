/** What every exhausted stream returns: Python's `b''`. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** A line feed, which ends a line. */
export const LF = 0x0a;

/**
 * Whether a value is what PEP 3333 calls a bytestring, in this realm or another.
 *
 * Python counterpart: `type(x) is bytes`.
 *
 * @param value anything
 * @returns true for a `Uint8Array`, Node's `Buffer` among them
 */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
  );
}

/**
 * Joins blocks of bytes into one.
 *
 * Python counterpart: `b''.join(blocks)`.
 *
 * @param blocks the parts, in order
 * @returns the only part itself where there is one, else a new array
 */
export function concatBytes(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 1) return blocks[0]!;
  let length = 0;
  for (const block of blocks) length += block.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const block of blocks) {
    joined.set(block, offset);
    offset += block.length;
  }
  return joined;
}
