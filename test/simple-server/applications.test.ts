// Applications in every form, through makeServer().

import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { demoApp, WSGIRequestHandler } from '@wsgiref/simple-server';
import type { StartResponse, WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, encodeLatin1 } from '@wsgiref/util';
import { exchange, nextTurn } from '../support/raw-client.ts';
import { body, statusLine, withoutDate } from '../support/reply.ts';
import { serve } from '../support/serve.ts';
import { GET, helloApp } from './apps.ts';

const HELLO = encodeLatin1('hello');

class Greeter {
  readonly greeting = 'hello';

  // A method that is passed around bound.
  app(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
    startResponse('200 OK', []);
    return [encodeLatin1(this.greeting)];
  }

  __call__(environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
    return this.app(environ, startResponse);
  }
}

class Iterable {
  readonly #startResponse: StartResponse;

  constructor(_environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#startResponse = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    this.#startResponse('200 OK', []);
    yield HELLO;
  }
}

class AsyncIterable {
  readonly #startResponse: StartResponse;

  constructor(_environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#startResponse = startResponse;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.#startResponse('200 OK', []);
    await nextTurn();
    yield HELLO;
  }
}

const greeter = new Greeter();

const FORMS: [string, WSGIApplicationLike][] = [
  ['a function', helloApp],
  [
    'an async function',
    async (_environ, startResponse) => {
      await nextTurn();
      startResponse('200 OK', []);
      return [HELLO];
    },
  ],
  [
    'a generator',
    function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield HELLO.subarray(0, 2);
      yield HELLO.subarray(2);
    },
  ],
  [
    'an async generator',
    async function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield HELLO.subarray(0, 2);
      await nextTurn();
      yield HELLO.subarray(2);
    },
  ],
  ['a class', Iterable],
  ['a class that iterates asynchronously', AsyncIterable],
  ['an object with __call__()', greeter],
  ['a bound method', greeter.app.bind(greeter)],
  [
    'a function that uses write()',
    async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write(HELLO);
      return [];
    },
  ],
  [
    'a function that returns a file',
    (environ, startResponse) => {
      startResponse('200 OK', []);
      return environ['wsgi.file_wrapper']!(new BytesIO(HELLO), 2);
    },
  ],
  [
    'a function that returns a set',
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      return new Set([HELLO.subarray(0, 1), HELLO.subarray(1)]);
    },
  ],
];

describe('an application may be', () => {
  test.each(FORMS)('%s', async (_form, application) => {
    await using server = await serve(application);
    for (let i = 0; i < 2; i++) {
      const reply = await exchange(server, GET);
      expect([statusLine(reply), body(reply)]).toEqual(['HTTP/1.0 200 OK', 'hello']);
    }
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n'.repeat(2));
  });
});

test('a file from the disk is sent, and closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsgiref-'));
  try {
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(300000, 'abc'));
    let closed = 0;
    await using server = await serve(async (environ, startResponse) => {
      const handle = await open(path);
      startResponse('200 OK', [['Content-Length', '300000']]);
      return environ['wsgi.file_wrapper']!({
        async read(size) {
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(size));
          return buffer.subarray(0, bytesRead);
        },
        async close() {
          closed++;
          await handle.close();
        },
      });
    });
    expect(body(await exchange(server, GET))).toBe('abc'.repeat(100000));
    expect(closed).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('HEAD gets the head of GET, and no body', async () => {
  await using server = await serve(helloApp);
  const get = await exchange(server, GET);
  const head = await exchange(server, 'HEAD / HTTP/1.0\r\n\r\n');
  expect(withoutDate(head)).toBe(withoutDate(get).slice(0, -'hello'.length));
});

test('DIFFERS(33): head and first block go to the system in one write', async () => {
  const writes: string[] = [];
  class Watched extends WSGIRequestHandler {
    override setup() {
      super.setup();
      const { write } = this.connection;
      jest.spyOn(this.connection, 'write').mockImplementation((...args: unknown[]) => {
        writes.push(Buffer.from(args[0] as Uint8Array).toString('latin1'));
        return write.apply(this.connection, args as Parameters<typeof write>);
      });
    }
  }
  await using server = await serve(
    function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield encodeLatin1('one');
      yield encodeLatin1('two');
    },
    { handlerClass: Watched },
  );
  const reply = await exchange(server, GET);
  expect(writes).toEqual([reply.slice(0, -'two'.length), 'two']);
  expect(body(reply)).toBe('onetwo');
});

describe('demoApp', () => {
  test('DIFFERS(34): greets, and shows its environ as JavaScript writes it', async () => {
    await using server = await serve(demoApp);
    const reply = await exchange(
      server,
      'GET /caf\xe9?it\'s HTTP/1.0\r\nX-Quote: it\'s "so"\r\n\r\n',
    );
    expect(withoutDate(reply)).toMatch(
      /^HTTP\/1\.0 200 OK\r\nDate: -\r\nServer: .*\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: \d+\r\n\r\nHello world!\n\n/,
    );
    const lines = Buffer.from(body(reply), 'latin1').toString('utf8').split('\n');
    expect(lines).toEqual([
      'Hello world!',
      '',
      "CONTENT_LENGTH = ''",
      "GATEWAY_INTERFACE = 'CGI/1.1'",
      `HTTP_X_QUOTE = 'it\\'s "so"'`,
      "PATH_INFO = '/caf\xe9'",
      `QUERY_STRING = "it's"`,
      "REMOTE_ADDR = '127.0.0.1'",
      "REQUEST_METHOD = 'GET'",
      "SCRIPT_NAME = ''",
      "SERVER_NAME = 'localhost'",
      `SERVER_PORT = '${server.port}'`,
      "SERVER_PROTOCOL = 'HTTP/1.0'",
      "SERVER_SOFTWARE = 'WSGIServer/0.2'",
      'wsgi.errors = <StandardError object>',
      expect.stringMatching(/^wsgi\.file_wrapper = <function/),
      'wsgi.input = <LimitedStream object>',
      'wsgi.multiprocess = false',
      'wsgi.multithread = false',
      'wsgi.run_once = false',
      "wsgi.url_scheme = 'http'",
      'wsgi.version = [1, 0]',
      'wsgiref.signal = <AbortSignal object>',
      '',
    ]);
  });
});
