// FastCGI §3.4, "Name-Value Pairs":
//
//   pair ::= name-length value-length name value
//   length ::= one byte up to 127, or four, the highest bit of which is set

import { type ParamList, ProtocolError } from '@wsgiref/gateway';
import { concatBytes, decodeLatin1, encodeLatin1 } from '@wsgiref/util';

/**
 * Takes pairs of names and values apart.
 *
 * @param bytes a whole stream of FCGI_PARAMS, or the content of a FCGI_GET_VALUES
 * @returns names and values, in native strings
 * @throws {ProtocolError} if a length leads out of the bytes
 */
export function decodePairs(bytes: Uint8Array): ParamList {
  const pairs: [string, string][] = [];
  const text = decodeLatin1(bytes);
  let position = 0;
  const tooShort = (): never => {
    throw new ProtocolError(
      `the pair at byte ${position} of the parameters ends beyond their ${bytes.length} bytes`,
    );
  };
  const takeLength = (): number => {
    const first = bytes[position] ?? tooShort();
    if (first < 0x80) {
      position += 1;
      return first;
    }
    const [, b2, b1, b0] = bytes.subarray(position, position + 4);
    if (b0 === undefined) return tooShort();
    position += 4;
    return (first & 0x7f) * 0x1000000 + b2! * 0x10000 + b1! * 0x100 + b0;
  };
  const takeText = (length: number): string => {
    if (position + length > bytes.length) return tooShort();
    return text.slice(position, (position += length));
  };
  while (position < bytes.length) {
    const nameLength = takeLength();
    const valueLength = takeLength();
    pairs.push([takeText(nameLength), takeText(valueLength)]);
  }
  return pairs;
}

/**
 * Writes pairs of names and values.
 *
 * @param pairs names and values, in native strings
 * @returns the bytes
 * @throws {RangeError} at a character that is no byte
 */
export function encodePairs(pairs: ParamList): Uint8Array {
  return concatBytes(
    pairs.flatMap(([name, value]) => [
      encodeLength(name.length),
      encodeLength(value.length),
      encodeLatin1(name),
      encodeLatin1(value),
    ]),
  );
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  return Uint8Array.of((length >>> 24) | 0x80, length >>> 16, length >>> 8, length);
}
