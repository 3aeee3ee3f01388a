import { describe, expect, test } from '@jest/globals';
import { AssertionError } from '@wsgiref/util';
import { checkHeaders, checkStatus } from '../../packages/handlers/src/base/check-response.ts';

/** What a call throws: its class's name and its message. */
function refusal(call: () => void): string {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'nothing';
}

describe('checkStatus()', () => {
  test.each(['200 OK', '200 ', '999 x', '000 zero', '404 \xff\x80'])('accepts %j', (status) => {
    expect(refusal(() => checkStatus(status))).toBe('nothing');
  });

  test.each<[unknown, string]>([
    [200, 'AssertionError: Status must be of type str (got 200)'],
    [['200 OK'], "AssertionError: Status must be of type str (got ['200 OK'])"],
    [undefined, 'AssertionError: Status must be of type str (got undefined)'],
    ['\n', 'RangeError: Control characters are not allowed in status'],
    ['200 OK\t', 'RangeError: Control characters are not allowed in status'],
    ['200 \u0100', "RangeError: Status must hold U+0000 to U+00FF only (got '200 \u0100')"],
    ['', 'AssertionError: Status must be at least 4 characters'],
    ['200', 'AssertionError: Status must be at least 4 characters'],
    ['20 OK', 'AssertionError: Status message must begin w/3-digit code'],
    [' 200 OK', 'AssertionError: Status message must begin w/3-digit code'],
    ['-20 OK', 'AssertionError: Status message must begin w/3-digit code'],
    ['2000 OK', 'AssertionError: Status message must have a space after code'],
    ['200\xa0OK', 'AssertionError: Status message must have a space after code'],
  ])('refuses %j', (status, message) => {
    expect(refusal(() => checkStatus(status))).toBe(message);
  });
});

describe('checkHeaders(), DIFFERS(29)', () => {
  test.each<[string, string]>([
    ["!#$%&'*+-.^_`|~09azAZ", 'every character of a token'],
    ['X', ''],
    ['X', ' \x80\xff"():,'],
    ['Content-Length', '0'],
    ['Content-Length', '007'],
    ['Content-Length', '999999999999999'],
    ['Trailer', 'X'],
  ])('accepts %s: %j', (name, value) => {
    expect(refusal(() => checkHeaders([[name, value]]))).toBe('nothing');
  });

  test('accepts a name twice, and an empty list', () => {
    expect(
      refusal(() =>
        checkHeaders([
          ['Set-Cookie', 'a'],
          ['Set-Cookie', 'b'],
        ]),
      ),
    ).toBe('nothing');
    expect(refusal(() => checkHeaders([]))).toBe('nothing');
  });

  const token = "letters, digits and !#$%&'*+-.^_`|~ may stand in it";

  test.each<[string, string, string]>([
    ['', 'v', `Bad header name: ''; ${token}`],
    ['X Y', 'v', `Bad header name: 'X Y'; ${token}`],
    ['X:', 'v', `Bad header name: 'X:'; ${token}`],
    ['X\n', 'v', `Bad header name: 'X\\n'; ${token}`],
    ['\u212a', 'v', `Bad header name: '\u212a'; ${token}`],
    ['X', 'a\tb', "Bad header value: 'a\\tb' (bad char: '\\t')"],
    ['X', 'a\x7f', "Bad header value: 'a\\x7f' (bad char: '\\x7f')"],
    ['X', '\u20ac', "Bad header value: '\u20ac' (bad char: '\u20ac')"],
    ['Transfer-encoding', 'x', "Hop-by-hop header, 'Transfer-encoding: x', not allowed"],
    ['CONTENT-LENGTH', '-1', "Bad Content-Length: '-1'; it should be one header of decimal digits"],
  ])('refuses %j: %j', (name, value, message) => {
    expect(
      refusal(() =>
        checkHeaders([
          ['Y', 'fine'],
          [name, value],
        ]),
      ),
    ).toBe(`AssertionError: ${message}`);
  });

  test('refuses a second Content-Length, even of the same value', () => {
    expect(() =>
      checkHeaders([
        ['Content-Length', '1'],
        ['content-length', '1'],
      ]),
    ).toThrow(AssertionError);
  });
});
