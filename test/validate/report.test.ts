import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  checkStatus,
  rules,
  RuleViolation,
  validator,
  type ValidatorOptions,
  WSGIWarning,
} from '@wsgiref/validate';
import { breaches, caught, environ, helloApp, returning, serve, startResponse } from './support.ts';

/** An error by default, and a warning by default. */
const ERROR = 'result-string';
const WARNING = 'env-query-string';

/** Breaks both; the warning comes first. */
const both = (options: ValidatorOptions): unknown =>
  serve(returning('hello'), options, environ({ QUERY_STRING: undefined }));

const levels = async (rules: ValidatorOptions['rules']): Promise<string[]> =>
  (await breaches(both, rules)).map(({ level, ruleId }) => `${level} ${ruleId}`);

describe('the option rules', () => {
  test('leaves every rule as it is by default', async () => {
    expect(await levels({})).toEqual([`warning ${WARNING}`, `error ${ERROR}`]);
    expect(await levels(undefined)).toEqual([`warning ${WARNING}`, `error ${ERROR}`]);
  });

  test('switches single rules off', async () => {
    expect(await levels({ [WARNING]: 'off' })).toEqual([`error ${ERROR}`]);
    expect(await levels({ [ERROR]: 'off' })).toEqual([`warning ${WARNING}`]);
    expect(await levels({ [WARNING]: 'off', [ERROR]: 'off' })).toEqual([]);
  });

  test('makes errors of warnings, and warnings of errors', async () => {
    expect(await levels({ [WARNING]: 'error' })).toEqual([`error ${WARNING}`]);
    expect(await levels({ [ERROR]: 'warning' })).toEqual([
      `warning ${WARNING}`,
      `warning ${ERROR}`,
    ]);
  });

  test('takes every rule and every level', () => {
    for (const level of ['off', 'warning', 'error'] as const) {
      const options = { rules: Object.fromEntries(rules.map(({ id }) => [id, level])) };
      expect(() => validator(helloApp, options)).not.toThrow();
    }
  });

  test('with everything off, an application passes through as it is', async () => {
    const options = { rules: Object.fromEntries(rules.map(({ id }) => [id, 'off' as const])) };
    for (const result of [null, 'hello', 5, {}]) {
      expect(await validator(returning(result), options)(environ(), startResponse)).toBe(result);
    }
  });

  test.each([
    ['env-scriptname', "no rule is called 'env-scriptname': docs/specification.md lists them"],
    ['toString', "no rule is called 'toString': docs/specification.md lists them"],
  ])('refuses %j, which is none', async (id, message) => {
    const error = await caught(() => validator(helloApp, { rules: { [id]: 'off' } }));
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toBe(message);
  });

  test.each<unknown>(['warn', true, 0, undefined])(
    'refuses %p, which is no level',
    async (level) => {
      const error = await caught(() => validator(helloApp, { rules: { [ERROR]: level as never } }));
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toMatch(
        /^'result-string' cannot be .+: make it one of \['error', 'warning', 'off'\]$/,
      );
    },
  );
});

describe('the option onWarning', () => {
  test('is given each warning', async () => {
    const warnings: WSGIWarning[] = [];
    const request = environ({ QUERY_STRING: undefined, REQUEST_METHOD: 'get' });
    await serve(helloApp, { onWarning: (warning) => warnings.push(warning) }, request);
    expect(warnings.map(({ ruleId }) => ruleId)).toEqual(['env-query-string', 'env-method']);
    expect(warnings[0]).toBeInstanceOf(WSGIWarning);
  });

  test('may throw, and ends the request', async () => {
    const onWarning = (warning: WSGIWarning): never => {
      throw warning;
    };
    const error = await caught(() => both({ onWarning }));
    expect((error as WSGIWarning).ruleId).toBe(WARNING);
  });
});

describe('a warning that nobody has asked for', () => {
  const host = globalThis as { process?: unknown; console?: unknown };
  const { process, console } = host;
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

  const MESSAGE =
    "The status string ('404') should be a three-digit integer followed by a single space and a " +
    "status explanation. Write code and phrase, such as '404 Not Found' (status-phrase: " +
    'https://peps.python.org/pep-3333/#the-start-response-callable)';

  test('goes through process.emitWarning', () => {
    checkStatus('404');
    expect(emitWarning.mock.calls).toEqual([[MESSAGE, 'WSGIWarning']]);
    expect(toConsole).not.toHaveBeenCalled();
  });

  test('goes to the console where there is no process', () => {
    host.process = undefined;
    checkStatus('404');
    expect(toConsole.mock.calls).toEqual([[`WSGIWarning: ${MESSAGE}`]]);
  });

  test('does so from a validator without options', async () => {
    await expect(both({})).rejects.toThrow(RuleViolation);
    expect(emitWarning.mock.calls).toEqual([
      [expect.stringContaining('env-query-string'), 'WSGIWarning'],
    ]);
  });
});
