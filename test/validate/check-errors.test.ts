import { describe, expect, test } from '@jest/globals';
import { StringIO } from '@wsgiref/util';
import { checkErrors, RuleViolation } from '@wsgiref/validate';
import { reported } from './support.ts';

const missing = (errors: unknown): string[] =>
  reported((report) => checkErrors(errors, report)).map((line) => line.split(' ').at(-1)!);

describe('checkErrors()', () => {
  test('is content with a stream of text', () => {
    expect(missing(new StringIO())).toEqual([]);
  });

  test.each([null, undefined, 5, console])('misses everything in %p', (errors) => {
    expect(missing(errors)).toEqual(['flush', 'write', 'writelines']);
  });

  test('misses what is no function', () => {
    expect(missing(Object.assign(new StringIO(), { flush: true }))).toEqual(['flush']);
  });

  test('throws by itself, with the value', () => {
    expect(() => checkErrors(null)).toThrow(RuleViolation);
    expect(() => checkErrors(null)).toThrow(
      "wsgi.errors (null) doesn't have the attribute flush. Use StandardError, or StringIO " +
        '(errors-methods: https://peps.python.org/pep-3333/#input-and-error-streams)',
    );
  });
});
