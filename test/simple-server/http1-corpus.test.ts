// The table of raw requests over the live server, however they are cut, and over the parser alone.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WSGIServer } from '@wsgiref/simple-server';
import { byteByByte, exchange, randomly, type Split, whole } from '../support/raw-client.ts';
import { type Running, serve } from '../support/serve.ts';
import {
  converse,
  type Outcome,
  parseFirstHead,
  QuietHandler,
  readOutcome,
  RememberingApp,
} from './http1-conversation.ts';
import { corpus, type ExpectedRequest, type Row } from './http1-corpus/corpus.ts';

const SPLITS: readonly [name: string, split: Split][] = [
  ['whole', whole],
  ['byte by byte', byteByByte],
  ['cut at random (1)', randomly(1)],
  ['cut at random (2)', randomly(2)],
];

/** Sent after every row: it must be served if the connection goes on, and must not if it does not. */
const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n';
const NEXT_REQUEST: ExpectedRequest = {
  method: 'GET',
  target: '/next',
  version: 'HTTP/1.1',
  headers: [
    ['Host', 'next'],
    ['Connection', 'close'],
  ],
  body: '',
  keepAlive: false,
};

function bytesOf({ bytes, eof = false }: Row): string {
  return eof ? bytes : bytes + NEXT;
}

function outcomeOf({ requests, status, eof = false }: Row): Outcome {
  const goesOn = !eof && status === null && (requests.at(-1)?.keepAlive ?? true);
  return { requests: goesOn ? [...requests, NEXT_REQUEST] : requests, status };
}

test('the table is long, and each name is there once', () => {
  expect(corpus.length).toBeGreaterThan(1000);
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
});

describe('over a socket', () => {
  const app = new RememberingApp();
  let running: Running<WSGIServer>;

  beforeAll(async () => {
    running = await serve(app, { handlerClass: QuietHandler });
  });

  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    expect(running.log).toBe('');
  });

  test.each(corpus)('$name', async (row) => {
    for (const [cut, split] of SPLITS) {
      app.seen.length = 0;
      const reply = await exchange(running, bytesOf(row), { split, halfClose: true });
      expect({ cut, ...readOutcome(reply, app.seen) }).toEqual({ cut, ...outcomeOf(row) });
    }
  });
});

test('in memory, as the fuzz test has it, all comes to the same', async () => {
  for (const row of corpus) {
    expect({ name: row.name, ...(await converse(bytesOf(row), whole)) }).toEqual({
      name: row.name,
      ...outcomeOf(row),
    });
  }
});

describe('parseRequestHead()', () => {
  const rows = corpus.filter(({ bytes }) => !/^(?:\r?\n)*$/.test(bytes));

  test.each(rows)('$name', ({ bytes, requests: [first], status, errorIn }) => {
    const head = parseFirstHead(bytes);
    if (first) {
      const { body: _body, ...expected } = first;
      expect(head).toEqual(expected);
    } else if (errorIn === 'head') {
      expect(head).toBe(status);
    } else {
      expect(head).toMatchObject({
        method: 'POST',
        headers: [
          ['Host', 'h'],
          [expect.any(String), expect.any(String)],
        ],
      });
    }
  });
});
