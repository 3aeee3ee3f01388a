import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { formatDateTime } from '@wsgiref/handlers';
import { currentDate } from '../../packages/handlers/src/base/format-date-time.ts';
import { formatException } from '../../packages/handlers/src/base/format-exception.ts';
import { ErrorHandler } from './support.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('formatDateTime()', () => {
  test.each([
    [0, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [1149533394, 'Mon, 05 Jun 2006 18:49:54 GMT'],
    [951782400, 'Tue, 29 Feb 2000 00:00:00 GMT'],
    [1.999, 'Thu, 01 Jan 1970 00:00:01 GMT'],
    [-0.001, 'Wed, 31 Dec 1969 23:59:59 GMT'],
    [-62135596800, 'Mon, 01 Jan 0001 00:00:00 GMT'],
    [253402300799, 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ])('%d is %s', (timestamp, date) => {
    expect(formatDateTime(timestamp)).toBe(date);
  });
});

test('currentDate() is the date of this second, formatted once in it', () => {
  const now = jest.spyOn(Date, 'now');
  const format = jest.spyOn(Date.prototype, 'toUTCString');
  now.mockReturnValue(1_000_000_000_000);
  expect(currentDate()).toBe('Sun, 09 Sep 2001 01:46:40 GMT');
  now.mockReturnValue(1_000_000_000_999);
  expect(currentDate()).toBe('Sun, 09 Sep 2001 01:46:40 GMT');
  expect(format).toHaveBeenCalledTimes(1);
  now.mockReturnValue(1_000_000_001_000);
  expect(currentDate()).toBe('Sun, 09 Sep 2001 01:46:41 GMT');
  expect(format).toHaveBeenCalledTimes(2);
});

describe('formatException()', () => {
  test('is the stack of an error, ending in a line feed', () => {
    const error = new TypeError('of a kind');
    expect(formatException(error, null)).toBe(`${error.stack!}\n`);
    expect(formatException(error, null)).toMatch(/^TypeError: of a kind\n {4}at /);
  });

  test('goes on with its causes', () => {
    const inner = new RangeError('inner');
    const middle = new Error('middle', { cause: inner });
    const outer = new Error('outer', { cause: middle });
    expect(formatException(outer, null)).toBe(
      `${outer.stack!}\nCaused by: ${middle.stack!}\nCaused by: ${inner.stack!}\n`,
    );
  });

  test('ends where the causes begin again', () => {
    const chicken = new Error('chicken');
    const egg = new Error('egg', { cause: chicken });
    chicken.cause = egg;
    expect(formatException(egg, 0)).toBe('Error: egg\nCaused by: Error: chicken\n');
  });

  test('ends at a cause that is no error', () => {
    expect(formatException(new Error('outer', { cause: 'text' }), 0)).toBe('Error: outer\n');
  });

  test.each([
    ['text', "Uncaught 'text'\n"],
    [undefined, 'Uncaught undefined\n'],
    [null, 'Uncaught null\n'],
    [{ code: 7 }, "Uncaught {'code': 7}\n"],
  ])('of %j, which is no error, is its representation', (thrown, logged) => {
    expect(formatException(thrown, null)).toBe(logged);
  });

  test('shows as many frames of each error as the limit says, and the whole message', () => {
    const deep = (depth: number): Error =>
      depth > 0 ? deep(depth - 1) : new Error('two\nlines', { cause: new Error('cause') });
    const error = deep(3);
    const frames = (limit: number | null): number =>
      formatException(error, limit).match(/^ +at /gm)?.length ?? 0;
    expect(formatException(error, 0)).toBe('Error: two\nlines\nCaused by: Error: cause\n');
    expect(formatException(error, 2)).toMatch(
      /^Error: two\nlines\n +at .*\n +at .*\nCaused by: Error: cause\n +at .*\n +at .*\n$/,
    );
    expect(frames(1000)).toBe(frames(null));
    expect(frames(null)).toBeGreaterThan(4);
  });

  test('knows an error of another realm, and its causes', () => {
    const error = runInNewContext(
      `new RangeError('elsewhere', { cause: new Error('there') })`,
    ) as Error;
    expect(error).not.toBeInstanceOf(Error);
    expect(formatException(error, 0)).toBe('RangeError: elsewhere\nCaused by: Error: there\n');
  });

  test('of an error that has lost its stack is its name and message', () => {
    const error = new TypeError('bare');
    delete (error as { stack?: string }).stack;
    expect(formatException(error, null)).toBe('TypeError: bare\n');
  });
});

test('tracebackLimit is the limit of what logException() writes', async () => {
  const handler = new ErrorHandler();
  handler.tracebackLimit = 1;
  await handler.logException(new Error('limited'));
  expect(handler.log).toMatch(/^Error: limited\n +at .*\n$/);
});
