// Node's own codec: several times as fast as the one of `@wsgiref/util`, which runs everywhere.

interface Codec {
  latin1Slice: (this: Uint8Array, start: number, end: number) => string;
}

const { latin1Slice } = Buffer.prototype as unknown as Codec;

/**
 * Decodes a native string.
 *
 * @param bytes any bytes, in an array of whatever class
 */
export function decode(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.length);
}
