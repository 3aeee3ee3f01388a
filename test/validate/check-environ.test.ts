import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { checkEnviron, RuleViolation } from '@wsgiref/validate';
import { type Change, environ, reported } from './support.ts';

/** What is reported of a request that is changed. */
const changed = (change: Change): string[] =>
  reported((report) => checkEnviron(environ(change), report));

describe('checkEnviron()', () => {
  test('finds nothing wrong with a complete environ', () => {
    expect(changed({})).toEqual([]);
  });

  test('throws by itself, with the rule', () => {
    expect(() => checkEnviron(environ({ SERVER_NAME: undefined }))).toThrow(RuleViolation);
    expect(() => checkEnviron(environ({ SERVER_NAME: undefined }))).toThrow(
      "Environment missing required key: 'SERVER_NAME'. Set it before calling the application " +
        '(env-required-key: https://peps.python.org/pep-3333/#environ-variables)',
    );
  });

  test('goes on after what is only reported', () => {
    expect(
      changed({ SCRIPT_NAME: 'a', PATH_INFO: 'b', CONTENT_LENGTH: 'c', 'wsgi.version': [1, 1] }),
    ).toEqual([
      'env-version: wsgi.version should be a tuple ([1, 1])',
      "env-script-name-slash: SCRIPT_NAME doesn't start with /: 'a'",
      "env-path-info-slash: PATH_INFO doesn't start with /: 'b'",
      "env-content-length: Invalid CONTENT_LENGTH: 'c'",
    ]);
  });

  describe('DIFFERS(43): the environ is a plain object', () => {
    test.each<[string, object]>([
      ['without a prototype', Object.assign(Object.create(null), environ())],
      ['of another realm', Object.assign(runInNewContext('({})'), environ())],
    ])('also one %s', (_, variables) => {
      expect(reported((report) => checkEnviron(variables, report))).toEqual([]);
    });

    class Environment {
      a = 1;
    }
    test.each<[unknown, string]>([
      [new Map(), 'Map (environment: <Map object>)'],
      [new Environment(), 'Environment (environment: <Environment object>)'],
      [[], 'Array (environment: [])'],
      [null, 'null (environment: null)'],
      [undefined, 'undefined (environment: undefined)'],
      ['GET', "string (environment: 'GET')"],
      [() => {}, 'function (environment: <function>)'],
    ])('not %p', (value, said) => {
      expect(reported((report) => checkEnviron(value, report))).toEqual([
        `env-dict: Environment is not of the right type: ${said}`,
      ]);
    });
  });

  test.each<[string, (variables: object) => object]>([
    ['frozen', Object.freeze],
    ['sealed', Object.seal],
  ])('the environ is not %s', (_, close) => {
    expect(reported((report) => checkEnviron(close(environ()), report))).toEqual([
      expect.stringMatching(/^env-dict: Environment cannot be changed \(environment: \{/),
    ]);
  });

  test.each([
    'REQUEST_METHOD',
    'SERVER_NAME',
    'SERVER_PORT',
    'SERVER_PROTOCOL',
    'wsgi.version',
    'wsgi.input',
    'wsgi.errors',
    'wsgi.multithread',
    'wsgi.multiprocess',
    'wsgi.run_once',
    'wsgi.url_scheme',
  ])('%s is required, and its absence is reported once', (key) => {
    expect(changed({ [key]: undefined })).toEqual([
      `env-required-key: Environment missing required key: '${key}'`,
    ]);
  });

  test.each(['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH'])('%s has no place', (key) => {
    expect(changed({ [key]: '5' })).toEqual([
      `env-content-header-key: Environment should not have the key: ${key} ` +
        `(use ${key.slice(5)} instead)`,
    ]);
  });

  test.each<[unknown, string]>([
    [5, 'number (value: 5)'],
    [null, 'null (value: null)'],
    [new String('x'), 'String (value: <String object>)'],
    [Object.create(null), 'object (value: {})'],
  ])('a variable of CGI is a string: not %p', (value, said) => {
    expect(changed({ REMOTE_USER: value })).toEqual([
      `env-string: Environmental variable REMOTE_USER is not a string: ${said}`,
    ]);
  });

  test('a variable that is undefined is not a string: it should be left out', () => {
    const variables = { ...environ(), REMOTE_USER: undefined };
    expect(reported((report) => checkEnviron(variables, report))).toEqual([
      'env-string: Environmental variable REMOTE_USER is not a string: undefined ' +
        '(value: undefined)',
    ]);
  });

  test('a variable of CGI has bytes for characters', () => {
    expect(changed({ PATH_INFO: '/\xff' })).toEqual([]);
    expect(changed({ PATH_INFO: '/\u0100' })).toEqual([
      "env-native-string: Environmental variable PATH_INFO is not a native string: '/\u0100'",
    ]);
  });

  test.each(['REQUEST_METHOD', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL'])(
    '%s is never empty',
    (key) => {
      expect(changed({ [key]: '' })).toEqual([
        `env-not-empty: Environmental variable ${key} is empty`,
      ]);
    },
  );

  test.each(['80a', '-1', '8 0', 'http'])('%j is no port', (port) => {
    expect(changed({ SERVER_PORT: port })).toEqual([
      `env-server-port: SERVER_PORT is not a number: '${port}'`,
    ]);
  });

  test('a variable of the server or a middleware may be anything', () => {
    expect(changed({ 'my_server.thing_2': new Map(), 'a.b.c': null })).toEqual([]);
  });

  test.each(['myServer.thing', 'my-server.thing', 'my server.thing'])(
    'but it should not be called %j',
    (key) => {
      expect(changed({ [key]: 1 })).toEqual([`env-key-name: Unusual name of a variable: '${key}'`]);
    },
  );

  test.each<unknown>(['1.0', [1, 1], [1], [1, 0, 0], ['1', '0'], null])(
    'DIFFERS(43): %p is not version 1.0',
    (value) => {
      expect(changed({ 'wsgi.version': value })).toEqual([
        expect.stringMatching(/^env-version: wsgi\.version should be a tuple \(/),
      ]);
    },
  );

  test.each<unknown>(['HTTP', 'http:', '', 'ftp', null])('%p is no scheme', (value) => {
    expect(changed({ 'wsgi.url_scheme': value })).toEqual([
      expect.stringMatching(/^env-url-scheme: wsgi\.url_scheme unknown: /),
    ]);
  });

  test('both schemes are known', () => {
    expect(changed({ 'wsgi.url_scheme': 'https' })).toEqual([]);
  });

  test('a key that is there, and undefined, is looked at', () => {
    const keys = ['wsgi.version', 'wsgi.url_scheme', 'wsgi.multithread', 'wsgi.file_wrapper'];
    const variables = { ...environ(), ...Object.fromEntries(keys.map((key) => [key, undefined])) };
    expect(reported((report) => checkEnviron(variables, report))).toEqual([
      'env-version: wsgi.version should be a tuple (undefined)',
      'env-url-scheme: wsgi.url_scheme unknown: undefined',
      'env-flag: wsgi.multithread is neither true nor false: undefined',
      'env-file-wrapper: wsgi.file_wrapper is not callable: undefined',
    ]);
  });

  test.each(['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'])(
    '%s is a boolean',
    (key) => {
      expect(changed({ [key]: true })).toEqual([]);
      expect(changed({ [key]: 0 })).toEqual([`env-flag: ${key} is neither true nor false: 0`]);
    },
  );

  test('wsgi.file_wrapper is a function, or absent', () => {
    expect(changed({ 'wsgi.file_wrapper': () => [] })).toEqual([]);
    expect(changed({ 'wsgi.file_wrapper': null })).toEqual([
      'env-file-wrapper: wsgi.file_wrapper is not callable: null',
    ]);
  });

  test('the streams are looked at', () => {
    expect(changed({ 'wsgi.input': null, 'wsgi.errors': null })).toHaveLength(7);
  });

  test.each(['GET', 'HEAD', 'POST', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'TRACE'])(
    '%s is a method',
    (method) => {
      expect(changed({ REQUEST_METHOD: method })).toEqual([]);
    },
  );

  test.each(['CONNECT', 'PROPFIND', 'Get'])('%s is an unknown method', (method) => {
    expect(changed({ REQUEST_METHOD: method })).toEqual([
      `env-method: Unknown REQUEST_METHOD: '${method}'`,
    ]);
  });

  test.each<[string | undefined, string | undefined]>([
    ['', '/'],
    ['', ''],
    ['/app', ''],
    ['/app', undefined],
    ['/app', '/page'],
    [undefined, '/'],
    [undefined, ''],
  ])('SCRIPT_NAME may be %j, and PATH_INFO %j', (scriptName, pathInfo) => {
    expect(changed({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo })).toEqual([]);
  });

  test.each<[string | undefined, string | undefined, string]>([
    ['', undefined, 'env-path-required'],
    [undefined, undefined, 'env-path-required'],
    ['/', '', 'env-script-name-root'],
    ['/', '/page', 'env-script-name-root'],
    ['app', '', 'env-script-name-slash'],
    ['', 'page', 'env-path-info-slash'],
  ])('SCRIPT_NAME %j with PATH_INFO %j breaks %s', (scriptName, pathInfo, id) => {
    const found = changed({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo });
    expect(found.map((line) => line.split(':')[0])).toEqual([id]);
  });

  test.each(['', '0', '5', '007', '99999999999999999999'])('CONTENT_LENGTH may be %j', (length) => {
    expect(changed({ CONTENT_LENGTH: length })).toEqual([]);
  });

  test.each(['-1', '1.5', '0x10', ' 5', '5\n', '1_0', 'many', '\u0665'])(
    'CONTENT_LENGTH may not be %j',
    (length) => {
      expect(changed({ CONTENT_LENGTH: length })).toContainEqual(
        expect.stringMatching(/^env-content-length: Invalid CONTENT_LENGTH: /),
      );
    },
  );
});
