// `timeout` of a request handler: seconds that a client may neither send nor take anything.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { BaseHTTPRequestHandler, TimeoutError, WSGIRequestHandler } from '@wsgiref/simple-server';
import { byteByByte, exchange, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { serve, serveHandler } from '../support/serve.ts';
import { GET, helloApp } from './apps.ts';

class Impatient extends WSGIRequestHandler {
  override timeout = 0.25;
}

describe('a client that does not send', () => {
  test.each([
    ['nothing', ''],
    ['half a request line', 'GET / HT'],
    ['half a head', 'GET / HTTP/1.0\r\nX-A: 1\r\n'],
  ])('DIFFERS(27): %s is closed with one line in the log', async (_what, sent) => {
    await using server = await serve(helloApp, { handlerClass: Impatient });
    expect(await exchange(server, sent)).toBe('');
    expect(server.log).toBe("127.0.0.1 - - [-] Request timed out: TimeoutError('timed out')\n");
    expect(body(await exchange(server, GET))).toBe('hello');
  });

  test('is closed by BaseHTTPRequestHandler with the same line', async () => {
    class Handler extends BaseHTTPRequestHandler {
      override timeout = 0.25;
    }
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET / HTTP/1.0\r\n')).toBe('');
    expect(server.log).toBe("127.0.0.1 - - [-] Request timed out: TimeoutError('timed out')\n");
  });

  test('all of its body: reading fails, and the application may answer', async () => {
    const caught: unknown[] = [];
    await using server = await serve(
      async (environ, startResponse) => {
        try {
          await environ['wsgi.input'].read();
        } catch (error) {
          caught.push(error);
        }
        return helloApp(environ, startResponse);
      },
      { handlerClass: Impatient },
    );
    const reply = await exchange(server, 'POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\nabc');
    expect(body(reply)).toBe('hello');
    expect(caught).toEqual([expect.any(TimeoutError)]);
    expect(caught[0]).toMatchObject({
      name: 'TimeoutError',
      code: 'ETIMEDOUT',
      message: 'timed out',
    });
  });

  test('all at once, but a little each time, is served', async () => {
    class Patient extends Impatient {
      override timeout = 5;
    }
    await using server = await serve(helloApp, { handlerClass: Patient });
    const request = `GET / HTTP/1.0\r\nX-A: ${'ab'.repeat(50)}\r\n\r\n`;
    expect(body(await exchange(server, request, { split: byteByByte }))).toBe('hello');
  });
});

class ImpatientWriter extends WSGIRequestHandler {
  override writeTimeout = 0.25;
}

test.each([
  ['timeout', Impatient],
  ['writeTimeout', ImpatientWriter],
])('a client that does not take the response is given up by %s', async (_name, handlerClass) => {
  const caught: unknown[] = [];
  await using server = await serve(
    async function* (_environ, startResponse) {
      startResponse('200 OK', []);
      try {
        for (;;) yield new Uint8Array(1 << 20);
      } finally {
        caught.push('closed');
      }
    },
    { handlerClass },
  );
  server.httpd.lingerTimeout = 0.02;
  const accepted = once(server.httpd.socket, 'connection');
  await using client = await RawClient.connect(server);
  const [connection] = (await accepted) as [Socket];
  const gone = new Promise((resolve) => connection.once('close', resolve));
  await client.send(GET);
  await client.waitFor('\r\n\r\n');
  client.socket.pause();
  await gone;
  await server.httpd.shutdown();
  expect(caught).toEqual(['closed']);
  expect(server.log.match(/^TimeoutError: timed out$/gm)).toHaveLength(1);
});

class LessImpatientWriter extends WSGIRequestHandler {
  override writeTimeout = 1;
}

test('a client that takes the response a little at a time gets all of it', async () => {
  // More than the system keeps for a client, in one block: it is one write.
  const size = 64 << 20;
  await using server = await serve(
    (_environ, startResponse) => {
      startResponse('200 OK', []);
      return [new Uint8Array(size)];
    },
    { handlerClass: LessImpatientWriter },
  );
  const client = connect(server.port, '127.0.0.1');
  const started = performance.now();
  client.write(GET);
  let received = 0;
  for await (const block of client as AsyncIterable<Buffer>) {
    received += block.length;
    // Longer than `writeTimeout` in all, by pauses that are shorter.
    if (performance.now() - started < 2000) await sleep(2);
  }
  expect(performance.now() - started).toBeGreaterThan(2000);
  expect(received).toBeGreaterThan(size);
  expect(server.log).not.toContain('TimeoutError');
});
