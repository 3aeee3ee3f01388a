// PEP 3333, "Specification Details": a result is closed upon completion of the request, whatever its
// end.

import type { WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { bytes, LOGGED, plain } from './applications.ts';

/** A result that notes that it is closed. */
function closing(environ: WSGIEnvironment, blocks: Iterable<Uint8Array>): WSGIResult {
  return {
    [Symbol.iterator]: () => blocks[Symbol.iterator](),
    async close() {
      await note(environ, 'closed');
    },
  };
}

export const closingCases: readonly ConformanceCase[] = [
  {
    name: 'a result is closed once it has been sent',
    clauses: ['S6', 'M5'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      function* blocks(): Generator<Uint8Array> {
        yield bytes('all of it');
        void note(environ, 'sent');
      }
      return closing(environ, blocks());
    },
    expected: { code: 200, body: 'all of it', notes: ['sent', 'closed'] },
  },
  {
    name: 'an empty result is closed',
    clauses: ['S6'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      return closing(environ, []);
    },
    expected: { code: 200, body: '', notes: ['closed'] },
  },
  {
    name: 'a result is closed if its iteration fails before anything has been sent',
    clauses: ['S6'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      // eslint-disable-next-line require-yield
      function* blocks(): Generator<Uint8Array> {
        throw new Error('broken off');
      }
      return closing(environ, blocks());
    },
    expected: { code: 500, notes: ['closed'], errors: 'broken off' },
  },
  {
    name: 'a result is closed if its iteration fails in the middle',
    clauses: ['S6', 'S45'],
    application(environ, startResponse) {
      startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      function* blocks(): Generator<Uint8Array> {
        yield bytes('half of it');
        throw new Error('broken off');
      }
      return closing(environ, blocks());
    },
    expected: { code: 200, body: 'half of it', notes: ['closed'], errors: 'broken off' },
  },
  {
    name: 'a result is closed though the response has not begun',
    clauses: ['S6'],
    valid: false,
    application: (environ) => closing(environ, [bytes('without a status')]),
    expected: { code: 500, notes: ['closed'], errors: LOGGED },
  },
  {
    name: 'a result is closed if a block is no bytes',
    clauses: ['S6'],
    valid: false,
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      return closing(environ, ['text' as unknown as Uint8Array]);
    },
    expected: { code: 500, notes: ['closed'], errors: LOGGED },
  },
  {
    name: 'a result is closed if it has more than Content-Length says',
    clauses: ['S6', 'S37'],
    valid: false,
    application(environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '7']));
      return closing(environ, [bytes('exactly'), bytes(', and more')]);
    },
    expected: { code: 200, body: 'exactly', notes: ['closed'], errors: null },
  },
  {
    name: 'a result is closed if it has less than Content-Length says',
    clauses: ['S6', 'S38'],
    valid: false,
    application(environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '99']));
      return closing(environ, [bytes('too short')]);
    },
    expected: { code: 200, body: 'too short', notes: ['closed'], errors: LOGGED },
  },
  {
    name: 'a result is closed if the client wants no body',
    clauses: ['S6'],
    request: { method: 'HEAD' },
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      return closing(environ, [bytes('unwanted')]);
    },
    expected: { code: 200, body: '', notes: ['closed'] },
  },
  {
    name: 'an async result is closed',
    clauses: ['S6'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      return {
        async *[Symbol.asyncIterator]() {
          await Promise.resolve();
          yield bytes('by and by');
        },
        async close() {
          await Promise.resolve();
          await note(environ, 'closed');
        },
      };
    },
    expected: { code: 200, body: 'by and by', notes: ['closed'] },
  },
  {
    name: 'close() is called as a method of the result',
    clauses: ['S6'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      class Result {
        readonly #blocks = [bytes('of an object')];

        [Symbol.iterator](): Iterator<Uint8Array> {
          return this.#blocks.values();
        }

        close(): void {
          void note(environ, `closed with ${this.#blocks.length} block`);
        }
      }
      return new Result();
    },
    expected: { code: 200, body: 'of an object', notes: ['closed with 1 block'] },
  },
  {
    name: 'a close() that fails is logged, and leaves the response as it is',
    clauses: ['S6', 'S45'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      return {
        *[Symbol.iterator]() {
          yield bytes('all of it');
        },
        close() {
          throw new Error('cannot be closed');
        },
      };
    },
    expected: { code: 200, body: 'all of it', errors: 'cannot be closed' },
  },
  {
    name: 'a generator that comes to its end runs its finally block',
    clauses: ['S6'],
    *application(environ, startResponse) {
      try {
        startResponse('200 OK', plain());
        yield bytes('all of it');
      } finally {
        void note(environ, 'finally');
      }
    },
    expected: { code: 200, body: 'all of it', notes: ['finally'] },
  },
  {
    name: 'a generator that is left in the middle runs its finally block',
    clauses: ['S6', 'S37', 'A6'],
    valid: false,
    *application(environ, startResponse) {
      try {
        startResponse('200 OK', plain(['Content-Length', '7']));
        yield bytes('exactly');
        yield bytes(', and more');
        yield bytes(', and still more');
      } finally {
        void note(environ, 'finally');
      }
    },
    expected: { code: 200, body: 'exactly', notes: ['finally'], errors: null },
  },
  {
    name: 'an async generator that is left in the middle runs its finally block, to its end',
    clauses: ['S6', 'S37', 'A6'],
    valid: false,
    async *application(environ, startResponse) {
      try {
        startResponse('200 OK', plain(['Content-Length', '7']));
        yield bytes('exactly');
        yield bytes(', and more');
        yield bytes(', and still more');
      } finally {
        await Promise.resolve();
        await note(environ, 'finally');
      }
    },
    expected: { code: 200, body: 'exactly', notes: ['finally'], errors: null },
  },
  {
    name: 'an iterator that is left in the middle is told before its result is closed',
    clauses: ['S6', 'S37', 'A6'],
    valid: false,
    application(environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '7']));
      function* blocks(): Generator<Uint8Array> {
        try {
          yield bytes('exactly');
          yield bytes(', and more');
          yield bytes(', and still more');
        } finally {
          void note(environ, 'finally');
        }
      }
      return closing(environ, { [Symbol.iterator]: blocks });
    },
    expected: { code: 200, body: 'exactly', notes: ['finally', 'closed'], errors: null },
  },
];
