import { describe, expect, test } from '@jest/globals';
import { StringIO } from '@wsgiref/util';
import { thrown } from './thrown.ts';

describe('StringIO', () => {
  test.each([
    [undefined, 'abcdef'],
    [null, 'abcdef'],
    [-1, 'abcdef'],
    [0, ''],
    [2, 'ab'],
    [7, 'abcdef'],
  ])('read(%p) of six characters is %j', (size, expected) => {
    expect(new StringIO('abcdef').read(size)).toBe(expected);
  });

  test('read() goes on where the last one ended, and ends for ever', () => {
    const stream = new StringIO('abc');
    expect([stream.read(2), stream.read(2), stream.read(2), stream.read()]).toEqual([
      'ab',
      'c',
      '',
      '',
    ]);
  });

  test.each([
    [undefined, 'one\n'],
    [null, 'one\n'],
    [-1, 'one\n'],
    [0, ''],
    [3, 'one'],
    [4, 'one\n'],
    [9, 'one\n'],
  ])('readline(%p) is %j', (size, expected) => {
    expect(new StringIO('one\ntwo').readline(size)).toBe(expected);
  });

  test('the last line needs no line feed', () => {
    const stream = new StringIO('one\n\ntwo');
    expect(Array.from({ length: 4 }, () => stream.readline())).toEqual(['one\n', '\n', 'two', '']);
  });

  test('line ends are left as they are', () => {
    const stream = new StringIO('a\r\nb\rc\n');
    expect([...stream]).toEqual(['a\r\n', 'b\rc\n']);
  });

  // As in Python, a hint that is just reached lets one more line through: BytesIO does not.
  test.each([
    [undefined, 3],
    [null, 3],
    [-1, 3],
    [0, 3],
    [1, 1],
    [2, 2],
    [5, 3],
  ])('readlines(%p) returns %i lines', (hint, expected) => {
    expect(new StringIO('a\nbb\nc').readlines(hint)).toHaveLength(expected);
  });

  test('iterates over the lines from the position on', () => {
    const stream = new StringIO('one\ntwo');
    stream.read(1);
    expect([...stream]).toEqual(['ne\n', 'two']);
    expect([...stream]).toEqual([]);
  });

  test('write() returns how many characters it wrote', () => {
    const stream = new StringIO();
    expect(stream.write('ab')).toBe(2);
    expect(stream.write('')).toBe(0);
    expect(stream.write('c\n')).toBe(2);
    expect(stream.getvalue()).toBe('abc\n');
  });

  test('write() begins at the beginning, over what is there', () => {
    const stream = new StringIO('abcdef');
    stream.write('XY');
    expect(stream.getvalue()).toBe('XYcdef');
    expect(stream.read()).toBe('cdef');
  });

  test('write() fills a gap with NUL', () => {
    const stream = new StringIO('a');
    stream.seek(3);
    stream.write('x');
    expect(stream.getvalue()).toBe('a\0\0x');
  });

  test('any Unicode is welcome, counted in UTF-16 code units', () => {
    const stream = new StringIO();
    expect(stream.write('\u{1f600}\u20ac')).toBe(3);
    expect(stream.getvalue()).toBe('\u{1f600}\u20ac');
  });

  test('write() refuses what is no string', () => {
    expect(thrown(() => new StringIO().write(Uint8Array.of(1) as unknown as string))).toBe(
      'TypeError: string argument expected, got object',
    );
  });

  test('writelines() writes each text and adds nothing', () => {
    const stream = new StringIO();
    stream.writelines(new Set(['a', 'b\n']));
    expect(stream.getvalue()).toBe('ab\n');
  });

  test('seek() goes to a position from the beginning', () => {
    const stream = new StringIO('abc');
    stream.read();
    expect(stream.seek(1)).toBe(1);
    expect(stream.tell()).toBe(1);
    expect(stream.read()).toBe('bc');
    stream.seek(9);
    expect(stream.read()).toBe('');
    expect(thrown(() => stream.seek(-1))).toBe('RangeError: Negative seek position -1');
  });

  test('truncate() cuts off at the position by default, and leaves it alone', () => {
    const stream = new StringIO('abcdef');
    stream.read(2);
    expect(stream.truncate(10)).toBe(10);
    expect(stream.getvalue()).toBe('abcdef');
    expect(stream.truncate()).toBe(2);
    expect(stream.getvalue()).toBe('ab');
    expect(stream.truncate(1)).toBe(1);
    expect(stream.truncate(null)).toBe(2);
    expect(stream.getvalue()).toBe('a');
    expect(stream.tell()).toBe(2);
    expect(thrown(() => stream.truncate(-1))).toBe('RangeError: Negative size value -1');
  });

  test('close() says so, and may be repeated', () => {
    const stream = new StringIO('abc');
    expect(stream.closed).toBe(false);
    stream.close();
    stream.close();
    expect(stream.closed).toBe(true);
  });

  test.each<[name: string, operation: (stream: StringIO) => unknown]>([
    ['read', (stream) => stream.read()],
    ['readline', (stream) => stream.readline()],
    ['readlines', (stream) => stream.readlines()],
    ['write', (stream) => stream.write('a')],
    ['writelines', (stream) => stream.writelines(['a'])],
    ['flush', (stream) => stream.flush()],
    ['seek', (stream) => stream.seek(0)],
    ['tell', (stream) => stream.tell()],
    ['truncate', (stream) => stream.truncate()],
    ['truncate to a size', (stream) => stream.truncate(0)],
    ['getvalue', (stream) => stream.getvalue()],
    ['iteration', (stream) => [...stream]],
  ])('%s is refused after close()', (_, operation) => {
    const stream = new StringIO('abc\n');
    operation(stream);
    stream.close();
    expect(() => operation(stream)).toThrow('I/O operation on closed file');
  });
});
