import { describe, expect, test } from '@jest/globals';
import { checkHeaders, RuleViolation } from '@wsgiref/validate';
import { reported } from './support.ts';

const said = (headers: unknown): string[] => reported((report) => checkHeaders(headers, report));

describe('checkHeaders()', () => {
  test.each<[string, unknown]>([
    ['no header', []],
    [
      'some',
      [
        ['Content-Type', 'text/plain'],
        ['X_A-9', ''],
      ],
    ],
    [
      'one of a name twice',
      [
        ['Set-Cookie', 'a'],
        ['Set-Cookie', 'b'],
      ],
    ],
    ['any byte that is no control character', [['X', ' ~\x80\x9f\xff']]],
    ['a length', [['content-length', '007']]],
    ['Trailer, which only sounds hop-by-hop', [['Trailer', 'X']]],
  ])('accepts %s', (_, headers) => {
    expect(said(headers)).toEqual([]);
  });

  test.each<[unknown, string]>([
    [{ A: 'b' }, "headers-list: Headers ({'A': 'b'}) must be of type list: 'object'"],
    [null, "headers-list: Headers (null) must be of type list: 'object'"],
    [new Map(), "headers-list: Headers (<Map object>) must be of type list: 'object'"],
    ['A: b', "headers-list: Headers ('A: b') must be of type list: 'string'"],
    [['A: b'], "header-pair: Individual headers ('A: b') must be of type tuple: 'string'"],
    [[null], "header-pair: Individual headers (null) must be of type tuple: 'object'"],
    [[['A']], "header-pair: Individual headers (['A']) must be of a name and a value"],
    [
      [['A', 'b', 'c']],
      "header-pair: Individual headers (['A', 'b', 'c']) must be of a name and a value",
    ],
    [[[5, 'b']], 'header-string: Header name must be of type str (got 5)'],
    [[['A', 5]], 'header-string: Header value must be of type str (got 5)'],
    [[['A', undefined]], 'header-string: Header value must be of type str (got undefined)'],
    [[['A:', 'b']], "header-name-colon: Header names may not contain ':' or '\\n': 'A:'"],
    [[['A\n', 'b']], "header-name-colon: Header names may not contain ':' or '\\n': 'A\\n'"],
    [[['', 'b']], "header-name: Bad header name: ''"],
    [[['A B', 'b']], "header-name: Bad header name: 'A B'"],
    [[['A\r', 'b']], "header-name: Bad header name: 'A\\r'"],
    [[['\xc4', 'b']], "header-name: Bad header name: '\xc4'"],
    [[['\u0100', 'b']], "header-native-string: Header name is not a native string: '\u0100'"],
    [[['A', '\u0100']], "header-native-string: Header value is not a native string: '\u0100'"],
    [[['A-', 'b']], "header-name-end: Names may not end in '-' or '_': 'A-'"],
    [[['A_', 'b']], "header-name-end: Names may not end in '-' or '_': 'A_'"],
    [[['Content-Length', '']], "header-content-length: Bad Content-Length: ''"],
    [[['content-length', '-1']], "header-content-length: Bad Content-Length: '-1'"],
    [
      [
        ['Content-Length', '5'],
        ['CONTENT-LENGTH', '5'],
      ],
      "header-content-length: A second Content-Length: '5'",
    ],
  ])('refuses %p', (headers, message) => {
    expect(said(headers)).toEqual([message]);
  });

  test('DIFFERS(44): a token that Python refuses is a warning', () => {
    for (const name of ['9a', '_a', 'a.b', "!#$%&'*+-.^_`|~09azAZ"]) {
      expect(said([[name, 'b']])).toEqual([
        expect.stringMatching(/^header-name-unusual: Bad header name: /),
      ]);
    }
  });

  test.each(['Status', 'status', 'STATUS'])('refuses %s', (name) => {
    expect(said([[name, '404 Not Found']])).toEqual([
      'header-status: The Status header cannot be used; it conflicts with CGI script, and HTTP ' +
        "status is not given through headers (value: '404 Not Found')",
    ]);
  });

  const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));
  test.each([...controls, '\x7f'])('refuses %j in a value, wherever it stands', (character) => {
    for (const value of [character, `a${character}b`, `${character}a`, `a${character}`]) {
      expect(said([['X', value]])).toEqual([
        expect.stringMatching(/^header-value: Bad header value: '.+' \(bad char: '.+'\)$/),
      ]);
    }
  });

  test.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'TE',
    'Trailers',
    'Transfer-Encoding',
    'upgrade',
  ])('refuses %s, which is hop-by-hop', (name) => {
    expect(said([[name, 'x']])).toEqual([
      `header-hop-by-hop: Hop-by-hop header, '${name}: x', not allowed`,
    ]);
  });

  test('looks at every header', () => {
    expect(said([null, ['A', 5], ['Connection', 'close'], ['B', '\n']])).toHaveLength(4);
  });

  test('throws by itself', () => {
    expect(() => checkHeaders([['Connection', 'close']])).toThrow(RuleViolation);
    expect(() => checkHeaders([['Connection', 'close']])).toThrow(
      "Hop-by-hop header, 'Connection: close', not allowed. Leave the connection to the server " +
        '(header-hop-by-hop: https://peps.python.org/pep-3333/#other-http-features)',
    );
  });
});
