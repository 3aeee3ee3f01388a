import { describe, expect, test } from '@jest/globals';
import { BytesIO } from '@wsgiref/util';
import { checkInput, RuleViolation } from '@wsgiref/validate';
import { reported } from './support.ts';

const missing = (input: unknown): string[] =>
  reported((report) => checkInput(input, report)).map((line) => line.split(' ').at(-1)!);

describe('checkInput()', () => {
  test('is content with a stream of bytes', () => {
    expect(missing(new BytesIO())).toEqual([]);
  });

  test('is content with a stream that is iterated over synchronously alone', () => {
    const method = () => new Uint8Array();
    const input = { read: method, readline: method, readlines: method };
    expect(missing({ ...input, [Symbol.iterator]: method })).toEqual([]);
    expect(missing({ ...input, [Symbol.asyncIterator]: method })).toEqual([]);
    expect(missing(input)).toEqual(['Symbol.asyncIterator']);
  });

  test.each([null, undefined, 5, {}])('misses everything in %p', (input) => {
    expect(missing(input)).toEqual(['read', 'readline', 'readlines', 'Symbol.asyncIterator']);
  });

  test('throws by itself, with the value', () => {
    expect(() => checkInput({ read: 5 })).toThrow(RuleViolation);
    expect(() => checkInput({ read: 5 })).toThrow(
      "wsgi.input ({'read': 5}) doesn't have the attribute read. Extend BufferedReader, or use " +
        'BytesIO (input-methods: https://peps.python.org/pep-3333/#input-and-error-streams)',
    );
  });
});
