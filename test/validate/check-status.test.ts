import { describe, expect, test } from '@jest/globals';
import { checkStatus, RuleViolation } from '@wsgiref/validate';
import { reported } from './support.ts';

const said = (status: unknown): string[] => reported((report) => checkStatus(status, report));

const PHRASE =
  'should be a three-digit integer followed by a single space and a status explanation';

describe('checkStatus()', () => {
  test.each(['200 OK', '200 x', '404 Not Found', '999 Unknown', '599 a\xe9\x80'])(
    'accepts %j',
    (status) => {
      expect(said(status)).toEqual([]);
    },
  );

  test.each<[unknown, string]>([
    [200, 'status-string: Status must be of type str (got 200)'],
    [undefined, 'status-string: Status must be of type str (got undefined)'],
    [new String('200 OK'), 'status-string: Status must be of type str (got <String object>)'],
    ['', "status-code-length: Status codes must be three characters: ''"],
    ['   ', "status-code-length: Status codes must be three characters: ''"],
    ['OK', "status-code-length: Status codes must be three characters: 'OK'"],
    ['200OK', "status-code-length: Status codes must be three characters: '200OK'"],
    ['2000 OK', "status-code-length: Status codes must be three characters: '2000'"],
    ['20X OK', "status-code-digits: Status code is not a number: '20X'"],
    ['-20 OK', "status-code-digits: Status code is not a number: '-20'"],
    [
      '\u0662\u0660\u0660 OK',
      "status-code-digits: Status code is not a number: '\u0662\u0660\u0660'",
    ],
    ['099 OK', 'status-code-range: Status code is invalid: 99'],
    ['000 OK', 'status-code-range: Status code is invalid: 0'],
    ['100 Continue', "status-informational: Status code is of an interim response: '100 Continue'"],
    ['199 x', "status-informational: Status code is of an interim response: '199 x'"],
    ['200', `status-phrase: The status string ('200') ${PHRASE}`],
    ['200 ', `status-phrase: The status string ('200 ') ${PHRASE}`],
    [' 200 OK', `status-phrase: The status string (' 200 OK') ${PHRASE}`],
    ['200 OK ', `status-phrase: The status string ('200 OK ') ${PHRASE}`],
    ['200  OK', `status-phrase: The status string ('200  OK') ${PHRASE}`],
    ['200\xa0OK', `status-phrase: The status string ('200\\xa0OK') ${PHRASE}`],
  ])('refuses %p', (status, message) => {
    expect(said(status)).toContain(message);
    expect(said(status).filter((line) => !line.includes('native'))).toHaveLength(1);
  });

  test.each(['\0', '\t', '\n', '\r\n', '\x1f', '\x7f'])('refuses %j at the end', (end) => {
    expect(said(`200 OK${end}`)).toEqual([
      expect.stringMatching(
        /^status-control-character: Control characters are not allowed in stat/,
      ),
    ]);
  });

  test('refuses what is above U+00FF', () => {
    expect(said('200 \u0100')).toEqual([
      "status-native-string: Status is not a native string: '200 \u0100'",
    ]);
  });

  test('throws by itself', () => {
    expect(() => checkStatus('20X OK')).toThrow(RuleViolation);
    expect(() => checkStatus('20X OK')).toThrow(/^Status code is not a number: '20X'\. Write code/);
  });
});
