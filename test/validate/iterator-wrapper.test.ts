import { describe, expect, test } from '@jest/globals';
import type { StartResponse, WSGIApplication, WSGIResult } from '@wsgiref/types';
import { isPromiseLike } from '@wsgiref/util';
import { Exchange, IteratorWrapper, validator } from '@wsgiref/validate';
import {
  broken,
  bytes,
  caught,
  consume,
  environ,
  helloApp,
  plain,
  returning,
  serve,
  startResponse,
  text,
} from './support.ts';

/** Wraps a result as the validator does. */
async function wrap(result: unknown): Promise<WSGIResult> {
  return validator(returning(result))(environ(), startResponse);
}

/** Iterates synchronously. */
const blocksOf = (result: WSGIResult): string[] => [...(result as Iterable<Uint8Array>)].map(text);

describe('IteratorWrapper', () => {
  test('can be made by hand, and then throws what is an error', () => {
    const exchange = new Exchange(environ(), startResponse);
    const wrapper = new IteratorWrapper([bytes('hello')], exchange);
    expect(() => wrapper.next()).toThrow('start_response has not yet been called');
    exchange.startResponse('200 OK', plain());
    expect(blocksOf(new IteratorWrapper([bytes('hello')], exchange) as WSGIResult)).toEqual([
      'hello',
    ]);
  });

  test('is what a validator returns', async () => {
    expect(await wrap([])).toBeInstanceOf(IteratorWrapper);
  });

  test('is synchronous if the result is', () => {
    const result = validator(helloApp)(environ(), startResponse) as WSGIResult;
    expect(Symbol.asyncIterator in result).toBe(false);
    expect(blocksOf(result)).toEqual(['hello']);
    expect(result.close!()).toBeUndefined();
  });

  test('is asynchronous if the result can be, as a file can', async () => {
    const both = {
      *[Symbol.iterator]() {
        yield bytes('sync');
      },
      async *[Symbol.asyncIterator]() {
        yield bytes('async');
      },
    };
    const result = await wrap(both);
    expect(Symbol.iterator in result).toBe(false);
    expect(await consume(result)).toBe('async');
  });

  test('is not mistaken by an asyncIterator that is undefined', async () => {
    const result = {
      ...{ [Symbol.asyncIterator]: undefined },
      [Symbol.iterator]: [][Symbol.iterator],
    };
    expect(blocksOf(await wrap(Object.assign([bytes('a')], result)))).toEqual(['a']);
  });

  test('asks for a block when it is asked, and not before', async () => {
    const events: string[] = [];
    function* blocks() {
      events.push('a');
      yield bytes('a');
      events.push('b');
      yield bytes('b');
      events.push('end');
    }
    const iterator = ((await wrap(blocks())) as Iterable<Uint8Array>)[Symbol.iterator]();
    expect(events).toEqual([]);
    iterator.next();
    expect(events).toEqual(['a']);
    iterator.next();
    expect(events).toEqual(['a', 'b']);
    expect(iterator.next()).toEqual({ done: true, value: undefined });
    expect(events).toEqual(['a', 'b', 'end']);
  });

  test('stays at its end', async () => {
    const result = await wrap([bytes('a')]);
    expect(blocksOf(result)).toEqual(['a']);
    expect(blocksOf(result)).toEqual([]);
  });

  test('has nothing of the result but iteration, length and close()', async () => {
    const result = await wrap(Object.assign([bytes('a')], { secret: 5 }));
    expect(['secret', 'map', 'at', '0'].filter((name) => name in result)).toEqual([]);
  });

  describe('DIFFERS(39): the length of the result', () => {
    test('is kept', async () => {
      expect(await wrap([bytes('a'), bytes('b')])).toHaveLength(2);
      expect('length' in (await wrap((function* () {})()))).toBe(false);
      expect('length' in (await wrap(new Set()))).toBe(false);
    });

    test.each<[number, string[]]>([
      [0, ['result-length']],
      [1, ['result-length']],
      [2, []],
      [3, ['result-length']],
    ])('%j of two blocks breaks %j', async (length, ids) => {
      const blocks = [bytes('a'), bytes('b')];
      const result = { length, [Symbol.iterator]: () => blocks.values() };
      expect(await broken((options) => serve(returning(result), options))).toEqual(ids);
    });
  });

  test.each<[string, unknown]>([
    ['text', 'a'],
    ['a number', 5],
    ['nothing', null],
    ['a promise of bytes', Promise.resolve(bytes('a'))],
    ['a list', [bytes('a')]],
  ])('a block that is %s is none', async (_, block) => {
    expect(await broken((options) => serve(returning([block]), options))).toEqual(['block-bytes']);
    const later = (async function* () {
      yield await block;
    })();
    const ids = await broken((options) => serve(returning(later), options));
    expect(ids).toEqual(isPromiseLike(block as never) ? [] : ['block-bytes']);
  });

  test('a Buffer is bytes', async () => {
    expect(await serve(returning([Buffer.from('a')]))).toBe('a');
  });

  describe('close()', () => {
    test('closes the result, and says when it is done', async () => {
      const events: string[] = [];
      const result = Object.assign([bytes('a')], {
        async close() {
          await null;
          events.push('closed');
        },
      });
      await (
        await wrap(result)
      ).close!();
      expect(events).toEqual(['closed']);
    });

    test('passes on what the result throws', async () => {
      const result = Object.assign([], {
        close() {
          throw new Error('no disk');
        },
      });
      const wrapped = await wrap(result);
      expect(String(await caught(() => wrapped.close!()))).toBe('Error: no disk');
    });

    test('lets the finally of a generator run that was left in the middle', async () => {
      const events: string[] = [];
      const app: WSGIApplication = function* (_environ, start) {
        start('200 OK', plain());
        try {
          yield bytes('a');
          yield bytes('b');
        } finally {
          events.push('finally');
        }
      };
      const result = (await validator(app)(environ(), startResponse)) as Iterable<Uint8Array> &
        WSGIResult;
      for (const _block of result) break;
      expect(events).toEqual([]);
      await result.close!();
      expect(events).toEqual(['finally']);
    });

    /** An iterable that says what is done with the iterator over it. */
    function iterable(next: () => unknown, events: string[]): object {
      const finish = (): object => {
        events.push('return');
        return { done: true };
      };
      return { [Symbol.iterator]: () => ({ next, return: finish }) };
    }

    test.each<[string, string[], () => unknown]>([
      ['in the middle', ['return'], () => ({ done: false, value: bytes('a') })],
      ['that has ended', [], () => ({ done: true })],
    ])('an iterator %s: %j', async (_, expected, next) => {
      const events: string[] = [];
      const result = await wrap(iterable(next, events));
      (result as unknown as IteratorWrapper).next();
      await result.close!();
      expect(events).toEqual(expected);
    });

    test('leaves an iterator alone that has thrown', async () => {
      const events: string[] = [];
      const next = (): never => {
        throw new Error('no disk');
      };
      const result = await wrap(iterable(next, events));
      expect(await caught(() => blocksOf(result))).toEqual(new Error('no disk'));
      await result.close!();
      expect(events).toEqual([]);
    });

    test('and one whose promise is rejected', async () => {
      const events: string[] = [];
      const result = await wrap(iterable(() => Promise.reject(new Error('no disk')), events));
      const { next } = (result as Iterable<Uint8Array>)[Symbol.iterator]();
      expect(await caught(next)).toEqual(new Error('no disk'));
      await result.close!();
      expect(events).toEqual([]);
    });

    test('a second time is an error, and does nothing', async () => {
      const events: string[] = [];
      const result = Object.assign([], { close: () => void events.push('closed') });
      const twice = async (options: object) => {
        const wrapped = await validator(returning(result), options)(environ(), startResponse);
        await wrapped.close!();
        await wrapped.close!();
      };
      expect(await broken(twice)).toEqual(['closed-twice']);
      expect(await broken(twice, { 'closed-twice': 'warning' })).toEqual(['closed-twice']);
      expect(await broken(twice, { 'closed-twice': 'off' })).toEqual([]);
      expect(events).toEqual(['closed', 'closed', 'closed']);
    });

    test('is the end: what is read afterwards is an error', async () => {
      const read = async (options: object) => {
        const wrapped = await validator(helloApp, options)(environ(), startResponse);
        await wrapped.close!();
        return blocksOf(wrapped);
      };
      expect(await broken(read)).toEqual(['read-after-close']);
      // The block, and the end behind it.
      expect(await broken(read, { 'read-after-close': 'warning' })).toEqual([
        'read-after-close',
        'read-after-close',
      ]);
    });
  });

  test('write() is refused from the first block on, whoever calls it', async () => {
    const app = (when: 'before' | 'within' | 'after') =>
      async function* (_environ: unknown, start: StartResponse) {
        const write = start('200 OK', plain());
        if (when === 'within') await write(bytes('a'));
        yield bytes('b');
      };
    expect(await broken((options) => serve(app('within'), options))).toEqual([
      'write-while-iterating',
    ]);
    expect(await broken((options) => serve(app('before'), options))).toEqual([]);

    const late = async (options: object) => {
      let write: ReturnType<StartResponse>;
      const writer: WSGIApplication = (_environ, start) => {
        write = start('200 OK', plain());
        void write(bytes('early'));
        return [];
      };
      await serve(writer, options);
      await write!(bytes('late'));
    };
    expect(await broken(late)).toEqual(['write-while-iterating']);
  });
});
