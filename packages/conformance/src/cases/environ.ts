// PEP 3333, "environ Variables": what the application is told.

import type { WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { rules, validator } from '@wsgiref/validate';
import type { ConformanceCase, GatewayRequest } from '../case.ts';
import { bytes, examine, plain, post, show } from './applications.ts';

/** A request with everything in it. */
const FULL: GatewayRequest = {
  method: 'POST',
  target: '/a/b?c=d&e',
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Accept', 'text/*, */*'],
    ['X-Name', 'Zo\xeb'],
  ],
  body: new Uint8Array([1, 2, 3]),
};

/** The validator's rules for servers, and the clauses that they enforce. */
export const serverRules: Readonly<Record<string, readonly string[]>> = {
  'application-arguments': ['S1'],
  'env-dict': ['S2'],
  'env-required-key': ['S9', 'S16'],
  'env-content-header-key': ['S11'],
  'env-query-string': ['S9'],
  'env-string': ['S12', 'S13'],
  'env-native-string': ['S12', 'S43'],
  'env-not-empty': ['S9'],
  'env-server-port': ['S9'],
  'env-key-name': ['S19'],
  'env-version': ['S16'],
  'env-url-scheme': ['S16'],
  'env-flag': ['S16'],
  'env-file-wrapper': ['S53'],
  'env-method': ['S9'],
  'env-script-name-slash': ['S9'],
  'env-path-info-slash': ['S9'],
  'env-content-length': ['S11'],
  'env-path-required': ['S9'],
  'env-script-name-root': ['S9'],
  'input-methods': ['S20'],
  'input-bytes': ['S20', 'S44'],
  'input-size': ['S20', 'S24'],
  'input-end': ['S21'],
  'errors-methods': ['S25'],
  'start-response-write': ['S26'],
  'read-after-close': ['S6'],
  'closed-twice': ['S6'],
};

/** An application that uses everything that it is given. */
const thorough: WSGIApplication = async (environ, startResponse) => {
  const input = environ['wsgi.input'];
  await input.readline(1);
  await input.read(1);
  await input.readlines();
  await input.read(1);
  await environ['wsgi.errors'].flush();
  const write = startResponse('200 OK', plain());
  await write(bytes('ri'));
  return [bytes('gh'), bytes('t')];
};

/** A case for each of these rules, with a request in which none of them has an excuse. */
const ruleCases = Object.entries(serverRules).map(([id, clauses]): ConformanceCase => {
  const others = rules.filter((rule) => rule.id !== id).map((rule) => [rule.id, 'off'] as const);
  return {
    name: `the validator's rule ${id} holds`,
    clauses,
    request: FULL,
    application: validator(thorough, {
      rules: { ...Object.fromEntries(others), [id]: 'error' },
    }),
    expected: { code: 200, body: 'right' },
  };
});

/** Left behind by the application, for the next request to find. */
const LEFT = 'conformance.left';

/** Headers that are named like variables, and the variables. */
const IMPOSTORS = {
  'Path-Info': 'PATH_INFO',
  'Query-String': 'QUERY_STRING',
  'Remote-Addr': 'REMOTE_ADDR',
  'Request-Method': 'REQUEST_METHOD',
  'Script-Name': 'SCRIPT_NAME',
  'Server-Name': 'SERVER_NAME',
  'Server-Port': 'SERVER_PORT',
};

/** SCRIPT_NAME and PATH_INFO; each may be absent where it is empty. */
function pathOf(environ: Partial<WSGIEnvironment>): string {
  return (environ.SCRIPT_NAME ?? '') + (environ.PATH_INFO ?? '');
}

export const environCases: readonly ConformanceCase[] = [
  ...ruleCases,
  {
    name: 'the environ is of one request alone, and the application may change it',
    clauses: ['S2'],
    times: 2,
    application: examine((environ) => {
      if (LEFT in environ) return 'what the last request left is still there';
      environ[LEFT] = true;
      environ.PATH_INFO = '/elsewhere';
      Reflect.deleteProperty(environ, 'SERVER_NAME');
      return 'SERVER_NAME' in environ ? 'a variable cannot be deleted' : null;
    }),
    expected: { code: 200, body: 'right' },
  },
  {
    name: 'REQUEST_METHOD is the method of the request',
    clauses: ['S9'],
    request: { method: 'DELETE' },
    application: show('REQUEST_METHOD'),
    expected: { code: 200, body: 'DELETE' },
  },
  {
    name: 'SCRIPT_NAME and PATH_INFO together are the path',
    clauses: ['S9'],
    request: { target: '/one/two/' },
    application: examine(pathOf),
    expected: { code: 200, body: '/one/two/' },
  },
  {
    name: 'the path is percent-decoded into bytes, each of which is a character',
    clauses: ['S9', 'S43'],
    request: { target: '/caf%C3%A9%20%e9?x' },
    application: examine(pathOf),
    expected: { code: 200, body: '/caf\xc3\xa9 \xe9' },
  },
  {
    name: 'a plus in the path is a plus',
    clauses: ['S9'],
    request: { target: '/a+b' },
    application: examine(pathOf),
    expected: { code: 200, body: '/a+b' },
  },
  {
    name: 'QUERY_STRING is what follows the first question mark, as it came',
    clauses: ['S9'],
    request: { target: '/a?b=%20%2f+c&d?e' },
    application: show('QUERY_STRING'),
    expected: { code: 200, body: 'b=%20%2f+c&d?e' },
  },
  {
    name: 'without a query QUERY_STRING is empty or absent',
    clauses: ['S9'],
    application: show('QUERY_STRING'),
    expected: { code: 200, body: { pattern: '^-?$' } },
  },
  {
    name: 'SERVER_NAME and SERVER_PORT are what a URL can be made of',
    clauses: ['S9'],
    application: examine(({ SERVER_NAME: name, SERVER_PORT: port }) => {
      if (!/^[0-9]{1,5}$/.test(port)) return `the port is ${port}`;
      return /^[^\s/?#@]+$/.test(name) ? null : `the name is ${name}`;
    }),
    expected: { code: 200, body: 'right' },
  },
  {
    name: 'SERVER_PROTOCOL is the version of HTTP that the request came in',
    clauses: ['S9'],
    application: show('SERVER_PROTOCOL'),
    expected: { code: 200, body: { pattern: '^HTTP/[0-9](\\.[0-9])?$' } },
  },
  {
    name: 'a header of the request is a variable that begins with HTTP_',
    clauses: ['S10'],
    request: { headers: [['X-Request-Id', '7']] },
    application: show('HTTP_X_REQUEST_ID'),
    expected: { code: 200, body: '7' },
  },
  {
    name: 'a header that the request does not have is no variable',
    clauses: ['S10'],
    application: show('HTTP_X_REQUEST_ID'),
    expected: { code: 200, body: '-' },
  },
  {
    name: 'a header without a value is an empty variable',
    clauses: ['S10'],
    request: { headers: [['X-Empty', '']] },
    application: show('HTTP_X_EMPTY'),
    expected: { code: 200, body: '' },
  },
  {
    name: 'a header that is there several times has its values joined by commas, in order',
    clauses: ['S10'],
    request: {
      headers: [
        ['X-Hop', 'one'],
        ['X-Other', 'between'],
        ['x-hop', 'two'],
      ],
    },
    application: show('HTTP_X_HOP'),
    expected: { code: 200, body: { pattern: '^one, ?two$' } },
  },
  {
    name: 'the bytes of a header are the characters of its variable',
    clauses: ['S10', 'S43'],
    request: { headers: [['X-Name', 'Zo\xeb \x80']] },
    application: show('HTTP_X_NAME'),
    expected: { code: 200, body: 'Zo\xeb \x80' },
  },
  {
    name: 'a header that is named like a variable does not take its place',
    clauses: ['S10'],
    request: { headers: Object.keys(IMPOSTORS).map((name) => [name, 'impostor']) },
    application: examine((environ) => {
      const replaced = Object.values(IMPOSTORS).filter((key) => environ[key] === 'impostor');
      const missing = Object.values(IMPOSTORS).filter((key) => !(`HTTP_${key}` in environ));
      if (replaced.length > 0) return `replaced: ${replaced.join(', ')}`;
      return missing.length > 0 ? `missing: HTTP_${missing.join(', HTTP_')}` : null;
    }),
    expected: { code: 200, body: 'right' },
  },
  {
    name: 'a header with an underscore in its name does not pass for the one with a hyphen',
    clauses: ['S10'],
    request: {
      headers: [
        ['X-Real-Ip', '192.0.2.1'],
        ['X_Real_Ip', 'impostor'],
      ],
    },
    application: show('HTTP_X_REAL_IP'),
    expected: { code: 200, body: '192.0.2.1' },
  },
  {
    name: 'CONTENT_TYPE is the Content-Type of the request',
    clauses: ['S11'],
    request: FULL,
    application: show('CONTENT_TYPE'),
    expected: { code: 200, body: 'text/plain; charset=utf-8' },
  },
  {
    name: 'without a Content-Type CONTENT_TYPE is empty or absent, and nothing is made up',
    clauses: ['S11', 'S13'],
    application: show('CONTENT_TYPE'),
    expected: { code: 200, body: { pattern: '^-?$' } },
  },
  {
    name: 'CONTENT_LENGTH is the length of the body in bytes',
    clauses: ['S11'],
    request: post('caf\xc3\xa9'),
    application: show('CONTENT_LENGTH'),
    expected: { code: 200, body: '5' },
  },
  {
    name: 'without a body CONTENT_LENGTH is empty, absent or 0',
    clauses: ['S11', 'S13'],
    application: show('CONTENT_LENGTH'),
    expected: { code: 200, body: { pattern: '^[-0]?$' } },
  },
  {
    name: 'the address of the client is in REMOTE_ADDR',
    clauses: ['S14'],
    application: show('REMOTE_ADDR'),
    expected: { code: 200, body: { pattern: '^[0-9a-fA-F.:]+$' } },
  },
  {
    name: 'an application that needs a variable can see whether it is there',
    clauses: ['A19'],
    application: examine((environ) => ('REMOTE_USER' in environ ? 'logged in' : 'a stranger')),
    expected: { code: 200, body: 'a stranger' },
  },
];
