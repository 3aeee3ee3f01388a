import { describe, expect, test } from '@jest/globals';
import { BytesIO, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import fc from 'fast-check';
import { thrown } from './thrown.ts';

const open = (text: string): BytesIO => new BytesIO(encodeLatin1(text));

describe('BytesIO', () => {
  describe('read()', () => {
    test.each([
      [undefined, 'abcdef'],
      [null, 'abcdef'],
      [-1, 'abcdef'],
      [-7, 'abcdef'],
      [0, ''],
      [2, 'ab'],
      [6, 'abcdef'],
      [7, 'abcdef'],
    ])('read(%p) of six bytes is %j', (size, expected) => {
      expect(decodeLatin1(open('abcdef').read(size))).toBe(expected);
    });

    test('goes on where the last read ended, and ends for ever', () => {
      const stream = open('abc');
      expect(decodeLatin1(stream.read(2))).toBe('ab');
      expect(decodeLatin1(stream.read(2))).toBe('c');
      expect(stream.read(2)).toEqual(new Uint8Array());
      expect(stream.read()).toEqual(new Uint8Array());
    });
  });

  describe('readline()', () => {
    test.each([
      [undefined, 'one\n'],
      [null, 'one\n'],
      [-1, 'one\n'],
      [0, ''],
      [2, 'on'],
      [3, 'one'],
      [4, 'one\n'],
      [5, 'one\n'],
    ])('readline(%p) is %j', (size, expected) => {
      expect(decodeLatin1(open('one\ntwo').readline(size))).toBe(expected);
    });

    test('the last line needs no line feed', () => {
      const stream = open('one\n\ntwo');
      const lines = Array.from({ length: 4 }, () => decodeLatin1(stream.readline()));
      expect(lines).toEqual(['one\n', '\n', 'two', '']);
    });

    test('only a line feed ends a line', () => {
      expect(decodeLatin1(open('a\rb\x85c\u00a0\x1ed').readline())).toBe('a\rb\x85c\u00a0\x1ed');
    });

    test('does not find a line feed in bytes that were cut off', () => {
      const stream = open('one\ntwo');
      stream.truncate(2);
      expect(decodeLatin1(stream.readline())).toBe('on');
    });
  });

  describe('readlines()', () => {
    test.each([
      [undefined, ['a\n', 'bb\n', 'c']],
      [null, ['a\n', 'bb\n', 'c']],
      [0, ['a\n', 'bb\n', 'c']],
      [-1, ['a\n', 'bb\n', 'c']],
      [1, ['a\n']],
      [2, ['a\n']],
      [3, ['a\n', 'bb\n']],
      [6, ['a\n', 'bb\n', 'c']],
    ])('readlines(%p) is %j', (hint, expected) => {
      expect(open('a\nbb\nc').readlines(hint).map(decodeLatin1)).toEqual(expected);
    });
  });

  describe('iteration', () => {
    test('goes over the lines from the position on', () => {
      const stream = open('one\ntwo\nthree');
      stream.read(1);
      expect([...stream].map(decodeLatin1)).toEqual(['ne\n', 'two\n', 'three']);
      expect([...stream]).toEqual([]);
    });

    test('goes over the lines with `for await`, too', async () => {
      const lines: string[] = [];
      for await (const line of open('one\ntwo')) lines.push(decodeLatin1(line));
      expect(lines).toEqual(['one\n', 'two']);
    });
  });

  describe('write()', () => {
    test('returns how many bytes it wrote', () => {
      const stream = new BytesIO();
      expect(stream.write(Uint8Array.of(1, 2))).toBe(2);
      expect(stream.write(new Uint8Array())).toBe(0);
      expect(stream.getvalue()).toEqual(Uint8Array.of(1, 2));
    });

    test('writes over what is at the position', () => {
      const stream = open('abcdef');
      stream.seek(2);
      stream.write(encodeLatin1('XY'));
      expect(decodeLatin1(stream.getvalue())).toBe('abXYef');
      expect(stream.tell()).toBe(4);
    });

    test('fills a gap with zeros, even where bytes were cut off before', () => {
      const stream = open('abcdef');
      stream.truncate(1);
      stream.seek(3);
      stream.write(encodeLatin1('x'));
      expect(decodeLatin1(stream.getvalue())).toBe('a\0\0x');
    });

    test('writing nothing fills the gap as well', () => {
      const stream = new BytesIO();
      stream.seek(3);
      expect(stream.write(new Uint8Array())).toBe(0);
      expect(stream.tell()).toBe(3);
    });

    test('writelines() writes each block and adds nothing', () => {
      const stream = new BytesIO();
      stream.writelines(new Set([encodeLatin1('a'), encodeLatin1('b\n')]));
      expect(decodeLatin1(stream.getvalue())).toBe('ab\n');
    });

    test('what is written in pieces is there as a whole', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array()), (blocks) => {
          const stream = new BytesIO();
          stream.writelines(blocks);
          expect(Buffer.concat(blocks).equals(stream.getvalue())).toBe(true);
        }),
      );
    });
  });

  describe('its bytes are its own', () => {
    test('the first ones are copied', () => {
      const first = encodeLatin1('abc');
      const stream = new BytesIO(first);
      first.fill(0);
      expect(decodeLatin1(stream.read())).toBe('abc');
    });

    test('those that are written are copied', () => {
      const stream = new BytesIO();
      const block = encodeLatin1('abc');
      stream.write(block);
      block.fill(0);
      expect(decodeLatin1(stream.getvalue())).toBe('abc');
    });

    test('those that are read are copies', () => {
      const stream = open('abc\n');
      for (const bytes of [stream.getvalue(), stream.readline()]) bytes.fill(0);
      stream.seek(0);
      stream.read().fill(0);
      expect(decodeLatin1(stream.getvalue())).toBe('abc\n');
    });

    test('a Buffer comes out as a plain Uint8Array', () => {
      const stream = new BytesIO(Buffer.from('abc'));
      expect(Buffer.isBuffer(stream.read())).toBe(false);
    });
  });

  describe('seek()', () => {
    test.each([
      [[4], 4],
      [[10], 10],
      [[1, 1], 3],
      [[-1, 1], 1],
      [[-9, 1], 0],
      [[0, 2], 6],
      [[-2, 2], 4],
      [[-9, 2], 0],
    ] as [[number, number?], number][])('seek(%j) from 2 of 6 goes to %i', (args, expected) => {
      const stream = open('abcdef');
      stream.seek(2);
      expect(stream.seek(...args)).toBe(expected);
      expect(stream.tell()).toBe(expected);
    });

    test('a position beyond the end reads nothing', () => {
      const stream = open('abc');
      stream.seek(10);
      expect(stream.read()).toEqual(new Uint8Array());
      expect(stream.readline()).toEqual(new Uint8Array());
      expect(stream.tell()).toBe(10);
    });

    test.each([
      [[-1], 'negative seek value -1'],
      [[0, 3], 'invalid whence (3, should be 0, 1 or 2)'],
      [[0, -1], 'invalid whence (-1, should be 0, 1 or 2)'],
    ] as [[number, number?], string][])('seek(%j) is refused', (args, message) => {
      expect(thrown(() => open('abc').seek(...args))).toBe(`RangeError: ${message}`);
    });
  });

  describe('truncate()', () => {
    test('cuts off at the position by default', () => {
      const stream = open('abcdef');
      stream.read(2);
      expect(stream.truncate()).toBe(2);
      expect(decodeLatin1(stream.getvalue())).toBe('ab');
    });

    test('leaves the position alone', () => {
      const stream = open('abcdef');
      stream.read(4);
      expect(stream.truncate(1)).toBe(1);
      expect(stream.tell()).toBe(4);
      expect(stream.truncate(null)).toBe(4);
      expect(decodeLatin1(stream.getvalue())).toBe('a');
    });

    test('makes nothing longer', () => {
      const stream = open('abc');
      expect(stream.truncate(10)).toBe(10);
      expect(decodeLatin1(stream.getvalue())).toBe('abc');
    });

    test('refuses a negative size', () => {
      expect(thrown(() => open('abc').truncate(-1))).toBe('RangeError: negative size value -1');
    });
  });

  describe('close()', () => {
    test('says so', () => {
      const stream = open('abc');
      expect(stream.closed).toBe(false);
      stream.close();
      stream.close();
      expect(stream.closed).toBe(true);
    });

    test.each<[name: string, operation: (stream: BytesIO) => unknown]>([
      ['read', (stream) => stream.read()],
      ['readline', (stream) => stream.readline()],
      ['readlines', (stream) => stream.readlines()],
      ['write', (stream) => stream.write(Uint8Array.of(1))],
      ['writelines', (stream) => stream.writelines([Uint8Array.of(1)])],
      ['flush', (stream) => stream.flush()],
      ['seek', (stream) => stream.seek(0)],
      ['tell', (stream) => stream.tell()],
      ['truncate', (stream) => stream.truncate()],
      ['truncate to a size', (stream) => stream.truncate(0)],
      ['getvalue', (stream) => stream.getvalue()],
      ['iteration', (stream) => [...stream]],
    ])('%s is refused afterwards', (_, operation) => {
      const stream = open('abc\n');
      operation(stream);
      stream.close();
      expect(() => operation(stream)).toThrow('I/O operation on closed file');
    });
  });
});
