// PEP 3333, "Buffering and Streaming" and "The write() Callable": what becomes of the body.

import type { WSGIResult } from '@wsgiref/types';
import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { answer, bytes, LOGGED, plain, stream } from './applications.ts';

/** Every byte there is. */
const ALL_BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

const LINE_ENDS = '\n\r\r\n\n\r \r';

/** Blocks that are long together, no two of them alike. */
const MANY = Array.from({ length: 64 }, (_, i) => `${i}:`.padEnd(4096, '.'));

/** What a server may look at in a result, its type included. */
const ALLOWED: ReadonlySet<PropertyKey> = new Set([
  Symbol.asyncIterator,
  Symbol.iterator,
  'length',
  'close',
  'return',
  'then',
  Symbol.toStringTag,
]);

/** A cousin of Uint8Array, as `Buffer` is one. */
class Block extends Uint8Array {}

/** Applications that yield, write or return what is no bytes. */
const NO_BYTES: Readonly<Record<string, unknown>> = {
  'a string': 'text',
  'an array of numbers': [116],
  'an ArrayBuffer': new ArrayBuffer(4),
  null: null,
};

const noBytesCases = Object.entries(NO_BYTES).map(([what, block]): ConformanceCase => ({
  name: `${what} is no block, and an error`,
  clauses: ['S44', 'A4'],
  valid: false,
  *application(_environ, startResponse) {
    startResponse('200 OK', plain());
    yield block as Uint8Array;
  },
  expected: { code: 500, errors: LOGGED },
}));

export const bodyCases: readonly ConformanceCase[] = [
  {
    name: 'blocks are sent in their order',
    clauses: ['S4'],
    application: stream(['one ', 'two ', 'three']),
    expected: { code: 200, body: 'one two three' },
  },
  {
    name: 'a body that is longer than any buffer is sent whole, and in order',
    clauses: ['S4', 'S40'],
    application: stream(MANY),
    expected: { code: 200, body: MANY.join('') },
  },
  {
    name: 'empty blocks between others change nothing',
    clauses: ['S32', 'M2'],
    application: stream(['', 'one ', '', '', 'two', '']),
    expected: { code: 200, body: 'one two' },
  },
  {
    name: 'every byte of the body is itself',
    clauses: ['S5', 'S44'],
    application: answer(ALL_BYTES),
    expected: { code: 200, body: ALL_BYTES },
  },
  {
    name: 'line ends in the body are left as they are',
    clauses: ['S5'],
    application: stream([LINE_ENDS, LINE_ENDS]),
    expected: { code: 200, body: LINE_ENDS + LINE_ENDS },
  },
  {
    name: 'a body that looks like nothing is sent',
    clauses: ['S5'],
    application: answer('0'),
    expected: { code: 200, body: '0' },
  },
  {
    name: 'an instance of a subclass of Uint8Array is bytes',
    clauses: ['S44'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      return [Block.from(bytes('a cousin'))];
    },
    expected: { code: 200, body: 'a cousin' },
  },
  {
    name: 'a part of a larger array is sent without the rest',
    clauses: ['S44'],
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      return [bytes('neither this a part nor that').subarray(13, 19)];
    },
    expected: { code: 200, body: 'a part' },
  },
  ...noBytesCases,
  {
    name: 'a string for write() is an error',
    clauses: ['S44'],
    valid: false,
    async application(_environ, startResponse) {
      await startResponse('200 OK', plain())('text' as unknown as Uint8Array);
      return [];
    },
    expected: { code: 500, errors: LOGGED },
  },
  {
    name: 'what is written is sent in its order',
    clauses: ['S41'],
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      for (const block of ['one ', 'two ', 'three']) await write(bytes(block));
      return [];
    },
    expected: { code: 200, body: 'one two three' },
  },
  {
    name: 'what is written is sent in its order though the application does not wait',
    clauses: ['S41'],
    application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      for (const block of MANY) void write(bytes(block));
      return [bytes('end')];
    },
    expected: { code: 200, body: `${MANY.join('')}end` },
  },
  {
    name: 'what the application returns comes behind what it has written',
    clauses: ['S42'],
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      await write(bytes('written, '));
      return [bytes('returned '), bytes('in order')];
    },
    expected: { code: 200, body: 'written, returned in order' },
  },
  {
    name: 'of the result, only what iterates, measures and closes it is looked at',
    clauses: ['S8'],
    application(environ, startResponse): WSGIResult {
      startResponse('200 OK', plain());
      const result: WSGIResult = {
        *[Symbol.iterator]() {
          yield bytes('looked at');
        },
      };
      const others: string[] = [];
      return new Proxy(result, {
        get(target, key, receiver) {
          if (key === 'close') return () => note(environ, others.join(', ') || 'nothing else');
          if (!ALLOWED.has(key)) others.push(String(key));
          return Reflect.get(target, key, receiver) as unknown;
        },
      });
    },
    expected: { code: 200, body: 'looked at', notes: ['nothing else'] },
  },
  {
    name: 'blocks that come by and by are all sent',
    clauses: ['S4'],
    async *application(_environ, startResponse) {
      startResponse('200 OK', plain());
      for (const block of ['one ', 'two ', 'three']) {
        for (let i = 0; i < 10; i++) await Promise.resolve();
        yield bytes(block);
      }
    },
    expected: { code: 200, body: 'one two three' },
  },
  {
    name: 'an application may gather its body, and return it as one block',
    clauses: ['A15'],
    application(_environ, startResponse) {
      const parts = ['one ', 'two ', 'three'];
      const body = bytes(parts.join(''));
      startResponse('200 OK', plain(['Content-Length', String(body.length)]));
      return [body];
    },
    expected: { code: 200, headers: { 'Content-Length': '13' }, body: 'one two three' },
  },
];
