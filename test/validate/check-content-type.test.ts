import { describe, expect, test } from '@jest/globals';
import { checkContentType, RuleViolation } from '@wsgiref/validate';
import { plain, reported } from './support.ts';

const said = (status: string, headers: unknown): string[] =>
  reported((report) => checkContentType(status, headers as [], report));

describe('checkContentType()', () => {
  test.each(['200 OK', '302 Found', '500 Oops'])('%s has a Content-Type', (status) => {
    expect(said(status, plain())).toEqual([]);
    expect(said(status, [['content-TYPE', '']])).toEqual([]);
    expect(said(status, [['X', 'y']])).toEqual([
      "content-type-missing: No Content-Type header found in headers ([['X', 'y']])",
    ]);
  });

  test.each(['204 No Content', '304 Not Modified'])('%s has none', (status) => {
    expect(said(status, [['X', 'y']])).toEqual([]);
    expect(said(status, plain())).toEqual([
      `content-type-forbidden: Content-Type header found in a ${status.slice(0, 3)} response, ` +
        'which must not return content',
    ]);
  });

  test('DIFFERS(53): 205, which has no content, may have one or not', () => {
    expect(said('205 Reset Content', plain())).toEqual([]);
    expect(said('205 Reset Content', [])).toEqual([]);
  });

  test('passes over what is no header', () => {
    expect(said('200 OK', [null, 'Content-Type: text/plain', [5, 'x'], []])).toEqual([
      expect.stringMatching(/^content-type-missing: /),
    ]);
  });

  test('throws by itself', () => {
    expect(() => checkContentType('204 No Content', plain())).toThrow(RuleViolation);
    expect(() => checkContentType('200 OK', [])).toThrow(RuleViolation);
  });
});
