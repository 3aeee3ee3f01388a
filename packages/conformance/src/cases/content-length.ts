// PEP 3333, "Handling the Content-Length Header".

import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { answer, bytes, LOGGED, plain, stream } from './applications.ts';

/** A server may compute it, and must not get it wrong. */
const computed = (length: number): { pattern: string; optional: true } => ({
  pattern: `^${length}$`,
  optional: true,
});

export const contentLengthCases: readonly ConformanceCase[] = [
  {
    name: 'a Content-Length that the server computes for a single block is its length in bytes',
    clauses: ['S39', 'M6'],
    application: answer('caf\xc3\xa9'),
    expected: { code: 200, headers: { 'Content-Length': computed(5) }, body: 'caf\xc3\xa9' },
  },
  {
    name: 'a Content-Length that the server computes for an empty body is 0',
    clauses: ['S39'],
    application: answer(''),
    expected: { code: 200, headers: { 'Content-Length': computed(0) }, body: '' },
  },
  {
    name: 'a Content-Length that the server computes for several blocks is that of all',
    clauses: ['S39'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      return [bytes('one '), bytes('two')];
    },
    expected: { code: 200, headers: { 'Content-Length': computed(7) }, body: 'one two' },
  },
  {
    name: 'a body of unknown length ends where it should',
    clauses: ['S39'],
    application: stream(['one ', 'two']),
    expected: { code: 200, headers: { 'Content-Length': computed(7) }, body: 'one two' },
  },
  {
    name: 'what has been written counts, though the application returns a single block',
    clauses: ['S39', 'S42'],
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      await write(bytes('written, '));
      return [bytes('returned')];
    },
    expected: { code: 200, headers: { 'Content-Length': computed(17) }, body: 'written, returned' },
  },
  {
    name: "the application's own Content-Length is sent, once",
    clauses: ['S37'],
    application: stream(['one ', 'two'], [['content-length', '7']]),
    expected: { code: 200, headers: { 'Content-Length': '7' }, body: 'one two' },
  },
  {
    name: 'no more bytes are sent than Content-Length says, of one block',
    clauses: ['S37'],
    valid: false,
    application: answer('exactly, and more', [['Content-Length', '7']]),
    expected: {
      code: 200,
      headers: { 'Content-Length': '7' },
      body: 'exactly',
      errors: null,
    },
  },
  {
    name: 'no more bytes are sent than Content-Length says, of several blocks',
    clauses: ['S37'],
    valid: false,
    application: stream(['exa', 'ctly, and ', 'more'], [['Content-Length', '7']]),
    expected: {
      code: 200,
      headers: { 'Content-Length': '7' },
      body: 'exactly',
      errors: null,
    },
  },
  {
    name: 'the server stops asking for blocks when it has more than Content-Length says',
    clauses: ['S37'],
    valid: false,
    *application(environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '7']));
      yield bytes('exactly');
      yield bytes(', and more');
      void note(environ, 'asked for a third block');
      yield bytes(', and still more');
    },
    expected: { code: 200, body: 'exactly', errors: null },
  },
  {
    name: 'write() past Content-Length is an error, and sends nothing of it',
    clauses: ['S37'],
    valid: false,
    async application(environ, startResponse) {
      const write = startResponse('200 OK', plain(['Content-Length', '7']));
      await write(bytes('exactly'));
      try {
        await write(bytes(', and more'));
      } catch {
        void note(environ, 'refused');
      }
      return [];
    },
    expected: { code: 200, body: 'exactly', notes: ['refused'], errors: null },
  },
  {
    name: 'a body that is shorter than Content-Length is reported, and not filled up',
    clauses: ['S38'],
    valid: false,
    application: stream(['too short'], [['Content-Length', '99']]),
    expected: { code: 200, body: 'too short', errors: LOGGED },
  },
  {
    name: 'a Content-Length of 0 is that of an empty body',
    clauses: ['S37'],
    application: answer('', [['Content-Length', '0']]),
    expected: { code: 200, headers: { 'Content-Length': '0' }, body: '' },
  },
];
