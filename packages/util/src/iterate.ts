import type { WSGIResult } from '@wsgiref/types';
import { repr } from './repr.ts';

/**
 * Begins to iterate over a result, as `for await` would: asynchronously if it can be, else
 * synchronously.
 *
 * @param result what an application returned
 * @returns an iterator whose `next()` may or may not return a promise
 * @throws {TypeError} if it cannot be iterated over
 */
export function iterate(
  result: WSGIResult | null,
): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  const iterable = result as Partial<Iterable<Uint8Array> & AsyncIterable<Uint8Array>> | null;
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
  if (!iterator) {
    throw new TypeError(`the application must return an iterable of bytes (got ${repr(result)})`);
  }
  return iterator;
}
