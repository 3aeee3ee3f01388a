// The seams below TCP: a server on a transport of its own, the streams of a connection, and the
// handler that runs the application.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, jest, test } from '@jest/globals';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import {
  BaseHTTPRequestHandler,
  BaseServer,
  type ClientAddress,
  ServerHandler,
  SocketReader,
  SocketWriter,
  StreamRequestHandler,
  TCPServer,
  TimeoutError,
} from '@wsgiref/simple-server';
import type { WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, StringIO } from '@wsgiref/util';
import { exchange, nextTurn, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { openResources, serve, serveHandler } from '../support/serve.ts';
import { captureStandardError } from '../support/standard-error.ts';
import { GET, helloApp } from './apps.ts';

/** Both ends of a connection on 127.0.0.1. */
async function connection(): Promise<{ near: Socket; far: RawClient } & AsyncDisposable> {
  const httpd = new TCPServer(['127.0.0.1', 0], StreamRequestHandler);
  await httpd.serverBind();
  const accepted = once(httpd.socket, 'connection');
  const far = await RawClient.connect({ port: httpd.serverAddress[1] });
  const [near] = (await accepted) as [Socket];
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      await far.close();
      await httpd.serverClose();
    },
  };
}

describe('BaseServer on a transport of its own', () => {
  class Lines extends StreamRequestHandler {
    override async handle() {
      const line = await this.rfile.readline();
      await this.wfile.write(line);
    }
  }

  /** Requests that are handed over within the process. */
  class LocalServer extends BaseServer {
    readonly #requests: Socket[] = [];
    #waiting: ((ready: boolean) => void) | null = null;

    constructor() {
      super('here', Lines);
    }

    /** Sends a line; returns what comes back. */
    ask(line: string): Promise<string> {
      return new Promise((resolve) => {
        let reply = '';
        const request = new Duplex({
          read() {},
          write(block: Buffer, _encoding, done) {
            reply += block.toString('latin1');
            done();
          },
        });
        request.on('close', () => resolve(reply));
        request.push(encodeLatin1(line));
        this.#requests.push(request as Socket);
        this.#waiting?.(true);
      });
    }

    override async getRequest(): Promise<[Socket, ClientAddress]> {
      await nextTurn();
      return [this.#requests.shift()!, ['local', 0]];
    }

    protected override _poll(timeout: number | null): boolean | Promise<boolean> {
      if (this.#requests.length > 0) return true;
      if (timeout === 0) return false;
      return new Promise((resolve) => (this.#waiting = resolve));
    }

    protected override _wake(): void {
      this.#waiting?.(false);
    }

    override closeRequest(request: Socket): void {
      void super.closeRequest(request);
      request.destroy();
    }
  }

  test('serves requests, one at a time and for ever', async () => {
    await using server = new LocalServer();
    await server.serverActivate();
    expect(server.serverAddress).toBe('here');
    const first = server.ask('one\n');
    await server.handleRequest();
    expect(await first).toBe('one\n');

    server.timeout = 0;
    const handleTimeout = jest.spyOn(server, 'handleTimeout');
    await server.handleRequest();
    expect(handleTimeout).toHaveBeenCalledTimes(1);

    const serving = server.serveForever();
    expect(await Promise.all([server.ask('two\n'), server.ask('three\n')])).toEqual([
      'two\n',
      'three\n',
    ]);
    await server.shutdown();
    await serving;

    // It listens to nothing that shutdown() would have closed: it may serve again.
    const again = server.serveForever();
    expect(await server.ask('four\n')).toBe('four\n');
    await server.shutdown();
    await again;
  });
});

describe('SocketReader', () => {
  test('reads what comes, to the end', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near);
    await pair.far.send('one\ntwo');
    expect(decodeLatin1(await reader.readline())).toBe('one\n');
    pair.far.end();
    expect(decodeLatin1(await reader.read())).toBe('two');
    expect(decodeLatin1(await reader.read())).toBe('');
  });

  test('takes what comes before it is asked for, block by block', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near);
    for (const length of [3, 40000, 40000]) {
      const came = once(pair.near, 'data');
      await pair.far.send(Buffer.alloc(length, 'x'));
      await came;
    }
    while (!pair.near.isPaused()) await nextTurn();
    expect(await reader.read(3)).toHaveLength(3);
    expect(pair.near.isPaused()).toBe(true);
    expect(await reader.read(80000)).toHaveLength(80000);
    expect(pair.near.isPaused()).toBe(false);
  });

  test('keeps the client from sending when nobody reads, and lets it go on', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near);
    const sent = pair.far.send(new Uint8Array(16 * 1024 * 1024));
    while (!pair.near.isPaused()) await nextTurn();
    const { bytesRead } = pair.near;
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(pair.near.bytesRead).toBe(bytesRead);
    expect(bytesRead).toBeLessThan(1024 * 1024);
    expect(await reader.read(16 * 1024 * 1024)).toHaveLength(16 * 1024 * 1024);
    await sent;
  });

  test('throws away what comes after close()', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near);
    const sent = pair.far.send(new Uint8Array(16 * 1024 * 1024));
    while (!pair.near.isPaused()) await nextTurn();
    reader.close();
    await sent;
    expect(await reader.read(1)).toHaveLength(0);
  });

  test('fails when the connection is closed', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near);
    const waiting = reader.read(1);
    pair.near.destroy();
    await expect(waiting).rejects.toBeInstanceOf(ClientDisconnected);
    await expect(reader.read(1)).rejects.toBeInstanceOf(ClientDisconnected);
  });

  test('has one timer for all that it waits for, and none once it is closed', async () => {
    await using pair = await connection();
    const before = await openResources();
    const reader = new SocketReader(pair.near, 1000);
    const waiting = reader.read(1);
    expect((await openResources()).timers).toBe(before.timers + 1);
    await pair.far.send('x');
    await waiting;
    const next = reader.read(1);
    expect((await openResources()).timers).toBe(before.timers + 1);
    await pair.far.send('y');
    await next;
    reader.close();
    expect(await openResources()).toEqual(before);
  });

  test('fails when nothing comes for as long as the timeout', async () => {
    await using pair = await connection();
    const reader = new SocketReader(pair.near, 0.01);
    await expect(reader.read(1)).rejects.toBeInstanceOf(TimeoutError);
    await pair.far.send('late');
    expect(decodeLatin1(await reader.read(4))).toBe('late');
  });
});

describe('SocketWriter', () => {
  test('sends at once, and returns nothing when the system has taken it', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near);
    expect(writer.write(encodeLatin1('one'))).toBeUndefined();
    expect(writer.write(new Uint8Array(0))).toBeUndefined();
    expect(writer.flush()).toBeUndefined();
    await pair.far.waitFor('one');
  });

  test('keeps what is less than its buffer until it is flushed', async () => {
    await using pair = await connection();
    const write = jest.spyOn(pair.near, 'write');
    const writer = new SocketWriter(pair.near, 10);
    expect(writer.write(encodeLatin1('one'))).toBeUndefined();
    expect(writer.write(encodeLatin1('two'))).toBeUndefined();
    expect(write).not.toHaveBeenCalled();
    expect(writer.flush()).toBeUndefined();
    expect(write.mock.calls.map(([block]) => String(block))).toEqual(['onetwo']);
    expect(writer.write(encodeLatin1('0123456789'))).toBeUndefined();
    await pair.far.waitFor('onetwo0123456789');
  });

  test('waits while the system is full, for all that was written', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near);
    pair.far.socket.pause();
    const first = writer.write(new Uint8Array(16 * 1024 * 1024));
    expect(first).toBeInstanceOf(Promise);
    const second = writer.write(encodeLatin1('end'));
    let done = false;
    const all = Promise.all([first, second, writer.flush()]).then(() => (done = true));
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(done).toBe(false);
    pair.far.socket.resume();
    await all;
    await pair.far.waitFor('end');
    expect(pair.far.received).toHaveLength(16 * 1024 * 1024 + 3);
    expect(writer.write(encodeLatin1('more'))).toBeUndefined();
  });

  test('sends long blocks without copying them', async () => {
    await using pair = await connection();
    const write = jest.spyOn(pair.near, 'write');
    const writer = new SocketWriter(pair.near, 1 << 30);
    const long = new Uint8Array(100000);
    await writer.write(encodeLatin1('short'));
    await writer.write(long);
    await writer.flush();
    expect(write.mock.calls.map(([block]) => block)).toEqual(['short', long]);
    expect(write.mock.calls[1]![0]).toBe(long);
  });

  test('fails when the client is gone, and goes on failing', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near);
    pair.far.socket.pause();
    const waiting = Promise.resolve(writer.write(new Uint8Array(16 * 1024 * 1024)));
    const failed = expect(waiting).rejects.toBeInstanceOf(ClientDisconnected);
    pair.far.socket.resetAndDestroy();
    await failed;
    expect(() => writer.write(encodeLatin1('more'))).toThrow('the client closed the connection');
  });

  test('a write that nobody waits for fails without a word', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near);
    pair.far.socket.pause();
    const gone = once(pair.near, 'close').catch(() => {});

    writer.write(new Uint8Array(16 * 1024 * 1024));
    pair.far.socket.resetAndDestroy();
    await gone;
    // An unhandled rejection would fail the test.
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(() => writer.write(encodeLatin1('more'))).toThrow(ClientDisconnected);
  });

  test('leaves no timer behind when it is done in time', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near, 0, 1000);
    pair.far.socket.pause();
    const done = writer.write(new Uint8Array(16 * 1024 * 1024));
    expect(pair.near.timeout).toBe(1_000_000);
    expect(pair.near.listenerCount('timeout')).toBe(1);
    pair.far.socket.resume();
    await done;
    expect(pair.near.timeout).toBe(0);
    expect(pair.near.listenerCount('timeout')).toBe(0);
  });

  test('fails at once when the client has just gone', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near);
    pair.far.socket.resetAndDestroy();
    expect(() => writer.write(encodeLatin1('more'))).toThrow(ClientDisconnected);
  });

  test('fails when the client takes nothing for as long as the timeout', async () => {
    await using pair = await connection();
    const writer = new SocketWriter(pair.near, 0, 0.01);
    pair.far.socket.pause();
    await expect(writer.write(new Uint8Array(16 * 1024 * 1024))).rejects.toBeInstanceOf(
      TimeoutError,
    );
    await expect(writer.write(encodeLatin1('more'))).rejects.toBeInstanceOf(TimeoutError);
  });
});

describe('StreamRequestHandler', () => {
  test.each([true, false])('sets TCP_NODELAY if asked to: %s', async (disableNagleAlgorithm) => {
    const set: unknown[][] = [];
    class Handler extends BaseHTTPRequestHandler {
      override disableNagleAlgorithm = disableNagleAlgorithm;

      override setup() {
        const spy = jest.spyOn(this.request, 'setNoDelay');
        const ready = super.setup();
        set.push(...spy.mock.calls);
        return ready;
      }

      doGET() {
        expect(this.connection).toBe(this.request);
        this.sendResponse(200);
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    expect(await exchange(server, GET)).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    expect(set).toEqual(disableNagleAlgorithm ? [[true]] : []);
  });

  test('sends what wfile keeps when handle() is done, or has failed', async () => {
    class Handler extends StreamRequestHandler {
      override wbufsize = 1000;

      override async handle() {
        await this.wfile.write(encodeLatin1('kept'));
        if ((await this.rfile.readline()).length > 1) throw new Error('broken');
      }
    }
    await using server = await serveHandler(Handler);
    expect(await exchange(server, '\n')).toBe('kept');
    expect(server.log).toBe('');
    expect(await exchange(server, 'fail\n')).toBe('kept');
    expect(server.log).toContain('Error: broken');
  });
});

describe('ServerHandler', () => {
  function makeHandler(environ: object): { handler: ServerHandler; logged: unknown[] } {
    const handler = new ServerHandler(new BytesIO(), new BytesIO(), new StringIO(), environ);
    const logged: unknown[] = [];
    handler.requestHandler = { logRequest: (...args) => void logged.push(args) };
    return { handler, logged };
  }

  test('puts osEnviron under the environ of the request', async () => {
    const { handler, logged } = makeHandler({ REQUEST_METHOD: 'GET', HOME: '/request' });
    handler.osEnviron = { HOME: '/process', LANG: 'C' };
    let seen: WSGIEnvironment | null = null;
    await handler.run((environ, startResponse) => {
      seen = environ;
      return helloApp(environ, startResponse);
    });
    expect(seen).toMatchObject({ HOME: '/request', LANG: 'C' });
    expect(logged).toEqual([['200', 5]]);
  });

  test('logs nothing of a response that has not begun', async () => {
    const { handler, logged } = makeHandler({});
    await handler.close();
    expect(logged).toEqual([]);
  });
});

test('as many names of headers as clients think of are served', async () => {
  using _stderr = captureStandardError();
  await using server = await serve((environ, startResponse) => {
    startResponse('200 OK', []);
    const names = Object.keys(environ).filter((key) => key.startsWith('HTTP_'));
    return [encodeLatin1(names.join(' '))];
  });
  for (let i = 0; i < 1500; i += 100) {
    const names = Array.from({ length: 100 }, (_, j) => `X-${i + j}`);
    const reply = await exchange(
      server,
      `GET / HTTP/1.0\r\n${names.map((name) => `${name}: 1\r\n`).join('')}\r\n`,
    );
    expect(body(reply)).toBe(names.map((name) => `HTTP_${name.replace('-', '_')}`).join(' '));
  }
});

test('logRequest() and logError() without arguments, and a template of their own', async () => {
  class Handler extends BaseHTTPRequestHandler {
    doGET() {
      this.logRequest();
      this.logError('%s is not %d', 'one', 2);
      return this.endHeaders();
    }
  }
  await using server = await serveHandler(Handler);
  await exchange(server, GET);
  expect(server.log).toBe(
    '127.0.0.1 - - [-] "GET / HTTP/1.0" - -\n127.0.0.1 - - [-] one is not 2\n',
  );
});
