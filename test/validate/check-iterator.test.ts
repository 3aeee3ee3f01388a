import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { BytesIO, FileWrapper } from '@wsgiref/util';
import { checkIterator, RuleViolation } from '@wsgiref/validate';
import { bytes, reported } from './support.ts';

const said = (result: unknown): string[] => reported((report) => checkIterator(result, report));

describe('checkIterator()', () => {
  test.each<[string, unknown]>([
    ['an array', [bytes('hello')]],
    ['an empty array', []],
    ['a generator', (function* () {})()],
    ['an async generator', (async function* () {})()],
    ['a file', new FileWrapper(new BytesIO())],
    ['a set', new Set()],
  ])('accepts %s', (_, result) => {
    expect(said(result)).toEqual([]);
  });

  test.each<unknown>([null, undefined, 0, false, {}, Promise.resolve([])])(
    'refuses %p',
    (result) => {
      expect(said(result)).toEqual([
        expect.stringMatching(
          /^result-iterable: The application must return an iterator, if only an empty list \(got .+\)$/,
        ),
      ]);
    },
  );

  test.each<unknown>([
    '',
    'hello',
    bytes('hello'),
    Buffer.from('x'),
    runInNewContext('new Uint8Array(1)'),
  ])('refuses %p, which is iterable by mistake', (result) => {
    expect(said(result)).toEqual([
      expect.stringMatching(/^result-string: You should not return a string as your application/),
    ]);
  });

  test('throws by itself', () => {
    expect(() => checkIterator(null)).toThrow(RuleViolation);
    expect(() => checkIterator('hello')).toThrow(RuleViolation);
  });
});
