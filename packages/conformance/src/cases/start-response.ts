// PEP 3333, "The start_response() Callable" and "Error Handling": how a response begins, and begins
// anew.

import type { HeaderList, WSGIApplication } from '@wsgiref/types';
import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { bytes, LOGGED, plain } from './applications.ts';

/** An application that tries to begin the response in ways that must be refused. */
function trying(
  attempts: Readonly<Record<string, [status: unknown, headers: unknown]>>,
): WSGIApplication {
  return (_environ, startResponse) => {
    const taken: string[] = [];
    for (const [what, [status, headers]] of Object.entries(attempts)) {
      try {
        // With an error as its last argument a call is allowed whatever has been before.
        startResponse(status as string, headers as HeaderList, new Error('try again'));
        taken.push(what);
      } catch {
        // As it should be.
      }
    }
    startResponse('200 OK', plain(), new Error('enough'));
    return [bytes(taken.length > 0 ? `taken: ${taken.join(', ')}` : 'all refused')];
  };
}

/** Attempts with one header each. */
function withHeaders(...headers: [name: unknown, value: unknown][]): WSGIApplication {
  return trying(
    Object.fromEntries(
      headers.map((header) => [JSON.stringify(header), ['200 OK', [...plain(), header]]]),
    ),
  );
}

export const startResponseCases: readonly ConformanceCase[] = [
  {
    name: 'startResponse() returns write(), which sends a block',
    clauses: ['S26', 'S41'],
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      await write(bytes('written'));
      return [];
    },
    expected: { code: 200, body: 'written' },
  },
  {
    name: 'startResponse() may be called as late as the first iteration',
    clauses: ['S7', 'A3'],
    application: (_environ, startResponse) => ({
      *[Symbol.iterator]() {
        startResponse('200 OK', plain());
        yield bytes('late');
      },
    }),
    expected: { code: 200, body: 'late' },
  },
  {
    name: 'startResponse() sends nothing: an error after it changes the status',
    clauses: ['S32'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain(['X-First', '1']));
      throw new Error('too bad');
    },
    expected: { code: 500, headers: { 'X-First': null }, errors: 'too bad' },
  },
  {
    name: 'an empty block sends nothing: an error after it changes the status',
    clauses: ['S32'],
    *application(_environ, startResponse) {
      startResponse('200 OK', plain(['X-First', '1']));
      yield bytes('');
      yield bytes('');
      throw new Error('too bad');
    },
    expected: { code: 500, headers: { 'X-First': null }, errors: 'too bad' },
  },
  {
    name: 'an empty body sends the headers all the same',
    clauses: ['S32'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain(['X-First', '1']));
      return [];
    },
    expected: { code: 200, headers: { 'X-First': '1' }, body: '' },
  },
  {
    name: 'a body of empty blocks sends the headers all the same',
    clauses: ['S32'],
    *application(_environ, startResponse) {
      startResponse('200 OK', plain(['X-First', '1']));
      yield bytes('');
      yield bytes('');
    },
    expected: { code: 200, headers: { 'X-First': '1' }, body: '' },
  },
  {
    name: 'with the caught error, and nothing sent, a second call replaces status and headers',
    clauses: ['S33', 'A17'],
    application(_environ, startResponse) {
      try {
        startResponse('200 OK', plain(['X-First', '1'], ['X-Both', 'one']));
        throw new Error('nothing to be said');
      } catch (error) {
        startResponse('503 Gone Fishing', plain(['X-Second', '2'], ['X-Both', 'two']), error);
        return [bytes('sorry')];
      }
    },
    expected: {
      code: 503,
      phrase: 'Gone Fishing',
      headers: { 'X-First': null, 'X-Second': '2', 'X-Both': 'two', 'Content-Type': 'text/plain' },
      body: 'sorry',
    },
  },
  {
    name: 'a response can be replaced after empty blocks, too',
    clauses: ['S32', 'S33'],
    *application(_environ, startResponse) {
      startResponse('200 OK', plain());
      yield bytes('');
      startResponse('503 Gone Fishing', plain(), new Error('nothing to be said'));
      yield bytes('sorry');
    },
    expected: { code: 503, body: 'sorry' },
  },
  {
    name: 'whatever was thrown is a caught error, and need not be an Error',
    clauses: ['S33'],
    valid: false,
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      startResponse('503 Gone Fishing', plain(), 'a mere string');
      return [bytes('sorry')];
    },
    expected: { code: 503, body: 'sorry' },
  },
  {
    name: 'with the caught error, and headers sent, startResponse() throws that very error',
    clauses: ['S34', 'A13'],
    *application(environ, startResponse) {
      startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      yield bytes('so far');
      const caught = new Error('too late');
      try {
        startResponse('500 Too Late', plain(), caught);
      } catch (error) {
        void note(environ, error === caught ? 'the same' : `another: ${String(error)}`);
        throw error;
      }
      yield bytes(', and on');
    },
    expected: { code: 200, body: 'so far', notes: ['the same'], errors: 'too late' },
  },
  {
    name: 'write() sends the headers: a response cannot be replaced after it',
    clauses: ['S32', 'S34'],
    async application(environ, startResponse) {
      const write = startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      await write(bytes('so far'));
      const caught = new Error('too late');
      try {
        startResponse('500 Too Late', plain(), caught);
      } catch (error) {
        void note(environ, error === caught ? 'the same' : `another: ${String(error)}`);
        throw error;
      }
      return [];
    },
    expected: { code: 200, body: 'so far', notes: ['the same'], errors: 'too late' },
  },
  {
    name: 'without a caught error, a second call is fatal',
    clauses: ['S35', 'A12'],
    valid: false,
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      startResponse('201 Created', plain());
      return [bytes('twice')];
    },
    expected: { code: 500, body: { pattern: '^(?!twice)' }, errors: LOGGED },
  },
  {
    name: 'null is no caught error: a second call with it is fatal',
    clauses: ['S35', 'A12'],
    valid: false,
    application(_environ, startResponse) {
      startResponse('200 OK', plain(), null);
      startResponse('201 Created', plain(), null);
      return [bytes('twice')];
    },
    expected: { code: 500, body: { pattern: '^(?!twice)' }, errors: LOGGED },
  },
  {
    name: 'without a caught error, a second call is fatal also if the first was refused',
    clauses: ['S35', 'A12'],
    valid: false,
    application(environ, startResponse) {
      try {
        startResponse('no status', plain());
      } catch {
        void note(environ, 'refused');
      }
      startResponse('200 OK', plain());
      return [bytes('twice')];
    },
    expected: { code: 500, body: { pattern: '^(?!twice)' }, notes: ['refused'], errors: LOGGED },
  },
  {
    name: 'what startResponse() has refused is not sent, though the application goes on',
    clauses: ['S29'],
    valid: false,
    application(_environ, startResponse) {
      try {
        startResponse('200 OK', plain(['X-Bad', 'a\r\nX-Injected: b']));
      } catch {
        // An application that does not care.
      }
      return [bytes('careless')];
    },
    expected: {
      code: 500,
      headers: { 'X-Bad': null, 'X-Injected': null },
      body: { pattern: '^(?!careless)' },
      errors: LOGGED,
    },
  },
  {
    name: 'startResponse() refuses a status that is no code, space and phrase',
    clauses: ['S29', 'A9'],
    valid: false,
    application: trying({
      'a number': [200, plain()],
      'no phrase': ['200', plain()],
      'no space': ['200OK', plain()],
      'no digits': ['20X OK', plain()],
      'no code': ['OK, 200', plain()],
      nothing: [undefined, plain()],
    }),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses control characters in the status',
    clauses: ['S30', 'A9'],
    valid: false,
    application: trying({
      CRLF: ['200 OK\r\n', plain()],
      CR: ['200 O\rK', plain()],
      LF: ['200 OK\nX-Injected: 1', plain()],
      NUL: ['200 O\0K', plain()],
      TAB: ['200 O\tK', plain()],
      DEL: ['200 O\x7fK', plain()],
    }),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses headers that are no list of pairs of strings',
    clauses: ['S29', 'A10'],
    valid: false,
    application: trying({
      'an object': ['200 OK', { 'Content-Type': 'text/plain' }],
      nothing: ['200 OK', undefined],
      'a single': ['200 OK', [['Content-Type']]],
      'a triple': ['200 OK', [['Content-Type', 'text/plain', 'utf-8']]],
      'a number': ['200 OK', [['Content-Length', 0]]],
      'a name that is a number': ['200 OK', [[0, 'zero']]],
    }),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses names of headers that are no tokens',
    clauses: ['S29', 'A10'],
    valid: false,
    application: withHeaders(
      ['X Name', '1'],
      ['X-Name:', '1'],
      ['X-Name\r\nX-Injected', '1'],
      ['', '1'],
      ['X(Name)', '1'],
    ),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses control characters in the values of headers',
    clauses: ['S31', 'A10'],
    valid: false,
    application: withHeaders(
      ['X-Name', 'a\r\nX-Injected: b'],
      ['X-Name', 'a\rb'],
      ['X-Name', 'a\n'],
      ['X-Name', '\0'],
      ['X-Name', 'a\tb'],
      ['X-Name', '\x7f'],
    ),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses characters that are no bytes, in the status and in headers',
    clauses: ['S29', 'S43', 'A16'],
    valid: false,
    application: trying({
      status: ['200 \u2714', plain()],
      value: ['200 OK', plain(['X-Name', '\u2603'])],
      name: ['200 OK', plain(['X-\u0394', '1'])],
    }),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses hop-by-hop headers',
    clauses: ['S28', 'A11'],
    valid: false,
    application: withHeaders(
      ['Connection', 'close'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authenticate', 'Basic'],
      ['Proxy-Authorization', 'Basic eDp5'],
      ['TE', 'trailers'],
      ['Trailers', 'X-Name'],
      ['Transfer-Encoding', 'chunked'],
      ['upgrade', 'websocket'],
    ),
    expected: { code: 200, body: 'all refused' },
  },
  {
    name: 'startResponse() refuses a Content-Length that is not one number',
    clauses: ['S29', 'S37'],
    valid: false,
    application: trying({
      text: ['200 OK', plain(['Content-Length', 'unknown'])],
      negative: ['200 OK', plain(['Content-Length', '-1'])],
      list: ['200 OK', plain(['Content-Length', '5, 5'])],
      two: ['200 OK', plain(['Content-Length', '5'], ['content-length', '6'])],
    }),
    expected: { code: 200, body: 'all refused' },
  },
];
