import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { checkExcInfo, RuleViolation } from '@wsgiref/validate';
import { reported } from './support.ts';

const said = (excInfo: unknown): string[] => reported((report) => checkExcInfo(excInfo, report));

describe('checkExcInfo()', () => {
  test.each([
    null,
    undefined,
    new Error('no disk'),
    new TypeError(),
    runInNewContext('new Error()'),
  ])('accepts %p', (excInfo) => {
    expect(said(excInfo)).toEqual([]);
  });

  test.each<[unknown, string]>([
    [true, "(true) is not an Error: 'boolean'"],
    ['no disk', "('no disk') is not an Error: 'string'"],
    [{ message: 'no disk' }, "({'message': 'no disk'}) is not an Error: 'object'"],
    [0, "(0) is not an Error: 'number'"],
  ])('DIFFERS(43): refuses %p, which is no error', (excInfo, message) => {
    expect(said(excInfo)).toEqual([`exc-info-error: exc_info ${message}`]);
  });

  test('throws by itself', () => {
    expect(() => checkExcInfo(true)).toThrow(RuleViolation);
  });
});
