import { describe, expect, test } from '@jest/globals';
import type { WriteCallable } from '@wsgiref/types';
import { WriteWrapper } from '@wsgiref/validate';
import { bytes, Notes, text } from './support.ts';

/** A writer of a response, and what it counts. */
function writer(write: WriteCallable, iterating = false) {
  const { lines, report } = new Notes();
  const counted: string[] = [];
  const exchange = { report, iterating, count: (block: Uint8Array) => counted.push(text(block)) };
  return { wrapper: new WriteWrapper(write, exchange), exchange, counted, lines };
}

describe('WriteWrapper', () => {
  test('counts a block and passes it on', () => {
    const written: Uint8Array[] = [];
    const { wrapper, counted, lines } = writer((data) => void written.push(data));
    const block = bytes('hello');
    expect(wrapper.__call__(block)).toBeUndefined();
    expect(written).toEqual([block]);
    expect(written[0]).toBe(block);
    expect([counted, lines]).toEqual([['hello'], []]);
  });

  test('returns the promise of the writer', async () => {
    const { wrapper } = writer(async () => {});
    const written = wrapper.__call__(bytes('hello'));
    expect(written).toBeInstanceOf(Promise);
    expect(await written).toBeUndefined();
  });

  test('takes bytes alone', () => {
    const { wrapper, counted, lines } = writer(() => {});
    void wrapper.__call__('hello' as never);
    expect(counted).toEqual([]);
    expect(lines).toEqual(["write-bytes: write() argument must be a bytes instance (got 'hello')"]);
  });

  test('is not for use once the iteration has begun', () => {
    const { wrapper, exchange, lines } = writer(() => {});
    void wrapper.__call__(bytes('a'));
    expect(lines).toEqual([]);
    exchange.iterating = true;
    void wrapper.__call__(bytes('b'));
    expect(lines).toEqual([
      'write-while-iterating: write() was called from within the iterable, or after it',
    ]);
  });
});
