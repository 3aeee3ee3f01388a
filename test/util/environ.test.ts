import { describe, expect, test } from '@jest/globals';
import {
  applicationUri,
  BytesIO,
  guessScheme,
  type PartialEnvironment,
  requestUri,
  setupTestingDefaults,
  shiftPathInfo,
  StringIO,
} from '@wsgiref/util';
import { thrown } from './thrown.ts';

describe('guessScheme (testGuessScheme)', () => {
  test.each(['yes', 'on', '1'])('HTTPS=%s is https', (HTTPS) => {
    expect(guessScheme({ HTTPS })).toBe('https');
  });

  test.each([undefined, '', 'ON', 'Yes', 'true', '0', 'off', 'foo', ' on', 1, true])(
    'HTTPS=%p is http',
    (HTTPS) => {
      expect(guessScheme({ HTTPS })).toBe('http');
    },
  );

  test('no HTTPS is http', () => {
    expect(guessScheme({})).toBe('http');
  });
});

describe('applicationUri (testAppURIs)', () => {
  test.each<[expected: string, environ: PartialEnvironment]>([
    ['http://127.0.0.1/', {}],
    ['http://127.0.0.1/spam', { SCRIPT_NAME: '/spam' }],
    ['http://127.0.0.1/sp%E4m', { SCRIPT_NAME: '/sp\xe4m' }],
    ['http://spam.example.com:2071/', { HTTP_HOST: 'spam.example.com:2071', SERVER_PORT: '2071' }],
    ['http://spam.example.com/', { SERVER_NAME: 'spam.example.com' }],
    ['http://127.0.0.1/', { HTTP_HOST: '127.0.0.1', SERVER_NAME: 'spam.example.com' }],
    ['https://127.0.0.1/', { HTTPS: 'on' }],
    ['http://127.0.0.1:8000/', { SERVER_PORT: '8000', HTTP_HOST: undefined }],
  ])('is %s', (expected, environ) => {
    setupTestingDefaults(environ);
    expect(applicationUri(environ)).toBe(expected);
  });

  test.each([
    ['http', '80', 'http://h/'],
    ['http', '443', 'http://h:443/'],
    ['https', '443', 'https://h/'],
    ['https', '80', 'https://h:80/'],
    // Python takes 80 for the port of every scheme but https.
    ['gopher', '80', 'gopher://h/'],
    ['gopher', '70', 'gopher://h:70/'],
  ])('leaves out the port of its scheme: %s and %s make %s', (scheme, port, expected) => {
    const environ = { 'wsgi.url_scheme': scheme, SERVER_NAME: 'h', SERVER_PORT: port };
    expect(applicationUri(environ)).toBe(expected);
  });

  test('takes HTTP_HOST as it is, and only if it is not empty', () => {
    const environ = { 'wsgi.url_scheme': 'http', SERVER_NAME: 'h', SERVER_PORT: '8000' };
    expect(applicationUri({ ...environ, HTTP_HOST: 'a b:80' })).toBe('http://a b:80/');
    expect(applicationUri({ ...environ, HTTP_HOST: '' })).toBe('http://h:8000/');
  });

  test('quotes everything in SCRIPT_NAME but unreserved characters and the slash', () => {
    const SCRIPT_NAME = "/aZ09-._~/ %;=,:@&+$!*'()\x00\x7f\xff";
    expect(applicationUri({ 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME })).toBe(
      'http://h/aZ09-._~/%20%25%3B%3D%2C%3A%40%26%2B%24%21%2A%27%28%29%00%7F%FF',
    );
  });

  test.each<[key: string, environ: PartialEnvironment]>([
    ['wsgi.url_scheme', { HTTP_HOST: 'h' }],
    ['SERVER_NAME', { 'wsgi.url_scheme': 'http', SERVER_PORT: '80' }],
    ['SERVER_PORT', { 'wsgi.url_scheme': 'http', SERVER_NAME: 'h' }],
  ])('needs %s', (key, environ) => {
    expect(thrown(() => applicationUri(environ))).toBe(
      `TypeError: Environment missing required key: '${key}'`,
    );
  });

  test.each([
    ['/sp\u0100m', 'cannot encode U+0100 at position 3 in latin-1'],
    ['/\u{1f600}', 'cannot encode U+1F600 at position 1 in latin-1'],
  ])('refuses the SCRIPT_NAME %j, with the position', (SCRIPT_NAME, message) => {
    const environ = { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME };
    expect(() => applicationUri(environ)).toThrow(RangeError);
    expect(() => applicationUri(environ)).toThrow(message);
  });
});

describe('requestUri (testReqURIs)', () => {
  const spam = { SCRIPT_NAME: '/spammity', PATH_INFO: '/spam' };

  test.each<[expected: string, environ: PartialEnvironment]>([
    ['http://127.0.0.1/', {}],
    ['http://127.0.0.1/spam', { SCRIPT_NAME: '/spam' }],
    ['http://127.0.0.1/sp%E4m', { SCRIPT_NAME: '/sp\xe4m' }],
    ['http://127.0.0.1/spammity/spam', { ...spam }],
    ['http://127.0.0.1/spammity/sp%E4m', { ...spam, PATH_INFO: '/sp\xe4m' }],
    ['http://127.0.0.1/spammity/spam;ham', { ...spam, PATH_INFO: '/spam;ham' }],
    [
      'http://127.0.0.1/spammity/spam;cookie=1234,5678',
      { ...spam, PATH_INFO: '/spam;cookie=1234,5678' },
    ],
    ['http://127.0.0.1/spammity/spam?say=ni', { ...spam, QUERY_STRING: 'say=ni' }],
    ['http://127.0.0.1/spammity/spam?s%E4y=ni', { ...spam, QUERY_STRING: 's%E4y=ni' }],
  ])('is %s', (expected, environ) => {
    setupTestingDefaults(environ);
    expect(requestUri(environ)).toBe(expected);
  });

  const host = { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h' };

  test('leaves out the query if it is told to', () => {
    const environ = { ...host, ...spam, QUERY_STRING: 'say=ni' };
    expect(requestUri(environ, { includeQuery: false })).toBe('http://h/spammity/spam');
    expect(requestUri(environ, { includeQuery: true })).toBe('http://h/spammity/spam?say=ni');
    expect(requestUri(environ, {})).toBe('http://h/spammity/spam?say=ni');
  });

  test('takes the query as it is, and only if it is not empty', () => {
    expect(requestUri({ ...host, QUERY_STRING: 'a=%2f b&?' })).toBe('http://h/?a=%2f b&?');
    expect(requestUri({ ...host, QUERY_STRING: '' })).toBe('http://h/');
  });

  test('quotes everything in PATH_INFO but unreserved characters and /;=,', () => {
    const PATH_INFO = '/aZ09-._~/;=, %:@&+$';
    expect(requestUri({ ...host, PATH_INFO })).toBe('http://h/aZ09-._~/;=,%20%25%3A%40%26%2B%24');
  });

  test('without a SCRIPT_NAME the first character of the quoted path is left out', () => {
    expect(requestUri({ ...host, PATH_INFO: 'nosl' })).toBe('http://h/osl');
    expect(requestUri({ ...host, PATH_INFO: '\xe9' })).toBe('http://h/E9');
    expect(requestUri({ ...host, SCRIPT_NAME: '', PATH_INFO: '/x' })).toBe('http://h/x');
    expect(requestUri({ ...host, SCRIPT_NAME: '/', PATH_INFO: '/x' })).toBe('http://h//x');
  });

  test('needs what applicationUri() needs', () => {
    expect(thrown(() => requestUri({ HTTP_HOST: 'h' }))).toBe(
      "TypeError: Environment missing required key: 'wsgi.url_scheme'",
    );
  });

  test('refuses a PATH_INFO that is no native string, with the position', () => {
    expect(() => requestUri({ ...host, PATH_INFO: '/\u20ac' })).toThrow(
      'cannot encode U+20AC at position 1 in latin-1',
    );
  });
});

describe('shiftPathInfo', () => {
  type Shift = [scriptName: string, pathInfo: string, name: string | null, ...after: string[]];

  function check(...[scriptName, pathInfo, name, scriptAfter, pathAfter]: Shift): void {
    const environ = { SCRIPT_NAME: scriptName, PATH_INFO: pathInfo };
    expect([shiftPathInfo(environ), environ]).toEqual([
      name,
      { SCRIPT_NAME: scriptAfter, PATH_INFO: pathAfter },
    ]);
  }

  test.each<Shift>([
    ['', '/', '', '/', ''],
    ['', '/x', 'x', '/x', ''],
    ['/a', '/x/y', 'x', '/a/x', '/y'],
    ['/a', '/x/', 'x', '/a/x', '/'],
  ])('testSimpleShifts: from %j and %j takes %j', (...shift) => {
    check(...shift);
  });

  test.each<Shift>([
    ['/a/b', '/../y', '..', '/a', '/y'],
    ['', '/../y', '..', '', '/y'],
    ['/a/b', '//y', 'y', '/a/b/y', ''],
    ['/a/b', '//y/', 'y', '/a/b/y', '/'],
    ['/a/b', '/./y', 'y', '/a/b/y', ''],
    ['/a/b', '/./y/', 'y', '/a/b/y', '/'],
    ['/a/b', '///./..//y/.//', '..', '/a', '/y/'],
    ['/a/b', '///', '', '/a/b/', ''],
    ['/a/b', '/.//', '', '/a/b/', ''],
    ['/a/b', '/x//', 'x', '/a/b/x', '/'],
    ['/a/b', '/.', null, '/a/b', ''],
  ])('testNormalizedShifts: from %j and %j takes %j', (...shift) => {
    check(...shift);
  });

  test.each<Shift>([
    ['/a/', '/x', 'x', '/a/x', ''],
    ['//z', '/x', 'x', '//z/x', ''],
    ['///z', '/x', 'x', '/z/x', ''],
    ['', 'a/b', 'b', '/b', 'a'],
    ['', '/%2F/\xe9', '%2F', '/%2F', '/\xe9'],
  ])('from %j and %j takes %j, as Python does', (...shift) => {
    check(...shift);
  });

  test.each<PartialEnvironment>([
    {},
    { PATH_INFO: '' },
    { SCRIPT_NAME: '/', PATH_INFO: '' },
    { SCRIPT_NAME: '/a/..' },
  ])('testSimpleShifts: %j is left alone, there is nothing to take', (environ) => {
    const before = { ...environ };
    expect(shiftPathInfo(environ)).toBeNull();
    expect(environ).toEqual(before);
  });

  test('takes a missing SCRIPT_NAME for an empty one', () => {
    const environ: PartialEnvironment = { PATH_INFO: '/x' };
    expect(shiftPathInfo(environ)).toBe('x');
    expect(environ).toEqual({ SCRIPT_NAME: '/x', PATH_INFO: '' });
  });

  test('walks down a path to its end', () => {
    const environ = { SCRIPT_NAME: '/app', PATH_INFO: '/users/7/' };
    const names = [1, 2, 3, 4].map(() => shiftPathInfo(environ));
    expect(names).toEqual(['users', '7', '', null]);
    expect(environ).toEqual({ SCRIPT_NAME: '/app/users/7/', PATH_INFO: '' });
  });

  test('refuses a PATH_INFO without a slash and leaves it alone', () => {
    const environ = { SCRIPT_NAME: '/a', PATH_INFO: 'noslash' };
    expect(thrown(() => shiftPathInfo(environ))).toBe(
      "RangeError: PATH_INFO doesn't start with /: 'noslash'",
    );
    expect(environ).toEqual({ SCRIPT_NAME: '/a', PATH_INFO: 'noslash' });
  });
});

describe('setupTestingDefaults', () => {
  const defaults: [key: string, value: unknown][] = [
    ['SERVER_NAME', '127.0.0.1'],
    ['SERVER_PROTOCOL', 'HTTP/1.0'],
    ['HTTP_HOST', '127.0.0.1'],
    ['REQUEST_METHOD', 'GET'],
    ['SCRIPT_NAME', ''],
    ['PATH_INFO', '/'],
    ['wsgi.version', [1, 0]],
    ['wsgi.run_once', false],
    ['wsgi.multithread', false],
    ['wsgi.multiprocess', false],
    ['wsgi.input', expect.any(BytesIO)],
    ['wsgi.errors', expect.any(StringIO)],
    ['wsgi.url_scheme', 'http'],
    ['SERVER_PORT', '80'],
  ];

  test.each(defaults)('testDefaults: %s is %p', (key, value) => {
    const environ: PartialEnvironment = {};
    setupTestingDefaults(environ);
    expect(environ[key]).toEqual(value);
  });

  test.each(defaults)('testDefaults: %s is left alone if it is there', (key) => {
    for (const present of [null, undefined, {}]) {
      const environ = { [key]: present } as PartialEnvironment;
      setupTestingDefaults(environ);
      expect(environ[key]).toBe(present);
    }
  });

  test("testDefaults: in Python's order, and nothing else", () => {
    const environ: PartialEnvironment = {};
    setupTestingDefaults(environ);
    expect(Object.keys(environ)).toEqual(defaults.map(([key]) => key));
  });

  test('testDefaults: the streams are empty, and new for each environ', () => {
    const [one, other] = [{}, {}].map((environ: PartialEnvironment) => {
      setupTestingDefaults(environ);
      return [environ['wsgi.input'], environ['wsgi.errors']];
    });
    expect(one?.[0]).not.toBe(other?.[0]);
    expect(one?.[1]).not.toBe(other?.[1]);
    expect((one?.[0] as BytesIO).read()).toHaveLength(0);
    expect((one?.[1] as StringIO).read()).toBe('');
  });

  test('DIFFERS(1): what is a flag is a boolean, not the integer 0', () => {
    const environ: PartialEnvironment = {};
    setupTestingDefaults(environ);
    for (const key of ['wsgi.run_once', 'wsgi.multithread', 'wsgi.multiprocess']) {
      expect(environ[key]).toBe(false);
    }
  });

  test.each<[key: string, value: string, environ: PartialEnvironment]>([
    ['HTTP_HOST', 'foo.bar', { SERVER_NAME: 'foo.bar' }],
    ['wsgi.url_scheme', 'https', { HTTPS: 'on' }],
    ['wsgi.url_scheme', 'https', { HTTPS: '1' }],
    ['wsgi.url_scheme', 'https', { HTTPS: 'yes' }],
    ['wsgi.url_scheme', 'http', { HTTPS: 'foo' }],
    ['SERVER_PORT', '80', { HTTPS: 'foo' }],
    ['SERVER_PORT', '443', { HTTPS: 'on' }],
    ['SERVER_PORT', '443', { 'wsgi.url_scheme': 'https' }],
  ])('testCrossDefaults: %s is %s', (key, value, environ) => {
    setupTestingDefaults(environ);
    expect(environ[key]).toBe(value);
  });

  test('another scheme has no port of its own', () => {
    const environ: PartialEnvironment = { 'wsgi.url_scheme': 'gopher' };
    setupTestingDefaults(environ);
    expect('SERVER_PORT' in environ).toBe(false);
  });

  test.each<PartialEnvironment>([{ SCRIPT_NAME: '/x' }, { PATH_INFO: '/y' }])(
    'half a path, %j, is not completed',
    (environ) => {
      const { SCRIPT_NAME, PATH_INFO } = environ;
      setupTestingDefaults(environ);
      expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([SCRIPT_NAME, PATH_INFO]);
      expect('SCRIPT_NAME' in environ && 'PATH_INFO' in environ).toBe(false);
    },
  );
});
