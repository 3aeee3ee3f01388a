import { describe, expect, test } from '@jest/globals';
import { AssertionError } from '@wsgiref/util';

describe('AssertionError', () => {
  const error = new AssertionError('Headers already set!');

  test('is an Error with its own name', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(AssertionError);
    expect(error.name).toBe('AssertionError');
  });

  test('prints its name and message', () => {
    expect(String(error)).toBe('AssertionError: Headers already set!');
  });

  test('takes a cause, as every Error does', () => {
    const cause = new Error('below');
    expect(new AssertionError('above', { cause }).cause).toBe(cause);
  });
});
