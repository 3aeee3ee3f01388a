// What the servers send, so that it is the same.

export const HELLO = Buffer.from('Hello, World!');

/** Bytes that are sent or read at once. */
export const BLOCK = 65536;

/** Gives so many bytes, in blocks. */
export function* blocks(length) {
  const block = Buffer.alloc(BLOCK, 'x');
  for (let rest = length; rest > 0; rest -= BLOCK) {
    yield rest < BLOCK ? block.subarray(0, rest) : block;
  }
}
