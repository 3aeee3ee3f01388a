import { isBytes } from '@wsgiref/util';

/**
 * What Python takes for bytes: not a `Buffer`, which it takes for an object like any other.
 *
 * @param value anything
 * @returns the same memory as a plain `Uint8Array`, if it is bytes
 */
export function forPython<T>(value: T): T | Uint8Array {
  if (!isBytes(value)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
