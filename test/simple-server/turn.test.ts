// Requests that come together: `Turn`, and what it must not change.

import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { WSGIRequestHandler } from '@wsgiref/simple-server';
import type { Awaitable } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';
import { Turn } from '../../packages/simple-server/src/socketserver/turn.ts';
import { RawClient } from '../support/raw-client.ts';
import { serve } from '../support/serve.ts';

class Handler extends WSGIRequestHandler {
  override protocolVersion = 'HTTP/1.1';
}

const options = { handlerClass: Handler };

/** Keeps the event loop busy. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a turn', () => {
  const run = (action: () => void): void => action();

  test('serves all requests, then sends all responses, each in their order', async () => {
    const turn = new Turn();
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      turn.serve(run, () => {
        done.push(`serve ${name}`);
        turn.send(run, () => done.push(`send ${name}`));
      });
    }
    expect(done).toEqual([]);
    await immediate();
    expect(done).toEqual(['serve a', 'serve b', 'serve c', 'send a', 'send b', 'send c']);
  });

  test('waits for what a request does in promises that are settled', async () => {
    const turn = new Turn();
    const done: string[] = [];
    for (const name of ['a', 'b']) {
      turn.serve(run, () => {
        void Promise.resolve()
          .then(() => done.push(`serve ${name}`))
          .then(() => turn.send(run, () => done.push(`send ${name}`)));
      });
    }
    await immediate();
    expect(done).toEqual(['serve a', 'serve b', 'send a', 'send b']);
  });

  test('sends what is there before it serves the 65th request', async () => {
    const turn = new Turn();
    const done: string[] = [];
    for (let i = 1; i <= 130; i++) {
      turn.serve(run, () => {
        done.push(`serve ${i}`);
        turn.send(run, () => done.push(`send ${i}`));
      });
    }
    await immediate();
    expect(done.slice(63, 65)).toEqual(['serve 64', 'send 1']);
    expect(done.at(-1)).toBe('send 64');
    await immediate();
    expect(done.at(-1)).toBe('send 128');
    await immediate();
    expect(done.at(-1)).toBe('send 130');
    expect(done).toHaveLength(260);
  });

  test('does not keep a response back while other requests take long', async () => {
    const turn = new Turn();
    const done: string[] = [];
    for (const [name, time] of [
      ['a', 0],
      ['b', 6],
      ['c', 0],
    ] as const) {
      turn.serve(run, () => {
        work(time);
        done.push(`serve ${name}`);
        turn.send(run, () => done.push(`send ${name}`));
      });
    }
    await immediate();
    expect(done).toEqual(['serve a', 'serve b', 'send a', 'send b', 'serve c', 'send c']);
  });
});

describe('the server', () => {
  test('answers each of many clients that are heard at once', async () => {
    await using server = await serve((environ, startResponse) => {
      startResponse('200 OK', []);
      return [encodeLatin1(`${environ.PATH_INFO};`)];
    }, options);
    const clients = await Promise.all(Array.from({ length: 150 }, () => RawClient.connect(server)));
    await Promise.all(
      clients.map((client, i) => client.send(`GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`)),
    );
    await Promise.all(clients.map((client, i) => client.waitFor(`/${i};`)));
    await Promise.all(
      clients.map((client, i) =>
        client.send(`GET /again/${i} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
      ),
    );
    const replies = await Promise.all(clients.map((client) => client.reply()));
    expect(replies.map((reply) => reply.match(/\/[\w/]*;/g))).toEqual(
      clients.map((_, i) => [`/${i};`, `/again/${i};`]),
    );
  });

  test('waits for a client that sends requests and does not read', async () => {
    let connection!: Socket;
    class Keeping extends Handler {
      override setup(): Awaitable<void> {
        connection = this.request;
        return super.setup();
      }
    }
    let kept = 0;
    const body = [encodeLatin1('x'.repeat(4000))];
    await using server = await serve(
      (_environ, startResponse) => {
        kept = Math.max(kept, connection.writableLength);
        startResponse('200 OK', []);
        return body;
      },
      { handlerClass: Keeping },
    );
    const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
    const client = connect(server.port, '127.0.0.1').setNoDelay().pause();
    await once(client, 'connect');
    let sent = 0;
    /** Sends a request, and goes on when the server has it and a turn has passed. */
    const send = async (): Promise<void> => {
      client.write(request);
      sent++;
      while (connection?.bytesRead !== sent * request.length) await immediate();
      await immediate();
    };
    // The system keeps a few MiB for a client that does not read; then the server has to.
    do await send();
    while (connection.writableLength === 0);
    for (let i = 0; i < 100; i++) await send();
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(5 * 4000);
    let received = 0;
    client.on(
      'data',
      (block: Buffer) => (received += block.toString().replace(/[^x]/g, '').length),
    );
    client.resume();
    while (received < sent * 4000) await once(client, 'data');
    client.destroy();
  });
});
