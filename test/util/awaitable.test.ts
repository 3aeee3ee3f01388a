import { describe, expect, test } from '@jest/globals';
import { andThen, isPromiseLike } from '@wsgiref/util';

describe('isPromiseLike', () => {
  test.each<[string, unknown]>([
    ['a promise', Promise.resolve(1)],
    ['any object with then()', { then: () => undefined }],
  ])('is true for %s', (_, value) => {
    expect(isPromiseLike(value)).toBe(true);
  });

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a number', 1],
    ['a string', 'then'],
    ['bytes', Uint8Array.of(1)],
    ['an object whose then is no method', { then: true }],
  ])('is false for %s', (_, value) => {
    expect(isPromiseLike<unknown>(value)).toBe(false);
  });
});

describe('andThen', () => {
  test('does the next step at once for a value', () => {
    expect(andThen(20, (n) => n + 1)).toBe(21);
  });

  test('does the next step when a promise has come true', async () => {
    const result = andThen(Promise.resolve(20), (n) => n + 1);
    expect(isPromiseLike(result)).toBe(true);
    expect(await result).toBe(21);
  });

  test('passes on the promise that the next step returns', async () => {
    expect(await andThen(20, (n) => Promise.resolve(n + 1))).toBe(21);
  });

  test('leaves out the next step when the promise is rejected', async () => {
    const steps: unknown[] = [];
    const result = andThen(Promise.reject(new Error('lost')), (value) => steps.push(value));
    await expect(result).rejects.toThrow('lost');
    expect(steps).toEqual([]);
  });

  test('throws what the next step throws', () => {
    expect(() =>
      andThen(1, () => {
        throw new Error('no further');
      }),
    ).toThrow('no further');
  });
});
