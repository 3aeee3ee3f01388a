// What web servers send, and what the application is told.

import { describe, expect, test } from '@jest/globals';
import { makeEnviron } from '@wsgiref/gateway';
import { RequestError } from '@wsgiref/handlers/base';
import fc from 'fast-check';
import { nativeString } from '../support/pieces.ts';

type Params = Parameters<typeof makeEnviron>[0];

function environ(params: Record<string, string>, options = {}): Record<string, unknown> {
  return makeEnviron(Object.entries({ REQUEST_METHOD: 'GET', ...params }), options);
}

describe('SCRIPT_NAME and PATH_INFO are the path', () => {
  const cases: readonly [
    who: string,
    sent: Record<string, string>,
    script: string,
    path: string,
  ][] = [
    ['as they are sent', { SCRIPT_NAME: '/app', PATH_INFO: '/a' }, '/app', '/a'],
    ['a PATH_INFO alone', { PATH_INFO: '/a' }, '', '/a'],
    ['a SCRIPT_NAME alone, of CGI', { SCRIPT_NAME: '/app.cgi' }, '/app.cgi', ''],
    ['an empty SCRIPT_NAME and PATH_INFO', { SCRIPT_NAME: '', PATH_INFO: '' }, '', ''],
    ['the root as SCRIPT_NAME', { SCRIPT_NAME: '/' }, '', '/'],
    ['the root as SCRIPT_NAME beside a PATH_INFO', { SCRIPT_NAME: '/', PATH_INFO: '/a' }, '', '/a'],
    ['slashes that are missing', { SCRIPT_NAME: 'app', PATH_INFO: 'a' }, '/app', '/a'],
    ['a target that is no path', { PATH_INFO: '*' }, '', ''],
    ["nginx's fastcgi_params", { SCRIPT_NAME: '/a b', DOCUMENT_URI: '/a b' }, '', '/a b'],
    ["nginx's scgi_params", { DOCUMENT_URI: '/a b', REQUEST_URI: '/a%20b?c' }, '', '/a b'],
    ["nginx's uwsgi_params", { PATH_INFO: '/a b', DOCUMENT_URI: '/a b' }, '', '/a b'],
    ['a script of nginx', { SCRIPT_NAME: '/app', DOCUMENT_URI: '/x', PATH_INFO: '' }, '/app', ''],
    [
      "Apache's mod_proxy_fcgi",
      { SCRIPT_NAME: '/a b', SCRIPT_FILENAME: 'proxy:fcgi://127.0.0.1:9000/a b' },
      '',
      '/a b',
    ],
    [
      "Apache's mod_proxy_scgi",
      { SCRIPT_NAME: '/a', SCRIPT_FILENAME: 'proxy:scgi://127.0.0.1:4000/a' },
      '',
      '/a',
    ],
    ['nothing but the target', { REQUEST_URI: '/caf%C3%A9?x=%20' }, '', '/caf\xc3\xa9'],
    ['nothing but a target with an authority', { REQUEST_URI: 'http://h:80/a?b' }, '', '/a'],
    ['nothing but an authority', { REQUEST_URI: 'http://h' }, '', ''],
    ['nothing', {}, '', ''],
  ];
  test.each(cases)('%s', (_who, sent, script, path) => {
    expect(environ(sent)).toMatchObject({ SCRIPT_NAME: script, PATH_INFO: path });
  });

  const mounted: readonly [
    at: string,
    sent: Record<string, string>,
    script: string,
    path: string,
  ][] = [
    ['/app', { SCRIPT_NAME: '/app/a' }, '/app', '/a'],
    ['/app', { PATH_INFO: '/app' }, '/app', ''],
    ['/app', { SCRIPT_NAME: '/app', PATH_INFO: '/a' }, '/app', '/a'],
    ['/app', { PATH_INFO: '/apple' }, '/app', '/apple'],
    ['', { SCRIPT_NAME: '/a', PATH_INFO: '/b' }, '', '/a/b'],
  ];
  test.each(mounted)('of an application at %j, %j', (scriptName, sent, script, path) => {
    expect(environ(sent, { scriptName })).toMatchObject({ SCRIPT_NAME: script, PATH_INFO: path });
  });
});

describe('what PEP 3333 asks for is there', () => {
  test('though the web server leaves it out', () => {
    expect(environ({})).toEqual({
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: '',
      QUERY_STRING: '',
      SERVER_NAME: 'localhost',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.0',
    });
  });

  test('though the web server sends it empty', () => {
    const sent = {
      SERVER_NAME: '',
      SERVER_PORT: '',
      SERVER_PROTOCOL: '',
      HTTP_HOST: 'a.example:81',
    };
    expect(environ(sent)).toMatchObject({
      SERVER_NAME: 'a.example',
      SERVER_PORT: '81',
      SERVER_PROTOCOL: 'HTTP/1.0',
    });
  });

  test.each([
    [{ HTTPS: 'on' }, '443'],
    [{ HTTPS: 'off', REQUEST_SCHEME: 'https' }, '80'],
    [{ HTTPS: '', REQUEST_SCHEME: 'https' }, '443'],
    [{ UWSGI_SCHEME: 'https' }, '443'],
    [{ REQUEST_SCHEME: 'http' }, '80'],
  ])('the port follows from the scheme: %j', (sent, port) => {
    expect(environ({ ...sent, HTTP_HOST: '[::1]' })).toMatchObject({
      SERVER_NAME: '[::1]',
      SERVER_PORT: port,
    });
  });

  test('over the variables of the server itself', () => {
    const base = { 'app.config': { a: 1 }, SERVER_NAME: 'not this' };
    expect(environ({ SERVER_NAME: 'this' }, { base })).toMatchObject({
      'app.config': { a: 1 },
      SERVER_NAME: 'this',
    });
  });
});

describe('what must not be there is not', () => {
  test('HTTP_PROXY, HTTP_CONTENT_LENGTH, an empty REMOTE_USER, and what is not for web servers to set', () => {
    const sent = {
      HTTP_PROXY: 'http://evil.example/',
      HTTP_CONTENT_LENGTH: '4',
      'wsgi.input_terminated': 'yes',
      'wsgiref.signal': 'x',
      REMOTE_USER: '',
    };
    expect(Object.keys(environ(sent)).filter((name) => name in sent)).toEqual([]);
  });

  test('HTTP_CONTENT_TYPE, which is CONTENT_TYPE where that is missing', () => {
    expect(environ({ HTTP_CONTENT_TYPE: 'a/b' })).toMatchObject({ CONTENT_TYPE: 'a/b' });
    expect(environ({ HTTP_CONTENT_TYPE: 'a/b' })).not.toHaveProperty('HTTP_CONTENT_TYPE');
    const both = environ({ HTTP_CONTENT_TYPE: 'a/b', CONTENT_TYPE: 'c/d' });
    expect(both).toMatchObject({ CONTENT_TYPE: 'c/d' });
  });
});

test('a header that is there twice is joined, of anything else the last one counts', () => {
  const sent: Params = [
    ['REQUEST_METHOD', 'GET'],
    ['HTTP_X_HOP', 'one'],
    ['HTTP_COOKIE', 'a=1'],
    ['PATH_INFO', '/not-this'],
    ['CONTENT_LENGTH', '1'],
    ['HTTP_X_HOP', 'two'],
    ['HTTP_COOKIE', 'b=2'],
    ['PATH_INFO', '/this'],
    ['CONTENT_LENGTH', '1'],
  ];
  expect(makeEnviron(sent)).toMatchObject({
    HTTP_X_HOP: 'one, two',
    HTTP_COOKIE: 'a=1; b=2',
    PATH_INFO: '/this',
    CONTENT_LENGTH: '1',
  });
});

describe('a request is refused', () => {
  const cases: readonly [what: string, sent: Params, status: string, message: string][] = [
    ['without a method', [], '400', "should send a REQUEST_METHOD such as 'GET' (got none)"],
    ['with an empty method', [['REQUEST_METHOD', '']], '400', "(got '')"],
    ['with a method that is none', [['REQUEST_METHOD', 'GE T']], '400', "(got 'GE T')"],
    ['with a nameless variable', [['', 'x']], '400', "cannot be called ''"],
    ['with a control character in a name', [['HTTP_A\n', 'x']], '400', "called 'HTTP_A\\n'"],
    ['with a line feed in a header', [['HTTP_A', 'a\nb']], '400', 'HTTP_A holds a control'],
    [
      'with a length that is none',
      [['CONTENT_LENGTH', '+1']],
      '400',
      "Invalid CONTENT_LENGTH: '+1'",
    ],
    [
      'with a body that is too large',
      [['CONTENT_LENGTH', '11']],
      '413',
      'has 11 bytes; the most are 10',
    ],
    [
      'with two lengths',
      [
        ['CONTENT_LENGTH', '1'],
        ['CONTENT_LENGTH', '2'],
      ],
      '400',
      "two values of CONTENT_LENGTH, '1' and '2'",
    ],
  ];
  test.each(cases)('%s', (what, sent, status, message) => {
    const method: Params = what.includes('method') ? [] : [['REQUEST_METHOD', 'GET']];
    const attempt = (): unknown => makeEnviron([...method, ...sent], { maxBodySize: 10 });
    expect(attempt).toThrow(RequestError);
    expect(attempt).toThrow(message);
    let error: unknown;
    try {
      attempt();
    } catch (caught) {
      error = caught;
    }
    expect((error as RequestError).status).toMatch(`${status} `);
  });
});

test('whatever the web server sends, the path is one, or the request is refused', () => {
  const name = fc.oneof(
    nativeString({ maxLength: 8 }),
    fc.constantFrom('SCRIPT_NAME', 'PATH_INFO', 'DOCUMENT_URI', 'REQUEST_URI', 'HTTP_HOST'),
    fc.constantFrom('CONTENT_LENGTH', 'SERVER_PORT', 'HTTPS', '__proto__', 'constructor'),
  );
  const value = fc.oneof(
    nativeString({ maxLength: 8 }),
    fc.webPath(),
    fc.constantFrom('', '/', '*'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (sent) => {
      let made: Record<string, unknown>;
      try {
        made = makeEnviron([['REQUEST_METHOD', 'GET'], ...sent]);
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        return;
      }
      expect(made['SCRIPT_NAME']).toMatch(/^(?:\/[^]+)?$/);
      expect(made['PATH_INFO']).toMatch(/^(?:\/[^]*)?$/);
      for (const key of ['SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL']) {
        expect(made[key]).not.toBe('');
      }
    }),
    { numRuns: 1000 },
  );
});
