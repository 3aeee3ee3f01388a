import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { warn } from '@wsgiref/util';

/** The two hosts' own ways to warn, which these tests replace. */
const host = globalThis as { process?: unknown; console?: unknown };
const { process, console } = host;

describe('warn', () => {
  const emitWarning = jest.fn();
  const toConsole = jest.fn();

  beforeEach(() => {
    emitWarning.mockClear();
    toConsole.mockClear();
    host.process = { emitWarning };
    host.console = { warn: toConsole };
  });

  afterEach(() => {
    Object.assign(host, { process, console });
  });

  test('goes to process.emitWarning where there is one', () => {
    warn('partial write', 'DeprecationWarning');
    expect(emitWarning.mock.calls).toEqual([['partial write', 'DeprecationWarning']]);
    expect(toConsole).not.toHaveBeenCalled();
  });

  test.each([
    ['there is no process', undefined],
    ['process cannot warn', {}],
  ])('goes to the console where %s', (_, replacement) => {
    host.process = replacement;
    warn('partial write', 'DeprecationWarning');
    expect(toConsole.mock.calls).toEqual([['DeprecationWarning: partial write']]);
  });

  test('is silent where there is neither', () => {
    host.process = undefined;
    host.console = undefined;
    expect(() => warn('partial write', 'DeprecationWarning')).not.toThrow();
    expect([...emitWarning.mock.calls, ...toConsole.mock.calls]).toEqual([]);
  });
});
