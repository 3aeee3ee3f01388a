// The applications under load: one for each way of answering.
//
// A request for /KIND/NUMBER/SIZE gets a response with NUMBER in `X-Number` and, but for what is
// uploaded, the body of that number and size.

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type {
  Awaitable,
  HeaderList,
  WriteCallable,
  WSGIApplication,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { BytesIO } from '@wsgiref/util';
import { bodyBlocks, wholeBody } from './body.ts';
import type { Books } from './books.ts';

/** The key of the environ under which an application finds the connection. */
export const CONNECTION = 'load.connection';

/** What applications throw that are to fail. */
export const ON_PURPOSE = 'an application that fails on purpose';

/** What every other request is answered with; broken ones have no number. */
export const OTHER = 'Hello, whoever you are!\n';

/** Bytes that an application yields at a time. */
const BLOCK = 16_000;
const LARGE_BLOCK = 64_000;

/** Milliseconds that the slow one takes at most. */
const SLOWEST = 60;

/** A request, taken apart. */
interface Call {
  number: number;
  size: number;
  environ: WSGIEnvironment;
  books: Books;
  /** Begins the response. */
  start(status?: string): WriteCallable;
}

type Kind = (call: Call) => Awaitable<WSGIResult>;

/** Has a `close()`, as the results of many frameworks have. */
class Closing {
  readonly #blocks: Iterable<Uint8Array>;
  readonly close: () => void;

  constructor(blocks: Iterable<Uint8Array>, close: () => void) {
    this.#blocks = blocks;
    this.close = close;
  }

  [Symbol.iterator](): Iterator<Uint8Array> {
    return this.#blocks[Symbol.iterator]();
  }
}

const kinds = new Map<string, Kind>([
  [
    'array',
    ({ number, size, books, start }) => {
      start();
      const blocks = [...bodyBlocks(number, size, BLOCK)];
      return number % 2 === 0 ? blocks : Object.assign(blocks, { close: books.begin() });
    },
  ],
  [
    'closing',
    ({ number, size, books, start }) => {
      start();
      return new Closing(bodyBlocks(number, size, BLOCK), books.begin());
    },
  ],
  [
    'generator',
    function* ({ number, size, books, start }) {
      const close = books.begin();
      try {
        start();
        yield* bodyBlocks(number, size, BLOCK);
      } finally {
        close();
      }
    },
  ],
  [
    'async-generator',
    async function* ({ number, size, books, start }) {
      const close = books.begin();
      try {
        start();
        for (const block of bodyBlocks(number, size, BLOCK)) {
          await turn();
          yield block;
        }
      } finally {
        close();
      }
    },
  ],
  [
    'write',
    async ({ number, size, books, start }) => {
      const write = start();
      for (const block of bodyBlocks(number, size, BLOCK)) {
        const written = write(block);
        // It may wait for the client, or leave that to the server.
        if (number % 2 === 0) await written;
      }
      return new Closing([], books.begin());
    },
  ],
  [
    'file',
    ({ number, size, environ, books, start }) => {
      start();
      const file = Object.assign(new BytesIO(wholeBody(number, size)), { close: books.begin() });
      return environ['wsgi.file_wrapper']!(file, BLOCK);
    },
  ],
  [
    'slow',
    async ({ number, size, environ, books, start }) => {
      const signal = environ['wsgiref.signal']!;
      books.signals.add(signal);
      const delay = number % SLOWEST;
      if (number % 2 === 0) {
        await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
      } else {
        // One that leaves its listener behind.
        await Promise.race([
          sleep(delay),
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]);
      }
      start();
      return new Closing(bodyBlocks(number, size, BLOCK), books.begin());
    },
  ],
  [
    'download',
    function* ({ number, size, environ, books, start }) {
      const close = books.begin();
      const connection = environ[CONNECTION] as Socket;
      try {
        start();
        for (const block of bodyBlocks(number, size, LARGE_BLOCK)) {
          books.mostWaiting = Math.max(books.mostWaiting, connection.writableLength);
          yield block;
        }
      } finally {
        close();
      }
    },
  ],
  [
    'upload',
    async ({ number, environ, books, start }) => {
      const hash = createHash('sha1');
      let length = 0;
      const atOnce = 1 + ((number * 7919) % BLOCK);
      for (let block; (block = await environ['wsgi.input'].read(atOnce)).length > 0;) {
        hash.update(block);
        length += block.length;
      }
      start();
      return new Closing([Buffer.from(`${length} ${hash.digest('hex')}`)], books.begin());
    },
  ],
  [
    'unread',
    ({ number, size, books, start }) => {
      start();
      return new Closing(bodyBlocks(number, size, BLOCK), books.begin());
    },
  ],
  [
    'fails-before',
    () => {
      throw new Error(ON_PURPOSE);
    },
  ],
  [
    'fails-after',
    function* ({ number, size, books, start }) {
      const close = books.begin();
      try {
        start();
        yield* bodyBlocks(number, size, BLOCK);
        throw new Error(ON_PURPOSE);
      } finally {
        close();
      }
    },
  ],
]);

/** Whether the application says how long the body is, which the kinds do in turn. */
function saysLength(kind: string, number: number): boolean {
  return kind !== 'upload' && number % 3 > 0;
}

const greet: WSGIApplication = async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['X-Method', environ.REQUEST_METHOD],
  ]);
  return [Buffer.from(OTHER)];
};

/** Makes the application under load. */
export function loadApp(books: Books): WSGIApplication {
  return (environ, startResponse) => {
    const [, name = '', number, size] = environ.PATH_INFO.split('/');
    const kind = kinds.get(name);
    if (!kind || !/^[1-9][0-9]*$/.test(number ?? '')) return greet(environ, startResponse);
    const call = { number: Number(number), size: Number(size), environ, books };
    books.called(call.number);
    const headers: HeaderList = [
      ['Content-Type', 'application/octet-stream'],
      ['X-Number', String(call.number)],
    ];
    if (name === 'fails-after') headers.push(['Content-Length', String(call.size + 1)]);
    else if (saysLength(name, call.number)) headers.push(['Content-Length', String(call.size)]);
    return kind({ ...call, start: () => startResponse('200 OK', headers) });
  };
}
