import { describe, expect, test } from '@jest/globals';
import type { WSGIResult } from '@wsgiref/types';
import { closeResult } from '@wsgiref/util';

const block = Uint8Array.of(1);

/** A result that writes down what happens to it. */
function recorded(log: string[]): Generator<Uint8Array> & { close?(): void } {
  function* blocks(): Generator<Uint8Array> {
    try {
      yield block;
      yield block;
    } finally {
      log.push('finally');
    }
  }
  return blocks();
}

describe('closeResult', () => {
  test.each<[string, WSGIResult, Iterator<unknown> | null]>([
    ['a list', [block], null],
    ['a list that was left in the middle', [block], [block].values()],
  ])('%s has nothing to close: there is no promise to wait for', (_, result, abandoned) => {
    expect(closeResult(result, abandoned)).toBeUndefined();
  });

  test('calls close() on the result, and waits for it', async () => {
    const log: string[] = [];
    const result = Object.assign([block], {
      async close(this: unknown) {
        expect(this).toBe(result);
        await Promise.resolve();
        log.push('closed');
      },
    });
    await closeResult(result);
    expect(log).toEqual(['closed']);
  });

  test('runs the finally block of a generator that was left in the middle, once', async () => {
    const log: string[] = [];
    const result = recorded(log);
    result.next();
    await closeResult(result, result);
    expect(log).toEqual(['finally']);
    expect(result.next().done).toBe(true);
  });

  test('does the same for an async generator, and waits for it', async () => {
    const log: string[] = [];
    const result = (async function* () {
      yield* recorded(log);
    })();
    await result.next();
    await closeResult(result, result);
    expect(log).toEqual(['finally']);
  });

  test('ends a generator that has not begun: its finally block has nothing to undo', async () => {
    const log: string[] = [];
    const result = recorded(log);
    await closeResult(result);
    expect(result.next().done).toBe(true);
    expect(log).toEqual([]);
  });

  test('calls return() on the iterator first, then close() on the result', async () => {
    const log: string[] = [];
    const result = {
      [Symbol.iterator]: () => recorded(log),
      close: () => void log.push('close'),
    };
    const iterator = result[Symbol.iterator]();
    iterator.next();
    await closeResult(result, iterator);
    expect(log).toEqual(['finally', 'close']);
  });

  test('a generator with a close() of its own gets both', async () => {
    const log: string[] = [];
    const result = Object.assign(recorded(log), { close: () => void log.push('close') });
    result.next();
    await closeResult(result, result);
    expect(log).toEqual(['finally', 'close']);
  });

  test('a result with return(), left by way of another iterator, gets its own as well', async () => {
    const [log, inner]: string[][] = [[], []];
    const result = recorded(log!);
    result.next();
    const iterator = recorded(inner!);
    iterator.next();
    await closeResult(result, iterator);
    expect([log, inner]).toEqual([['finally'], ['finally']]);
  });

  /** An iterator that cannot be left. */
  const stuck: AsyncIterator<Uint8Array> = {
    next: () => Promise.resolve({ done: false, value: block }),
    return: () => Promise.reject(new Error('not now')),
  };

  test('closes the result even if the iterator cannot be left', async () => {
    const log: string[] = [];
    const result = Object.assign([block], { close: () => void log.push('close') });
    await expect(closeResult(result, stuck)).rejects.toThrow('not now');
    expect(log).toEqual(['close']);
  });

  test('where neither can be done, what close() throws counts', async () => {
    const result = Object.assign([block], { close: () => Promise.reject(new Error('nor that')) });
    await expect(closeResult(result, stuck)).rejects.toThrow('nor that');
  });

  test('what close() throws comes as a rejection', async () => {
    const result = Object.assign([block], {
      close() {
        throw new Error('cannot close');
      },
    });
    await expect(closeResult(result)).rejects.toThrow('cannot close');
  });
});
