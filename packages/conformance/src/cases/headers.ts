// PEP 3333, "The start_response() Callable" and "Other HTTP Features": what becomes of status and
// headers on their way to the client.

import type { ConformanceCase } from '../case.ts';
import { answer, bytes } from './applications.ts';

/** RFC 9110 §5.6.7: IMF-fixdate. */
const DATE = '^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$';

const LONG_VALUE = 'v'.repeat(4096);

export const headersCases: readonly ConformanceCase[] = [
  {
    name: "the application's headers come with their values as they are",
    clauses: ['S49'],
    application: answer('x', [
      ['ETag', '"a-b"'],
      ['X-Spaces', 'a  b; c="d, e"'],
      ['x-lower', 'Aa'],
      ["X!#$%&'*+.^_`|~", 'a token'],
    ]),
    expected: {
      code: 200,
      headers: {
        'Content-Type': 'text/plain',
        ETag: '"a-b"',
        'X-Spaces': 'a  b; c="d, e"',
        'X-Lower': 'Aa',
        "X!#$%&'*+.^_`|~": 'a token',
      },
    },
  },
  {
    name: 'headers of the same name all come, in order',
    clauses: ['S49'],
    application: answer('x', [
      ['Set-Cookie', 'a=1; Path=/'],
      ['X-Other', 'between'],
      ['Set-Cookie', 'b=2, 3'],
      ['set-cookie', 'a=4'],
    ]),
    expected: { code: 200, headers: { 'Set-Cookie': ['a=1; Path=/', 'b=2, 3', 'a=4'] } },
  },
  {
    name: 'every character of a header is a byte',
    clauses: ['S43'],
    application: answer('x', [['X-Name', 'Zo\xeb \xc3\xab \x80']]),
    expected: { code: 200, headers: { 'X-Name': 'Zo\xeb \xc3\xab \x80' } },
  },
  {
    name: 'a long header comes whole',
    clauses: ['S49'],
    application: answer('x', [['X-Long', LONG_VALUE]]),
    expected: { code: 200, headers: { 'X-Long': LONG_VALUE } },
  },
  {
    name: 'an empty header comes empty',
    clauses: ['S49'],
    application: answer('x', [['X-Empty', '']]),
    expected: { code: 200, headers: { 'X-Empty': '' } },
  },
  {
    name: 'the status is the one that the application has given, phrase included',
    clauses: ['S49'],
    application: answer('x', [], '299 Whatever You (Say)'),
    expected: { code: 299, phrase: 'Whatever You (Say)' },
  },
  {
    name: "the application's own error page is left alone",
    clauses: ['S49'],
    application: answer('no such page here', [], '404 Not Found'),
    expected: { code: 404, body: 'no such page here' },
  },
  {
    name: "the application's own server error is left alone, and not logged",
    clauses: ['S49', 'A17'],
    application: answer('I have seen to it', [], '500 Internal Server Error'),
    expected: { code: 500, body: 'I have seen to it' },
  },
  {
    name: 'a Date is added where the application gives none',
    clauses: ['S27'],
    application: answer('x'),
    expected: { code: 200, headers: { Date: { pattern: DATE } } },
  },
  {
    name: "the application's own Date and Server stand alone, in any case of letters",
    clauses: ['S27'],
    application: answer('x', [
      ['date', 'Mon, 05 Jun 2006 18:49:54 GMT'],
      ['SERVER', 'Conformance/1.0'],
    ]),
    expected: {
      code: 200,
      headers: { Date: 'Mon, 05 Jun 2006 18:49:54 GMT', Server: 'Conformance/1.0' },
    },
  },
  {
    name: 'whether the client may use its cache is left to the application',
    clauses: ['S49', 'A18'],
    request: { headers: [['If-None-Match', '"1"']] },
    application: answer('new to you', [['ETag', '"1"']]),
    expected: { code: 200, headers: { ETag: '"1"' }, body: 'new to you' },
  },
  {
    name: 'an application can tell the client to use its cache',
    clauses: ['A18'],
    request: { headers: [['If-None-Match', '"1"']] },
    application(environ, startResponse) {
      if (environ.HTTP_IF_NONE_MATCH === '"1"') {
        startResponse('304 Not Modified', [['ETag', '"1"']]);
        return [];
      }
      startResponse('200 OK', [
        ['ETag', '"1"'],
        ['Content-Type', 'text/plain'],
      ]);
      return [bytes('new to you')];
    },
    expected: { code: 304, headers: { ETag: '"1"' }, body: '' },
  },
  {
    name: 'whether the body is compressed is left to the application',
    clauses: ['S49', 'A18'],
    request: { headers: [['Accept-Encoding', 'gzip']] },
    application: answer('as it is'),
    expected: { code: 200, headers: { 'Content-Encoding': null }, body: 'as it is' },
  },
  {
    name: 'whether a part of the body is sent is left to the application',
    clauses: ['S49', 'A18'],
    request: { headers: [['Range', 'bytes=0-2']] },
    application: answer('all of it'),
    expected: { code: 200, headers: { 'Content-Range': null }, body: 'all of it' },
  },
];
