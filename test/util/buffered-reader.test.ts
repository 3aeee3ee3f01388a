import { describe, expect, test } from '@jest/globals';
import type { Awaitable } from '@wsgiref/types';
import { BufferedReader, BytesIO, decodeLatin1, encodeLatin1, isPromiseLike } from '@wsgiref/util';
import fc from 'fast-check';

/** Gives what it is told to give, one item each time it is asked, and counts the times. */
class Source extends BufferedReader {
  pulled = 0;
  readonly #items: (string | Error)[];
  readonly #asynchronous: boolean;

  constructor(items: (string | Error)[], asynchronous: boolean = false) {
    super();
    this.#items = [...items];
    this.#asynchronous = asynchronous;
  }

  protected override _pull(): Awaitable<Uint8Array> {
    this.pulled += 1;
    return this.#asynchronous ? Promise.resolve().then(() => this.#next()) : this.#next();
  }

  #next(): Uint8Array {
    const item = this.#items.shift() ?? '';
    if (typeof item !== 'string') throw item;
    return encodeLatin1(item);
  }
}

/** The texts that all of the reads give, in their order. */
async function texts(reads: Awaitable<Uint8Array>[]): Promise<string[]> {
  const blocks = await Promise.all(reads.map((read) => Promise.resolve(read)));
  return blocks.map(decodeLatin1);
}

const whole = (text: string): string[] => [text];
const bytewise = (text: string): string[] => text.split('');

describe.each<[source: string, split: (text: string) => string[], asynchronous: boolean]>([
  ['gives all bytes at once', whole, false],
  ['gives all bytes by promise', whole, true],
  ['gives one byte at a time', bytewise, false],
  ['gives one byte at a time, by promise', bytewise, true],
])('BufferedReader over a source that %s', (_, split, asynchronous) => {
  const open = (text: string): Source => new Source(split(text), asynchronous);
  const text = 'one\ntwo\n\nthree';

  test.each([
    [undefined, text],
    [null, text],
    [-1, text],
    [-9, text],
    [0, ''],
    [1, 'o'],
    [5, 'one\nt'],
    [text.length, text],
    [text.length + 1, text],
    [Infinity, text],
  ])('read(%p) is %j', async (size, expected) => {
    expect(decodeLatin1(await open(text).read(size))).toBe(expected);
  });

  test.each([
    [undefined, 'one\n'],
    [null, 'one\n'],
    [-1, 'one\n'],
    [0, ''],
    [2, 'on'],
    [3, 'one'],
    [4, 'one\n'],
    [5, 'one\n'],
  ])('readline(%p) is %j', async (size, expected) => {
    expect(decodeLatin1(await open(text).readline(size))).toBe(expected);
  });

  test('the next read begins where the last one ended', async () => {
    const reader = open(text);
    expect(decodeLatin1(await reader.read(2))).toBe('on');
    expect(decodeLatin1(await reader.readline())).toBe('e\n');
    expect(decodeLatin1(await reader.readline(2))).toBe('tw');
    expect(decodeLatin1(await reader.readline(2))).toBe('o\n');
    expect(decodeLatin1(await reader.read(3))).toBe('\nth');
    expect(decodeLatin1(await reader.read())).toBe('ree');
  });

  test('the last line needs no line feed', async () => {
    expect((await open(text).readlines()).map(decodeLatin1)).toEqual([
      'one\n',
      'two\n',
      '\n',
      'three',
    ]);
  });

  test('iterates over the lines', async () => {
    const lines: string[] = [];
    for await (const line of open(text)) lines.push(decodeLatin1(line));
    expect(lines).toEqual(['one\n', 'two\n', '\n', 'three']);
  });

  test('readlines() stops at its hint and leaves the rest', async () => {
    const reader = open(text);
    expect((await reader.readlines(3)).map(decodeLatin1)).toEqual(['one\n']);
    expect(decodeLatin1(await reader.read())).toBe('two\n\nthree');
  });

  test('is not asked before a read, nor again after its end', async () => {
    const reader = open('ab\n');
    expect(reader.pulled).toBe(0);
    await reader.read(0);
    await reader.readline(0);
    expect(reader.pulled).toBe(0);
    expect(decodeLatin1(await reader.read())).toBe('ab\n');
    const pulled = reader.pulled;
    expect(pulled).toBe(split('ab\n').length + 1);
    for (const read of ['read', 'readline', 'peek', 'readlines'] as const) {
      expect(await reader[read]()).toHaveLength(0);
    }
    expect(reader.pulled).toBe(pulled);
  });

  test('is asked no more than a read needs', async () => {
    const reader = open(text);
    await reader.read(2);
    expect(reader.pulled).toBe(Math.min(2, split(text).length));
    await reader.readline();
    expect(reader.pulled).toBe(Math.min(4, split(text).length));
  });

  test('reads that are not awaited keep their order', async () => {
    const reader = open(text);
    const reads = [
      reader.read(2),
      reader.peek(),
      reader.readline(),
      reader.read(0),
      reader.read(1),
      reader.read(),
      reader.read(),
    ];
    const [first, ahead = '', ...others] = await texts(reads);
    expect(first).toBe('on');
    expect('e\ntwo\n\nthree'.startsWith(ahead)).toBe(true);
    expect(others).toEqual(['e\n', '', 't', 'wo\n\nthree', '']);
  });

  test('peek() takes nothing away', async () => {
    const reader = open('abc');
    const ahead = decodeLatin1(await reader.peek());
    expect(ahead).toBe(split('abc')[0]);
    expect(decodeLatin1(await reader.peek())).toBe(ahead);
    expect(reader.pulled).toBe(1);
    expect(decodeLatin1(await reader.read())).toBe('abc');
    expect(await reader.peek()).toEqual(new Uint8Array());
  });
});

describe('BufferedReader', () => {
  test('returns what is buffered at once, without a promise', async () => {
    const reader = new Source(['one\ntwo\nthree'], true);
    const first = reader.read(2);
    expect(isPromiseLike(first)).toBe(true);
    await first;
    expect(decodeLatin1(reader.read(1) as Uint8Array)).toBe('e');
    expect(decodeLatin1(reader.readline() as Uint8Array)).toBe('\n');
    expect(decodeLatin1(reader.readline(2) as Uint8Array)).toBe('tw');
    expect(decodeLatin1(reader.peek() as Uint8Array)).toBe('o\nthree');
    expect(decodeLatin1(reader.readline() as Uint8Array)).toBe('o\n');
    expect(isPromiseLike(reader.readline())).toBe(true);
  });

  test.each(['read', 'readline'] as const)(
    '%s() of all that is buffered is no promise',
    async (name) => {
      const reader = new Source(['three'], true);
      await reader.peek();
      expect(decodeLatin1(reader[name](5) as Uint8Array)).toBe('three');
    },
  );

  test('a read waits for the one before it, though an earlier one has been served', async () => {
    const reader = new Source(['a', 'bc', 'd\ne'], true);
    const first = reader.read(1);
    const second = reader.readline();
    expect(decodeLatin1(await first)).toBe('a');
    expect(await texts([reader.read(1), second])).toEqual(['e', 'bcd\n']);
  });

  test('peek() of a source that answers at once answers at once', () => {
    expect(decodeLatin1(new Source(['ab']).peek() as Uint8Array)).toBe('ab');
  });

  test.each([false, true])('an error from the source rejects that read (%p)', async (by) => {
    const reader = new Source(['ab', new Error('lost'), 'cd\n'], by);
    expect(decodeLatin1(await reader.read(1))).toBe('a');
    await expect(reader.read(5)).rejects.toThrow('lost');
    expect(decodeLatin1(await reader.readline())).toBe('cd\n');
  });

  test('an error from the source rejects that read and no other in the queue', async () => {
    const reader = new Source(['ab', new Error('lost'), new Error('again'), 'cd\n'], true);
    const reads = [reader.read(2), reader.peek(), reader.readline(), reader.readline()];
    const results = await Promise.allSettled(reads.map((read) => Promise.resolve(read)));
    expect(
      results.map((result) =>
        result.status === 'fulfilled'
          ? decodeLatin1(result.value)
          : (result.reason as Error).message,
      ),
    ).toEqual(['ab', 'lost', 'again', 'cd\n']);
  });

  test('an error from the source ends an iteration', async () => {
    const reader = new Source(['a\nb', new Error('lost')], true);
    const lines: string[] = [];
    await expect(async () => {
      for await (const line of reader) lines.push(decodeLatin1(line));
    }).rejects.toThrow('lost');
    expect(lines).toEqual(['a\n']);
  });

  test('reads the same bytes as BytesIO, however the source splits them', async () => {
    const operation = fc.record({
      name: fc.constantFrom('read' as const, 'readline' as const),
      size: fc.option(fc.integer({ min: -1, max: 12 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1 })),
        fc.array(operation),
        fc.boolean(),
        fc.boolean(),
        async (blocks, operations, asynchronous, awaited) => {
          const reader = new Source(blocks, asynchronous);
          const model = new BytesIO(encodeLatin1(blocks.join('')));
          const reads = [...operations, { name: 'read' as const, size: null }];
          const got: Awaitable<Uint8Array>[] = [];
          for (const { name, size } of reads) {
            const read = reader[name](size);
            got.push(awaited ? await read : read);
          }
          const expected = reads.map(({ name, size }) => model[name](size));
          expect(await texts(got)).toEqual(expected.map(decodeLatin1));
        },
      ),
    );
  });
});
