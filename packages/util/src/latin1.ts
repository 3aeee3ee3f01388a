// Native strings (PEP 3333, "A Note On String Types"): text in which every character is one byte.
//
// `new TextDecoder('latin1')` is not this codec: it decodes windows-1252, where 0x80 is a euro sign.

interface Codec {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}

/** Node's own decoder, for bytes of whatever class: many times as fast as what runs everywhere. */
const latin1Slice = (globalThis as { Buffer?: { prototype: Partial<Codec> } }).Buffer?.prototype
  .latin1Slice;

/** Arguments that one call of `String.fromCharCode` may take, well below every engine's limit. */
const DECODE_BLOCK = 8192;

/**
 * Encodes a native string: one byte for each character.
 *
 * Python counterpart: `s.encode('latin-1')`.
 *
 * @param text a native string, characters U+0000 to U+00FF
 * @returns the bytes
 * @throws {RangeError} at the first character above U+00FF
 *
 * @example
 * ```ts
 * import { encodeLatin1 } from '@wsgiref/util';
 *
 * console.log(encodeLatin1('caf\xe9')); // Uint8Array(4) [ 99, 97, 102, 233 ]
 * ```
 */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) {
      const point = text.codePointAt(i)!.toString(16).toUpperCase().padStart(4, '0');
      throw new RangeError(
        `cannot encode U+${point} at position ${i} in latin-1: ` +
          'a native string holds bytes, U+0000 to U+00FF',
      );
    }
    bytes[i] = code;
  }
  return bytes;
}

/**
 * Decodes bytes into a native string: one character for each byte.
 *
 * Python counterpart: `b.decode('latin-1')`.
 *
 * @param bytes any bytes
 * @returns the native string, as long as the bytes
 *
 * @example
 * ```ts
 * import { decodeLatin1 } from '@wsgiref/util';
 *
 * console.log(decodeLatin1(Uint8Array.of(99, 97, 102, 233)) === 'caf\xe9'); // true
 * ```
 */
export function decodeLatin1(bytes: Uint8Array): string {
  if (latin1Slice) return latin1Slice.call(bytes, 0, bytes.length);
  if (bytes.length <= DECODE_BLOCK) return decodeBlock(bytes);
  let text = '';
  for (let i = 0; i < bytes.length; i += DECODE_BLOCK) {
    text += decodeBlock(bytes.subarray(i, i + DECODE_BLOCK));
  }
  return text;
}

function decodeBlock(bytes: Uint8Array): string {
  // apply() takes any array-like; its type knows arrays only.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}
