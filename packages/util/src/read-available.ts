import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen } from './awaitable.ts';

/** An input that can say what is there already, as `BufferedReader` can. */
interface Peeking extends InputStream {
  peek(): Awaitable<Uint8Array>;
}

/**
 * Reads what is there, and waits only if nothing is: for whoever passes a request body on.
 *
 * `read(size)` waits until it has that many bytes, and a client that waits for an answer before it
 * sends more would wait for ever. Where the input cannot look ahead there is no other way.
 *
 * @param input a `wsgi.input`
 * @param size the most bytes to return where it cannot look ahead
 * @returns some bytes, none at the end
 */
export function readAvailable(input: InputStream, size: number): Awaitable<Uint8Array> {
  if (!('peek' in input)) return input.read(size);
  return andThen((input as Peeking).peek(), (block) => input.read(block.length));
}
