// Whatever a client sends: requests that are served, or an error and a closed connection, and the
// same however the bytes are cut.
//
//   HTTP1_FUZZ_RUNS=1000000 npm run jest -- --selectProjects simple-server http1-fuzz
//
// HTTP1_FUZZ_SEED repeats a run; a failure says its seed.

import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { byteByByte, exchange, type Split, whole } from '../support/raw-client.ts';
import { cuts } from '../support/pieces.ts';
import { serve } from '../support/serve.ts';
import {
  converse,
  parseFirstHead,
  QuietHandler,
  readOutcome,
  RememberingApp,
} from './http1-conversation.ts';
import { corpus } from './http1-corpus/corpus.ts';

const RUNS = Number(process.env['HTTP1_FUZZ_RUNS'] ?? 4000);
const SOCKET_RUNS = Math.ceil(RUNS / 20);
const SEED = Number(process.env['HTTP1_FUZZ_SEED'] ?? Date.now() & 0x7fffffff);

jest.setTimeout(60_000 + RUNS * 20);

/** Longer ones take their time, and mutate into much the same. */
const seeds = corpus.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 2000);

/** What matters to a parser. */
const TOKENS = [
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', ';', '"', '#', '%', '\x7f', '\x80', '\xa0'],
  ...[
    '\r\n\r\n',
    '\n\n',
    '\r\r\n',
    '\n\r',
    ' \r\n',
    '\r\n ',
    '\r\n\t',
    '//',
    '*',
    '0',
    '1',
    'f',
    '+',
    '-',
  ],
  ...['GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'GET /\r\n', 'HEAD', 'POST', 'OPTIONS', 'CONNECT'],
  ...[' HTTP/1.0', ' HTTP/1.1', ' HTTP/1.2', ' HTTP/2.0', ' HTTP/0.9', 'http://h'],
  ...['Host: h\r\n', 'Host:\r\n', 'Connection: close\r\n', 'Connection: keep-alive\r\n'],
  ...['Content-Length: 3\r\n', 'Content-Length: 0\r\n', 'Content-Length: 99\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: x\r\n', 'chunked', 'identity'],
  ...['Expect: 100-continue\r\n', '0\r\n\r\n', '3\r\nabc\r\n', '0\r\nA: b\r\n\r\n', 'A: b\r\n'],
];

/** Changes bytes; where, is a part of their length. */
type Mutation = (bytes: string) => string;

const part = fc.double({ min: 0, max: 1, noNaN: true });
const size = fc.integer({ min: 1, max: 30 });
const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));

function spliced(bytes: string, at: number, removed: number, added: string): string {
  const start = Math.floor(at * bytes.length);
  return bytes.slice(0, start) + added + bytes.slice(start + removed);
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(part, fc.integer({ min: 0, max: 7 })).map(([at, bit]) => (bytes: string) => {
    const code = bytes.charCodeAt(Math.floor(at * bytes.length)) ^ (1 << bit);
    return spliced(bytes, at, 1, String.fromCharCode(code));
  }),
  fc.tuple(part, byte).map(
    ([at, other]) =>
      (bytes: string) =>
        spliced(bytes, at, 1, other),
  ),
  fc.tuple(part, size).map(
    ([at, length]) =>
      (bytes: string) =>
        spliced(bytes, at, length, ''),
  ),
  fc.tuple(part, size).map(([at, length]) => (bytes: string) => {
    const start = Math.floor(at * bytes.length);
    return spliced(bytes, at, 0, bytes.slice(start, start + length));
  }),
  fc.tuple(part, fc.integer({ min: 0, max: 5 }), fc.constantFrom(...TOKENS)).map(
    ([at, length, token]) =>
      (bytes: string) =>
        spliced(bytes, at, length, token),
  ),
  fc.tuple(part, part, fc.constantFrom(...seeds)).map(
    ([at, from, other]) =>
      (bytes: string) =>
        bytes.slice(0, at * bytes.length) + other.slice(from * other.length),
  ),
  fc.constantFrom(...seeds).map((other) => (bytes: string) => bytes + other),
);

/** A row of the table, spoilt. */
const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([bytes, mutations]) => mutations.reduce((before, mutate) => mutate(before), bytes));

const eol = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\r\n') },
  fc.constantFrom('\n', '\r', '\r\r\n', ''),
);
const blank = fc.oneof(
  { weight: 8, arbitrary: fc.constant(' ') },
  fc.constantFrom('', '  ', '\t', ' \t'),
);
const number = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) },
  fc.constantFrom('', '-1', '+3', '0x3', '3, 3', '3,4', '03', '3 ', '99999999999999999999', '1e1'),
);

/** A line of a name and a value. */
const line = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.constantFrom('Content-Length', 'content-length'), number),
      fc.tuple(
        fc.constantFrom('Transfer-Encoding', 'Transfer-Encoding '),
        fc.constantFrom('chunked', 'Chunked', 'gzip, chunked', 'identity', '', 'chunked,'),
      ),
      fc.tuple(
        fc.constantFrom('Connection', 'connection'),
        fc.constantFrom('close', 'keep-alive', 'x'),
      ),
      fc.tuple(fc.constant('Expect'), fc.constantFrom('100-continue', 'x')),
      fc.tuple(fc.constantFrom('Host', 'hOST'), fc.constantFrom('h', '', 'a b', 'h:80', '[::1]')),
      fc.tuple(
        fc.constantFrom('A', '', ' A', 'A_B', 'Cookie'),
        fc.constantFrom('b', '', 'b\x00', '\xff', 'b\r\n c'),
      ),
    ),
    blank,
    eol,
  )
  .map(([[name, value], space, end]) => `${name}:${space}${value}${end}`);

const chunk = fc
  .tuple(
    fc.constantFrom('0', '1', '3', 'a', 'A', '003', '0x3', '', 'ffffffffffff', '-3'),
    fc.constantFrom('', '', ';a=b', ' ;a', ' ', ';\0'),
    eol,
    fc.constantFrom('', 'a', 'abc', '0123456789'),
    eol,
  )
  .map((parts) => parts.join(''));

const body = fc.oneof(
  fc.constantFrom('', 'abc', '0\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n'),
  fc.array(chunk, { maxLength: 3 }).map((chunks) => `${chunks.join('')}0\r\n\r\n`),
  fc.array(chunk, { maxLength: 3 }).map((chunks) => `${chunks.join('')}0\r\nA: b\r\n\r\n`),
);

/** A request, made of what a parser knows, mostly in its place. */
const made = fc
  .tuple(
    fc.oneof({ weight: 8, arbitrary: fc.constant('') }, fc.constantFrom('\r\n', '\n', ' ')),
    fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'get', 'CONNECT', ''),
    blank,
    fc.constantFrom('/', '/a?b', '//a', '*', 'http://h/', 'http://h', 'a', '/%zz', '/\xff', '/#'),
    blank,
    fc.constantFrom(
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.1',
      'HTTP/1.0',
      'HTTP/0.9',
      'HTTP/2.0',
      'http/1.1',
      '',
    ),
    eol,
    fc.oneof({ weight: 8, arbitrary: fc.constant('Host: h\r\n') }, fc.constant('')),
    fc.array(line, { maxLength: 4 }).map((lines) => lines.join('')),
    eol,
    body,
  )
  .map((parts) => parts.join(''));

const input: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: mutated },
  {
    weight: 4,
    arbitrary: fc.array(made, { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: byte, maxLength: 200 }) },
);

/** Cuts bytes into pieces of the given sizes, over and over. */
function cutBy(sizes: readonly number[]): Split {
  return (bytes) => {
    const pieces: Buffer[] = [];
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const end = at + sizes[i % sizes.length]!;
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  };
}

describe(`with the seed ${SEED}`, () => {
  test(`${RUNS} clients get answers or one error, the same however the bytes are cut`, async () => {
    const property = fc.asyncProperty(input, cuts, async (bytes, sizes) => {
      const outcome = await converse(bytes, whole);
      expect(await converse(bytes, cutBy(sizes))).toEqual(outcome);
      expect(await converse(bytes, byteByByte)).toEqual(outcome);
      if (outcome.requests.length === 0 && outcome.status === null) {
        // Nothing was sent, or what has neither head nor body in a response of HTTP/0.9.
        expect(bytes).toMatch(/^(?:\r?\n)?(?:$|HEAD [^ \n]* HTTP\/0\.9\r?\n)/);
        return;
      }
      const head = parseFirstHead(bytes);
      const [first] = outcome.requests;
      if (typeof head === 'number') expect(outcome).toEqual({ requests: [], status: head });
      else if (first) expect({ ...head, body: first.body }).toEqual(first);
      else expect(outcome.status).toBe(400); // Its body.
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  test(`${SOCKET_RUNS} clients get over a socket what they get without`, async () => {
    const app = new RememberingApp();
    await using running = await serve(app, { handlerClass: QuietHandler });
    const property = fc.asyncProperty(input, cuts, async (bytes, sizes) => {
      app.seen.length = 0;
      const reply = await exchange(running, bytes, { split: cutBy(sizes), halfClose: true });
      expect(readOutcome(reply, app.seen)).toEqual(await converse(bytes, whole));
    });
    await fc.assert(property, { numRuns: SOCKET_RUNS, seed: SEED });
    expect(running.log).toBe('');
  });
});
