// Clients that do not behave: each against a real server, which must neither notice too late nor make
// a fuss, and serve the next one.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { ClientDisconnected, RequestError } from '@wsgiref/handlers/base';
import { WSGIServer } from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { exchange, nextTurn, RawClient } from '../support/raw-client.ts';
import { body, statusLine, withoutDate } from '../support/reply.ts';
import { openResources, serve } from '../support/serve.ts';
import { gate, GET, helloApp } from './apps.ts';

const BLOCK = new Uint8Array(65536);

/** A request of a client that may send another one. */
const MODERN = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Waits until the server's side of a connection is closed, whatever the reason. */
function isGone(connection: Socket): Promise<void> {
  return new Promise((resolve) => connection.once('close', () => resolve()));
}

describe('a client that sends what nobody reads', () => {
  const size = 5 * 1024 * 1024;
  const post = `POST / HTTP/1.0\r\nContent-Length: ${size}\r\n\r\n`;

  test.each<[string, WSGIApplicationLike]>([
    ['nothing', helloApp],
    [
      'a part',
      async (environ, startResponse) => {
        await environ['wsgi.input'].read(100000);
        return helloApp(environ, startResponse);
      },
    ],
  ])(
    'DIFFERS(21): gets its reply when the application reads %s of a body of 5 MB',
    async (_what, app) => {
      await using server = await serve(app);
      await using client = await RawClient.connect(server);
      client.socket.pause();
      await client.send(post);
      await client.send(Buffer.alloc(size));
      client.socket.resume();
      expect(body(await client.reply())).toBe('hello');
      client.end();
      await once(client.socket, 'close');
      expect(server.log).toBe('127.0.0.1 - - [-] "POST / HTTP/1.0" 200 5\n');
    },
  );

  test('DIFFERS(21): gets its error page when the request is refused', async () => {
    await using server = await serve(helloApp);
    await using client = await RawClient.connect(server);
    client.socket.pause();
    await client.send(Buffer.alloc(size, 'x'));
    client.socket.resume();
    expect(statusLine(await client.reply())).toBe('HTTP/1.0 414 URI Too Long');
  });

  test('DIFFERS(21): gets the reply to its first request when it sends several', async () => {
    await using server = await serve(helloApp);
    expect(body(await exchange(server, GET + GET))).toBe('hello');
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
  });

  test('DIFFERS(21): is closed after lingerTimeout when it neither sends nor closes', async () => {
    class Impatient extends WSGIServer {
      override lingerTimeout = 0.02;
    }
    await using server = await serve(helloApp, { serverClass: Impatient });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    const closed = once(connection, 'close');
    await client.send(MODERN);
    expect(body(await client.reply())).toBe('hello');
    const begin = performance.now();
    await closed;
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  test('DIFFERS(21): is closed after lingerTime when it sends without end', async () => {
    class Impatient extends WSGIServer {
      override lingerTime = 0.02;
    }
    await using server = await serve(helloApp, { serverClass: Impatient });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    await client.send(MODERN);
    expect(body(await client.reply())).toBe('hello');
    while (!connection.destroyed) {
      await client.send('x').catch(() => {});
      await nextTurn();
    }
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.1" 200 5\n');
  });

  test.each([
    ['GET / HTTP/1.0\r\n\r\n', true],
    ['GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', true],
    ['POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n', true],
    [MODERN, false],
    ['GET /\r\n', false],
    ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', false],
    ['POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx', false],
    ['GET / HTTP/1.0\r\n\r\nGET', false],
    ['GET / HTTP/1.0\r\nno colon\r\n\r\n', false],
  ])('DIFFERS(21): %j: nothing is to come, %p', async (request, atOnce) => {
    let lingers: boolean | undefined;
    class Telling extends WSGIServer {
      override shutdownRequest(connection: Socket) {
        lingers ??= !connection.destroyed;
        return super.shutdownRequest(connection);
      }
    }
    await using server = await serve(helloApp, { serverClass: Telling });
    expect(await exchange(server, request)).toMatch(/hello$|no colon/);
    expect(lingers).toBe(!atOnce);
  });
});

describe('a client that goes away in the middle of the response', () => {
  /** Applications without end, which note when they are closed. */
  const endless: [string, (closed: () => void) => WSGIApplicationLike][] = [
    [
      'a generator',
      (closed) =>
        function* (_environ, startResponse) {
          startResponse('200 OK', []);
          try {
            for (;;) yield BLOCK;
          } finally {
            closed();
          }
        },
    ],
    [
      'an async generator',
      (closed) =>
        async function* (_environ, startResponse) {
          startResponse('200 OK', []);
          try {
            for (;;) {
              yield BLOCK;
              await nextTurn();
            }
          } finally {
            closed();
          }
        },
    ],
    [
      'an iterable with close()',
      (closed) => (_environ, startResponse) => {
        startResponse('200 OK', []);
        return {
          [Symbol.iterator]: () => ({ next: () => ({ value: BLOCK, done: false }) }),
          close: closed,
        };
      },
    ],
  ];

  test.each(endless)('ends %s, closes it once, and is not logged', async (_what, makeApp) => {
    const { promise, open } = gate();
    let closed = 0;
    const app = makeApp(() => {
      closed++;
      open();
    });
    await using server = await serve(app);
    await using client = await RawClient.connect(server);
    await client.send(GET);
    await client.waitFor('\r\n\r\n');
    await client.close();
    await promise;
    await server.httpd.shutdown();
    expect(closed).toBe(1);
    expect(server.log).toBe('');
  });

  test.each(endless)('by a reset ends %s, too', async (_what, makeApp) => {
    const { promise, open } = gate();
    let closed = 0;
    const app = makeApp(() => {
      closed++;
      open();
    });
    await using server = await serve(app);
    await using client = await RawClient.connect(server);
    await client.send(GET);
    await client.waitFor('\r\n\r\n');
    client.socket.resetAndDestroy();
    await promise;
    await server.httpd.shutdown();
    expect(closed).toBe(1);
    expect(server.log).toBe('');
  });

  test('while the application waits for something else: it is told by the next block', async () => {
    const { promise, open } = gate();
    const events: string[] = [];
    await using server = await serve(async function* (environ, startResponse) {
      if (environ.PATH_INFO !== '/wait') {
        startResponse('200 OK', []);
        yield encodeLatin1('hello');
        return;
      }
      startResponse('200 OK', []);
      try {
        yield encodeLatin1('first');
        await promise;
        events.push('yields');
        yield encodeLatin1('second');
        events.push('goes on');
      } finally {
        events.push('closed');
      }
    });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    await client.send('GET /wait HTTP/1.0\r\n\r\n');
    await client.waitFor('first');
    const gone = isGone(connection);
    client.socket.resetAndDestroy();
    await gone;
    expect(body(await exchange(server, GET))).toBe('hello');
    open();
    await server.httpd.shutdown();
    expect(events).toEqual(['yields', 'closed']);
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
  });
});

describe('a client that does not send its body', () => {
  test('by a reset: reading fails, nothing is logged, the server goes on', async () => {
    const { promise, open } = gate();
    const caught: unknown[] = [];
    await using server = await serve(async (environ, startResponse) => {
      try {
        await environ['wsgi.input'].read();
      } catch (error) {
        caught.push(error);
        open();
        throw error;
      }
      return helloApp(environ, startResponse);
    });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    const read = once(connection, 'data');
    await client.send('POST / HTTP/1.0\r\nContent-Length: 100\r\n\r\nabc');
    await read;
    await nextTurn();
    client.socket.resetAndDestroy();
    await promise;
    expect(caught).toEqual([expect.any(ClientDisconnected)]);
    expect(caught[0]).toMatchObject({
      code: 'ECONNRESET',
      cause: { code: 'ECONNRESET', syscall: 'read' },
    });
    expect(body(await exchange(server, GET))).toBe('hello');
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
  });

  test('reading after it went away fails as well', async () => {
    const { promise, open } = gate();
    const { promise: done, open: finish } = gate();
    const caught: unknown[] = [];
    await using server = await serve(async (environ, startResponse) => {
      await promise;
      await Promise.resolve(environ['wsgi.input'].read(3)).catch((error: unknown) => {
        caught.push(error);
      });
      await Promise.resolve(environ['wsgi.input'].read(4)).catch((error: unknown) => {
        caught.push(error);
      });
      finish();
      return helloApp(environ, startResponse);
    });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    const read = once(connection, 'data');
    await client.send('POST / HTTP/1.0\r\nContent-Length: 100\r\n\r\nabc');
    await read;
    await nextTurn();
    const gone = isGone(connection);
    client.socket.resetAndDestroy();
    await gone;
    open();
    await done;
    await server.httpd.shutdown();
    expect(caught).toEqual([expect.any(ClientDisconnected)]);
    expect(server.log).toBe('');
  });

  test('but closes its side gets a 400, and no stack is logged', async () => {
    await using server = await serve(async (environ, startResponse) => {
      await environ['wsgi.input'].read();
      return helloApp(environ, startResponse);
    });
    const reply = await exchange(server, 'POST / HTTP/1.0\r\nContent-Length: 100\r\n\r\nabc', {
      halfClose: true,
    });
    const message = 'the request body ended after 3 of the 100 bytes of its Content-Length';
    expect(withoutDate(reply)).toBe(
      'HTTP/1.0 400 Bad Request\r\nDate: -\r\nServer: WSGIServer/0.2 Node.js/-\r\n' +
        `Content-Type: text/plain\r\nContent-Length: ${message.length}\r\n\r\n${message}`,
    );
    expect(server.log).toBe(`127.0.0.1 - - [-] "POST / HTTP/1.0" 400 ${message.length}\n`);
  });

  test('but closes its side: the application may answer otherwise', async () => {
    await using server = await serve(async (environ, startResponse) => {
      try {
        await environ['wsgi.input'].read();
      } catch (error) {
        expect(error).toBeInstanceOf(RequestError);
        startResponse('202 Accepted', []);
        return [encodeLatin1('never mind')];
      }
      return helloApp(environ, startResponse);
    });
    const reply = await exchange(server, 'POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n', {
      halfClose: true,
    });
    expect([statusLine(reply), body(reply)]).toEqual(['HTTP/1.0 202 Accepted', 'never mind']);
  });
});

describe('a client that keeps its side open', () => {
  const post = 'POST / HTTP/1.0\r\nContent-Length: 12\r\n\r\none\ntwo\nthree';

  test.each<[string, WSGIApplicationLike]>([
    [
      'read()',
      async (environ, startResponse) => {
        const input = environ['wsgi.input'];
        const read = decodeLatin1(await input.read());
        startResponse('200 OK', []);
        return [encodeLatin1(`${read}|`), await input.read(), await input.read(5)];
      },
    ],
    [
      'read(n)',
      async (environ, startResponse) => {
        const input = environ['wsgi.input'];
        const read = [decodeLatin1(await input.read(5)), decodeLatin1(await input.read(100))];
        startResponse('200 OK', []);
        return [encodeLatin1(`${read.join('')}|`), await input.read(1)];
      },
    ],
    [
      'readline()',
      async (environ, startResponse) => {
        const input = environ['wsgi.input'];
        startResponse('200 OK', []);
        const lines = [];
        for (let i = 0; i < 5; i++) lines.push(decodeLatin1(await input.readline()));
        return [encodeLatin1(`${lines.slice(0, 3).join('')}|${lines.slice(3).join('')}`)];
      },
    ],
    [
      'readlines()',
      async (environ, startResponse) => {
        const input = environ['wsgi.input'];
        startResponse('200 OK', []);
        return [...(await input.readlines()), encodeLatin1('|'), ...(await input.readlines())];
      },
    ],
    [
      'iteration',
      async function* (environ, startResponse) {
        startResponse('200 OK', []);
        for await (const line of environ['wsgi.input']) yield line;
        yield encodeLatin1('|');
        for await (const line of environ['wsgi.input']) yield line;
      },
    ],
  ])('finds that %s ends where the body does', async (_how, app) => {
    await using server = await serve(app);
    expect(body(await exchange(server, `${post}and more`))).toBe('one\ntwo\nthre|');
  });

  test('or closes it after the request: it gets its reply all the same', async () => {
    const { promise, open } = gate();
    await using server = await serve(async (environ, startResponse) => {
      await promise;
      return helloApp(environ, startResponse);
    });
    const accepted = once(server.httpd.socket, 'connection');
    const reply = exchange(server, GET, { halfClose: true });
    const [connection] = (await accepted) as [Socket];
    await once(connection, 'end');
    open();
    expect(body(await reply)).toBe('hello');
  });
});

/** Bytes in buffers that somebody still holds. */
async function bytesInUse(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage();
    await nextTurn();
  }
  return process.memoryUsage().arrayBuffers;
}

describe('a client that reads slowly', () => {
  test('keeps an endless generator waiting, and memory flat', async () => {
    let blocks = 0;
    const { promise, open } = gate();
    await using server = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      try {
        for (; ; blocks++) yield new Uint8Array(65536);
      } finally {
        open();
      }
    });
    const client = connect({ port: server.port, host: '127.0.0.1' });
    client.write(GET);
    await once(client, 'readable');

    /** Waits until the generator is asked for nothing more. */
    const settled = async (): Promise<number> => {
      for (let turns = 0, last = blocks; turns < 50; turns++, last = blocks) {
        await nextTurn();
        if (blocks !== last) turns = 0;
      }
      return blocks;
    };
    const first = await settled();
    // What the system buffers on both sides, and no more: it differs from machine to machine.
    expect(first * 65536).toBeLessThan(32 * 1024 * 1024);

    const before = await bytesInUse();
    let received = 0;
    while (received < 64 * 1024 * 1024) {
      const block = client.read() as Buffer | null;
      if (block === null) await once(client, 'readable');
      else received += block.length;
    }
    expect(blocks).toBeGreaterThan(first);
    expect(blocks * 65536 - received).toBeLessThan(32 * 1024 * 1024);
    expect((await bytesInUse()) - before).toBeLessThan(4 * 1024 * 1024);

    const second = await settled();
    expect(second * 65536 - received).toBeLessThan(32 * 1024 * 1024);
    client.destroy();
    await promise;
    await server.httpd.shutdown();
    expect(server.log).toBe('');
  });
});

describe('many clients', () => {
  test('one after the other and 200 at once leave nothing behind', async () => {
    const before = await openResources();
    {
      await using server = await serve(async (environ, startResponse) => {
        const read = await environ['wsgi.input'].read();
        startResponse('200 OK', []);
        return [encodeLatin1(environ.PATH_INFO), read];
      });
      const post = (name: string): Promise<string> =>
        exchange(server, `POST ${name} HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc`);
      const listeners = server.httpd.socket.eventNames().length;
      for (let i = 0; i < 100; i++) expect(body(await post(`/${i}`))).toBe(`/${i}abc`);
      const names = Array.from({ length: 200 }, (_, i) => `/at-once-${i}`);
      const replies = await Promise.all(names.map(post));
      expect(replies.map(body)).toEqual(names.map((name) => `${name}abc`));
      expect(server.log.split('\n')).toHaveLength(301);
      expect(server.httpd.socket.eventNames()).toHaveLength(listeners);
      expect(server.httpd.socket.listenerCount('error')).toBeLessThanOrEqual(1);
      await server.httpd.shutdown();
      await server.serving;
      // All connections are closed, not only those that serverClose() would have to close.
      const after = await openResources();
      expect(after.sockets).toEqual(before.sockets);
      expect(after.timers).toBeLessThanOrEqual(before.timers);
    }
    expect((await openResources()).sockets).toEqual(before.sockets);
  });
});
