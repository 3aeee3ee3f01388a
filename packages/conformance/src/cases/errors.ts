// PEP 3333, "Error Handling": applications that fail, and what the client and the log see of it.

import type { WSGIEnvironment, StartResponse } from '@wsgiref/types';
import type { ConformanceCase, Expected } from '../case.ts';
import { bytes, LOGGED, plain } from './applications.ts';

/** What went wrong is for the log alone. */
const SECRET = 'the password is swordfish';

/** An error page that keeps the secret, which the log does not. */
const PAGE: Expected = { code: 500, body: { pattern: '^(?!.*swordfish)' }, errors: SECRET };

/** Applications that return what is no result. */
const NO_RESULTS: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  'a number': 0,
  'a string': 'text',
};

const noResultCases = Object.entries(NO_RESULTS).map(([what, result]): ConformanceCase => ({
  name: `${what} is no result, and an error`,
  clauses: ['S45', 'A4'],
  valid: false,
  application(_environ: WSGIEnvironment, startResponse: StartResponse) {
    startResponse('200 OK', plain());
    return result as Uint8Array[];
  },
  expected: { code: 500, body: { pattern: '^(?!text)' }, errors: LOGGED },
}));

export const errorsCases: readonly ConformanceCase[] = [
  {
    name: 'an error of the application is logged, and answered with an error page that does not show it',
    clauses: ['S45'],
    application() {
      throw new Error(SECRET);
    },
    expected: PAGE,
  },
  {
    name: 'a rejected promise of the application is logged, and answered with an error page',
    clauses: ['S45'],
    async application() {
      await Promise.resolve();
      throw new Error(SECRET);
    },
    expected: PAGE,
  },
  {
    name: 'an error in the first iteration is logged, and answered with an error page',
    clauses: ['S45', 'S32'],
    // eslint-disable-next-line require-yield
    *application(_environ, startResponse) {
      startResponse('200 OK', plain());
      throw new Error(SECRET);
    },
    expected: PAGE,
  },
  {
    name: 'a thrown value that is no error is logged, and answered with an error page',
    clauses: ['S45'],
    application() {
      throw SECRET;
    },
    expected: PAGE,
  },
  {
    name: "a lost connection of the application's own is logged, and answered with an error page",
    clauses: ['S45'],
    application() {
      throw Object.assign(new Error(`no database: ${SECRET}`), { code: 'ECONNRESET' });
    },
    expected: PAGE,
  },
  {
    name: 'the error page has a type, and a length that is right if it has one',
    clauses: ['S45', 'S27'],
    application() {
      throw new Error('no page');
    },
    expected: {
      code: 500,
      headers: { 'Content-Type': { pattern: '^text/' } },
      body: { pattern: '.' },
      errors: 'no page',
    },
  },
  {
    name: 'an error after the first block is logged, and ends the response where it is',
    clauses: ['S45', 'S46'],
    *application(_environ, startResponse) {
      // A type to which no server can append an error message.
      startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      yield bytes('so far');
      throw new Error(SECRET);
    },
    expected: { code: 200, body: 'so far', errors: SECRET },
  },
  {
    name: 'an error after write() is logged, and ends the response where it is',
    clauses: ['S45', 'S46'],
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      await write(bytes('so far'));
      throw new Error(SECRET);
    },
    expected: { code: 200, body: 'so far', errors: SECRET },
  },
  ...noResultCases,
  {
    name: 'an application that does not call startResponse(), and has no body, is an error',
    clauses: ['S45', 'A3'],
    valid: false,
    application: () => [],
    expected: { code: 500, errors: LOGGED },
  },
  {
    name: 'a block before startResponse() is an error, and not sent',
    clauses: ['S45', 'A3'],
    valid: false,
    *application(_environ, startResponse) {
      yield bytes('too soon');
      startResponse('200 OK', plain());
    },
    expected: { code: 500, body: { pattern: '^(?!too soon)' }, errors: LOGGED },
  },
];
