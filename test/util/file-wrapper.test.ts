import { describe, expect, jest, test } from '@jest/globals';
import type { Awaitable, FileLike } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, FileWrapper } from '@wsgiref/util';
import { thrown } from './thrown.ts';

const open = (text: string): BytesIO => new BytesIO(encodeLatin1(text));

/** A file that is read by promise. */
function slowly(file: FileLike): FileLike {
  return { read: async (size) => Promise.resolve().then(() => file.read(size)) };
}

async function collect(blocks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const block of blocks) texts.push(decodeLatin1(block));
  return texts;
}

describe('FileWrapper (testFileWrapper)', () => {
  const text = 'xyz'.repeat(50);
  const blocks = ['xyz'.repeat(40), 'xyz'.repeat(10)];

  test('iterates over blocks of the given size', () => {
    expect([...new FileWrapper(open(text), 120)].map(decodeLatin1)).toEqual(blocks);
  });

  test.each([
    ['at once', open(text)],
    ['by promise', slowly(open(text))],
  ])('iterates with `for await` over a file that is read %s', async (_, file) => {
    expect(await collect(new FileWrapper(file, 120))).toEqual(blocks);
  });

  test('reads 8192 bytes at a time by default', () => {
    const lengths = [...new FileWrapper(open('x'.repeat(8193)))].map((block) => block.length);
    expect(lengths).toEqual([8192, 1]);
  });

  test('keeps its file and its block size, which may be changed', () => {
    const file = open('abc');
    const wrapper = new FileWrapper(file, 2);
    expect(wrapper.filelike).toBe(file);
    expect(wrapper.blksize).toBe(2);
    wrapper.blksize = 1;
    expect([...wrapper]).toHaveLength(3);
  });

  test('being exhausted does not close the file, close() does', () => {
    const file = open('abc');
    const wrapper = new FileWrapper(file);
    expect([...wrapper]).toHaveLength(1);
    expect(file.closed).toBe(false);
    void wrapper.close!();
    expect(file.closed).toBe(true);
  });

  test('leaving a loop does not close the file, and the next loop goes on', () => {
    const file = open('abcd');
    const wrapper = new FileWrapper(file, 1);
    for (const block of wrapper) if (decodeLatin1(block) === 'b') break;
    expect(file.closed).toBe(false);
    expect([...wrapper].map(decodeLatin1)).toEqual(['c', 'd']);
  });

  test('has close() only if the file has it', () => {
    expect('close' in new FileWrapper(open(''))).toBe(true);
    const wrapper = new FileWrapper({ read: () => new Uint8Array() });
    expect('close' in wrapper).toBe(false);
    expect(wrapper.close).toBeUndefined();
  });

  test('close() is called on the file, and what it returns is passed on', async () => {
    const file = {
      read: () => new Uint8Array(),
      close(this: unknown): Awaitable<void> {
        expect(this).toBe(file);
        return Promise.reject(new Error('cannot close'));
      },
    };
    await expect(new FileWrapper(file).close!()).rejects.toThrow('cannot close');
  });

  test('does not read before it is asked, and then one block at a time', () => {
    const read = jest.fn((size: number) => new Uint8Array(size));
    const iterator = new FileWrapper({ read }, 3)[Symbol.iterator]();
    expect(read).not.toHaveBeenCalled();
    expect(iterator.next()).toEqual({ done: false, value: new Uint8Array(3) });
    expect(read.mock.calls).toEqual([[3]]);
  });

  test('reads on after its end if it is asked: the file may have grown', () => {
    const file = open('a');
    const wrapper = new FileWrapper(file);
    expect([...wrapper]).toHaveLength(1);
    expect(wrapper.next()).toEqual({ done: true, value: undefined });
    file.write(encodeLatin1('b'));
    file.seek(1);
    expect([...wrapper].map(decodeLatin1)).toEqual(['b']);
  });

  test('next() returns a promise only if read() does', async () => {
    const end = { done: true, value: undefined };
    expect(new FileWrapper(open('')).next()).toEqual(end);
    const next = new FileWrapper(slowly(open(''))).next();
    expect(next).toBeInstanceOf(Promise);
    expect(await next).toEqual(end);
  });

  test('a `for…of` loop over a file that is read by promise is told to await', () => {
    const wrapper = new FileWrapper(slowly(open('abc')));
    expect(thrown(() => [...wrapper])).toBe(
      'TypeError: read() returned a promise: iterate with `for await`',
    );
  });

  test.each<[string, () => Awaitable<Uint8Array>]>([
    [
      'throws',
      () => {
        throw new Error('bad sector');
      },
    ],
    ['rejects', () => Promise.reject(new Error('bad sector'))],
  ])('an iteration fails where read() %s', async (_, read) => {
    await expect(collect(new FileWrapper({ read }))).rejects.toThrow('bad sector');
  });
});
