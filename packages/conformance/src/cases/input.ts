// PEP 3333, "Input and Error Streams".

import type { InputStream, WSGIApplication } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';
import type { ConformanceCase } from '../case.ts';
import { answer, bytes, examine, plain, post } from './applications.ts';

const LINES = 'one\ntwo\nthree';

/** Every byte there is. */
const ALL_BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

const LONG = '0123456789abcdef'.repeat(16_384);

/** An application that answers with what it reads, each block in angle brackets. */
function reading(read: (input: InputStream) => AsyncIterable<Uint8Array>): WSGIApplication {
  return async (environ, startResponse) => {
    let body = '';
    for await (const block of read(environ['wsgi.input'])) body += `<${decodeLatin1(block)}>`;
    startResponse('200 OK', plain());
    return [bytes(body)];
  };
}

/** An application that answers with the body of the request. */
const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
  return [body];
};

export const inputCases: readonly ConformanceCase[] = [
  {
    name: 'read() without a size returns the whole body',
    clauses: ['S22'],
    request: post(LINES),
    application: reading(async function* (input) {
      yield await input.read();
    }),
    expected: { code: 200, body: `<${LINES}>` },
  },
  {
    name: 'read() without a size returns what is left after another read',
    clauses: ['S22'],
    request: post(LINES),
    application: reading(async function* (input) {
      yield await input.readline();
      yield await input.read();
    }),
    expected: { code: 200, body: '<one\n><two\nthree>' },
  },
  {
    name: 'read(size) returns no more than that, until nothing is left',
    clauses: ['S20', 'S23'],
    request: post(LINES),
    application: async (environ, startResponse) => {
      let body = '';
      for (;;) {
        const block = await environ['wsgi.input'].read(5);
        if (block.length === 0) break;
        body += block.length > 5 ? `(${block.length} bytes)` : decodeLatin1(block);
      }
      startResponse('200 OK', plain());
      return [bytes(body)];
    },
    expected: { code: 200, body: LINES },
  },
  {
    name: 'read(size) of more than there is returns what there is',
    clauses: ['S21'],
    request: post('short'),
    application: reading(async function* (input) {
      yield await input.read(4096);
    }),
    expected: { code: 200, body: '<short>' },
  },
  {
    name: 'at its end the input gives empty bytes, however it is asked and however often',
    clauses: ['S21', 'S23'],
    request: post('short'),
    application: reading(async function* (input) {
      yield await input.read();
      yield await input.read();
      yield await input.read(10);
      yield await input.readline();
      yield* await input.readlines();
      yield* input;
      yield await input.read();
    }),
    expected: { code: 200, body: '<short><><><><>' },
  },
  {
    name: 'without a body the input is at its end',
    clauses: ['S21', 'S23'],
    application: reading(async function* (input) {
      yield await input.read();
      yield await input.read(10);
      yield* await input.readlines();
    }),
    expected: { code: 200, body: '<><>' },
  },
  {
    name: 'readline() returns line after line, each with its end',
    clauses: ['S20'],
    request: post(LINES),
    application: reading(async function* (input) {
      for (let i = 0; i < 4; i++) yield await input.readline();
    }),
    expected: { code: 200, body: '<one\n><two\n><three><>' },
  },
  {
    name: 'readline(size) returns a piece of a line',
    clauses: ['S24'],
    request: post(LINES),
    application: reading(async function* (input) {
      yield await input.readline(2);
      yield await input.readline(2);
      yield await input.readline(9);
    }),
    expected: { code: 200, body: '<on><e\n><two\n>' },
  },
  {
    name: 'readlines() returns all lines',
    clauses: ['S20'],
    request: post(LINES),
    application: reading(async function* (input) {
      yield* await input.readlines();
    }),
    expected: { code: 200, body: '<one\n><two\n><three>' },
  },
  {
    name: 'readlines(hint) returns lines, and leaves the rest or nothing to be read',
    clauses: ['S20'],
    request: post(LINES),
    application: async (environ, startResponse) => {
      const input = environ['wsgi.input'];
      const lines = await input.readlines(4);
      const rest = await input.read();
      startResponse('200 OK', plain());
      return [...lines, rest];
    },
    expected: { code: 200, body: LINES },
  },
  {
    name: 'the input is iterated over by line',
    clauses: ['S20'],
    request: post(LINES),
    application: reading((input) => input),
    expected: { code: 200, body: '<one\n><two\n><three>' },
  },
  {
    name: 'every byte of a request body is itself',
    clauses: ['S20', 'S44'],
    request: post(ALL_BYTES),
    application: echo,
    expected: { code: 200, body: ALL_BYTES },
  },
  {
    name: 'a long request body comes in whole',
    clauses: ['S20'],
    request: post(LONG),
    application: examine(async (environ) => {
      const body = decodeLatin1(await environ['wsgi.input'].read());
      return body === LONG ? null : `${body.length} bytes came, and they should be ${LONG.length}`;
    }),
    expected: { code: 200, body: 'right' },
  },
  {
    name: 'a request body that the application does not read does no harm to the response',
    clauses: ['A6'],
    request: post(LONG),
    application: answer('not interested'),
    expected: { code: 200, body: 'not interested' },
  },
  {
    name: 'the request body can be read while the response is being sent',
    clauses: ['S20'],
    request: post(LINES),
    async *application(environ, startResponse) {
      startResponse('200 OK', plain());
      for await (const line of environ['wsgi.input']) yield line;
    },
    expected: { code: 200, body: LINES },
  },
  {
    name: 'what is written to wsgi.errors is logged, by write() and by writelines()',
    clauses: ['S25'],
    async application(environ, startResponse) {
      const errors = environ['wsgi.errors'];
      await errors.write('conformance: written\n');
      await errors.writelines(['conformance: ', 'in ', 'pieces\n']);
      await errors.flush();
      startResponse('200 OK', plain());
      return [];
    },
    expected: { code: 200, body: '', notes: ['written', 'in pieces'] },
  },
  {
    name: 'wsgi.errors takes any Unicode',
    clauses: ['S25'],
    async application(environ, startResponse) {
      await environ['wsgi.errors'].write('snow: \u2603 and \u{1f328}\n');
      startResponse('200 OK', plain());
      return [];
    },
    // Characters that the log cannot show may be replaced.
    expected: { code: 200, body: '', errors: 'snow: ' },
  },
];
