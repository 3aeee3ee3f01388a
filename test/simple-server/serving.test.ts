// What BaseServer promises, on real sockets.

import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import {
  BaseHTTPRequestHandler,
  BaseRequestHandler,
  type ClientAddress,
  HTTPServer,
  makeServer,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { exchange, nextTurn, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { serve } from '../support/serve.ts';
import { captureStandardError, withoutTimes } from '../support/standard-error.ts';
import { gate, GET, helloApp } from './apps.ts';

/** Where a server listens that nobody serves yet. */
function addressOf(httpd: HTTPServer): { port: number } {
  return { port: httpd.serverPort };
}

describe('handleRequest()', () => {
  test('serves one connection and no other', async () => {
    using stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const first = exchange(addressOf(httpd), GET);
    await httpd.handleRequest();
    expect(body(await first)).toBe('hello');

    await using second = await RawClient.connect(addressOf(httpd));
    await second.send(GET);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(second.received).toBe('');
    const handled = httpd.handleRequest();
    expect(body(await second.reply())).toBe('hello');
    second.end();
    await handled;
    expect(stderr.text.split('\n')).toHaveLength(3);
  });

  test('serves a client that waits already', async () => {
    using _stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const accepted = once(httpd.socket, 'connection');
    const reply = exchange(addressOf(httpd), GET);
    await accepted;
    httpd.timeout = 0;
    httpd.handleTimeout = () => {
      throw new Error('there is a client');
    };
    await httpd.handleRequest();
    expect(body(await reply)).toBe('hello');
  });

  test('calls handleTimeout() when no client comes within the timeout', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    httpd.timeout = 0.01;
    const handleTimeout = jest.spyOn(httpd, 'handleTimeout');
    const begin = performance.now();
    await httpd.handleRequest();
    expect(performance.now() - begin).toBeGreaterThanOrEqual(9);
    expect(handleTimeout.mock.calls).toEqual([[]]);
  });

  test('waits for what handleTimeout() returns', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    httpd.timeout = 0;
    httpd.handleTimeout = () => Promise.reject(new Error('too late'));
    await expect(httpd.handleRequest()).rejects.toThrow('too late');
  });

  test('twice at a time serves two connections', async () => {
    using _stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const served = Promise.all([httpd.handleRequest(), httpd.handleRequest()]);
    const replies = [exchange(addressOf(httpd), GET), exchange(addressOf(httpd), GET)];
    await served;
    expect((await Promise.all(replies)).map(body)).toEqual(['hello', 'hello']);
  });

  test.each(['shutdown', 'serverClose'] as const)('ends with %s()', async (method) => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    httpd.handleTimeout = () => {
      throw new Error('there is no timeout');
    };
    const handled = httpd.handleRequest();
    await httpd[method]();
    await handled;
  });

  test('on a closed server is refused', async () => {
    const httpd = await makeServer('127.0.0.1', 0, helloApp);
    await httpd.serverClose();
    await expect(httpd.handleRequest()).rejects.toThrow(
      'the server is closed: make a new one to serve again',
    );
  });
});

describe('serveForever()', () => {
  test('ends when the signal fires, and lets go of it', async () => {
    using _stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const stop = new AbortController();
    const serving = httpd.serveForever({ signal: stop.signal });
    expect(body(await exchange(addressOf(httpd), GET))).toBe('hello');
    stop.abort();
    await serving;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    await expect(RawClient.connect(addressOf(httpd))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  test('lets go of a signal that did not fire', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const { signal } = new AbortController();
    const serving = httpd.serveForever({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await httpd.shutdown();
    await serving;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('waits for the requests in flight when the signal fires', async () => {
    const { promise, open } = gate();
    const { promise: inFlight, open: call } = gate();
    using _stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, async (environ, startResponse) => {
      call();
      await promise;
      return helloApp(environ, startResponse);
    });
    const stop = new AbortController();
    let isDone = false;
    const serving = httpd.serveForever({ signal: stop.signal }).then(() => (isDone = true));
    const reply = exchange(addressOf(httpd), GET);
    await inFlight;
    stop.abort();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(isDone).toBe(false);
    open();
    await serving;
    expect(body(await reply)).toBe('hello');
  });

  test('ends at once when the signal has fired before', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    await httpd.serveForever({ signal: AbortSignal.abort() });
    expect(httpd.socket.listening).toBe(false);
  });

  test('DIFFERS(17): ends at once when shutdown() was called before', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    await httpd.shutdown();
    await httpd.serveForever();
    expect(httpd.socket.listening).toBe(false);
  });

  test('DIFFERS(17): shutdown() lets requests in flight finish, and refuses others', async () => {
    const { promise, open } = gate();
    let called!: () => void;
    const inFlight = new Promise<void>((resolve) => (called = resolve));
    await using server = await serve(async (environ, startResponse) => {
      called();
      await promise;
      return helloApp(environ, startResponse);
    });
    const reply = exchange(server, GET);
    await inFlight;
    let isDown = false;
    const down = server.httpd.shutdown().then(() => (isDown = true));
    await expect(RawClient.connect(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isDown).toBe(false);
    open();
    expect(body(await reply)).toBe('hello');
    await Promise.all([down, server.serving]);
  });

  test('DIFFERS(17): shutdown() may be called from within a request', async () => {
    await using server = await serve((environ, startResponse) => {
      void server.httpd.shutdown();
      return helloApp(environ, startResponse);
    });
    expect(body(await exchange(server, GET))).toBe('hello');
    await server.serving;
  });

  test('serves what has been accepted while the server shuts down', async () => {
    const { promise, open } = gate();
    class Busy extends WSGIServer {
      override serviceActions() {
        return promise;
      }
    }
    await using server = await serve(helloApp, { serverClass: Busy });
    const replies = [exchange(server, GET)];
    await once(server.httpd.socket, 'connection');
    replies.push(exchange(server, GET));
    await once(server.httpd.socket, 'connection');
    const down = server.httpd.shutdown();
    open();
    expect((await Promise.all(replies)).map(body)).toEqual(['hello', 'hello']);
    await down;
  });

  test('a connection on which nothing has come does not hold up shutdown()', async () => {
    await using server = await serve(helloApp);
    await using idle = await RawClient.connect(server);
    expect(body(await exchange(server, GET))).toBe('hello');
    await server.httpd.shutdown();
    expect(idle.received).toBe('');
  });

  test('calls serviceActions() after each request and while it waits', async () => {
    const { promise, open } = gate();
    let calls = 0;
    class Serviced extends WSGIServer {
      override serviceActions() {
        if (++calls === 5) open();
      }
    }
    using _stderr = captureStandardError();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Serviced });
    const serving = httpd.serveForever({ pollInterval: 60 });
    await exchange(addressOf(httpd), GET);
    await exchange(addressOf(httpd), GET);
    expect(calls).toBe(2);
    await httpd.shutdown();
    await serving;

    await using waiting = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Serviced });
    const waited = waiting.serveForever({ pollInterval: 0.001 });
    await promise;
    await waiting.shutdown();
    await waited;
  });

  test('fails with serviceActions(), as in Python', async () => {
    class Failing extends WSGIServer {
      override serviceActions() {
        throw new Error('no service');
      }
    }
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Failing });
    await expect(httpd.serveForever({ pollInterval: 0 })).rejects.toThrow('no service');
    await httpd.shutdown();
  });

  test('fails with serviceActions() while shutdown() waits for it', async () => {
    const { promise, open } = gate();
    const { promise: called, open: call } = gate();
    class Failing extends WSGIServer {
      override async serviceActions() {
        call();
        await promise;
        throw new Error('no service');
      }
    }
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Failing });
    const failed = expect(httpd.serveForever({ pollInterval: 0 })).rejects.toThrow('no service');
    await called;
    const down = httpd.shutdown();
    open();
    await Promise.all([failed, down]);
  });

  test('fails with getRequest()', async () => {
    class Failing extends WSGIServer {
      override getRequest(): never {
        throw new Error('no request');
      }
    }
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Failing });
    const failed = expect(httpd.serveForever()).rejects.toThrow('no request');
    await using _client = await RawClient.connect(addressOf(httpd));
    await failed;
  });

  test('DIFFERS(16): serves connections concurrently', async () => {
    const { promise, open } = gate();
    await using server = await serve(async (environ, startResponse) => {
      expect(environ['wsgi.multithread']).toBe(false);
      if (environ.PATH_INFO === '/slow') await promise;
      return helloApp(environ, startResponse);
    });
    const slow = exchange(server, 'GET /slow HTTP/1.0\r\n\r\n');
    await once(server.httpd.socket, 'connection');
    expect(body(await exchange(server, GET))).toBe('hello');
    open();
    expect(body(await slow)).toBe('hello');
    expect(server.log).toBe(
      '127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n' +
        '127.0.0.1 - - [-] "GET /slow HTTP/1.0" 200 5\n',
    );
  });

  test('requests are interleaved only where they await', async () => {
    const events: string[] = [];
    await using server = await serve(async function* (environ, startResponse) {
      const name = environ.PATH_INFO;
      events.push(`${name} called`);
      startResponse('200 OK', []);
      events.push(`${name} begun`);
      await nextTurn();
      events.push(`${name} resumed`);
      yield encodeLatin1(name);
      events.push(`${name} done`);
    });
    const names = Array.from({ length: 10 }, (_, i) => `/${i}`);
    await Promise.all(names.map((name) => exchange(server, `GET ${name} HTTP/1.0\r\n\r\n`)));
    for (const name of names) {
      const at = events.indexOf(`${name} called`);
      expect(events.slice(at, at + 2)).toEqual([`${name} called`, `${name} begun`]);
      expect(events.filter((event) => event.startsWith(`${name} `))).toHaveLength(4);
    }
    const calls = events
      .map((event, i) => (event.endsWith('called') ? i : -1))
      .filter((i) => i >= 0);
    expect(calls.at(-1)).toBeGreaterThan(events.findIndex((event) => event.endsWith('begun')));
    expect(events.findIndex((event) => event.endsWith('done'))).toBeGreaterThan(2);
  });
});

/** Hooks of a server and its handlers, in the order of their calls. */
function recording(): {
  calls: string[];
  Server: typeof WSGIServer;
  Handler: typeof WSGIRequestHandler;
} {
  const calls: string[] = [];
  class Server extends WSGIServer {}
  class Handler extends WSGIRequestHandler {}
  const hooks = [
    [
      Server,
      [
        'serverBind',
        'serverActivate',
        'getRequest',
        'verifyRequest',
        'processRequest',
        'finishRequest',
        'shutdownRequest',
        'closeRequest',
        'handleError',
        'handleTimeout',
        'serverClose',
      ],
    ],
    [Handler, ['setup', 'handle', 'finish']],
  ] as const;
  for (const [{ prototype }, names] of hooks) {
    for (const name of names) {
      const inherited = (prototype as unknown as Record<string, () => unknown>)[name]!;
      Object.defineProperty(prototype, name, {
        value(this: unknown, ...args: []) {
          calls.push(name);
          return inherited.apply(this, args);
        },
      });
    }
  }
  return { calls, Server, Handler };
}

describe('the hooks', () => {
  test('are called in the order that Python calls them in', async () => {
    using _stderr = captureStandardError();
    const { calls, Server, Handler } = recording();
    const httpd = await makeServer('127.0.0.1', 0, helloApp, {
      serverClass: Server,
      handlerClass: Handler,
    });
    const reply = exchange(addressOf(httpd), GET);
    await httpd.handleRequest();
    await reply;
    httpd.timeout = 0;
    await httpd.handleRequest();
    await httpd.serverClose();
    expect(calls).toEqual([
      'serverBind',
      'serverActivate',
      'getRequest',
      'verifyRequest',
      'processRequest',
      'finishRequest',
      'setup',
      'handle',
      'finish',
      'shutdownRequest',
      'closeRequest',
      'handleTimeout',
      'serverClose',
    ]);
  });

  test('when the handler fails: finish() and handleError() before the request is closed', async () => {
    using stderr = captureStandardError();
    const { calls, Server, Handler } = recording();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, {
      serverClass: Server,
      handlerClass: Handler,
    });
    Handler.prototype.getEnviron = () => {
      throw new Error('no environ');
    };
    const reply = exchange(addressOf(httpd), GET);
    await httpd.handleRequest();
    expect(await reply).toBe('');
    expect(calls.slice(2)).toEqual([
      'getRequest',
      'verifyRequest',
      'processRequest',
      'finishRequest',
      'setup',
      'handle',
      'finish',
      'handleError',
      'shutdownRequest',
      'closeRequest',
    ]);
    const lines = stderr.text.split('\n');
    expect(lines[0]).toBe('-'.repeat(40));
    expect(lines[1]).toMatch(
      /^Exception occurred during processing of request from \['127\.0\.0\.1', \d+\]$/,
    );
    expect(lines[2]).toBe('Error: no environ');
    expect(lines[3]).toMatch(/^ {4}at /);
    expect(lines.slice(-2)).toEqual(['-'.repeat(40), '']);
  });

  test('setup() that fails: no finish(), as in Python', async () => {
    using stderr = captureStandardError();
    const { calls, Server, Handler } = recording();
    await using httpd = await makeServer('127.0.0.1', 0, helloApp, {
      serverClass: Server,
      handlerClass: class extends Handler {
        override setup() {
          return Promise.reject(new Error('no setup'));
        }
      },
    });
    const reply = exchange(addressOf(httpd), GET);
    await httpd.handleRequest();
    expect(await reply).toBe('');
    expect(calls.slice(5)).toEqual([
      'finishRequest',
      'handleError',
      'shutdownRequest',
      'closeRequest',
    ]);
    expect(stderr.text).toContain('Error: no setup');
  });

  test('a failing request does not keep the server from the next', async () => {
    await using server = await serve(helloApp, {
      handlerClass: class extends WSGIRequestHandler {
        override getEnviron() {
          if (this.path === '/bad') throw 'a string';
          return super.getEnviron();
        }
      },
    });
    expect(await exchange(server, 'GET /bad HTTP/1.0\r\n\r\n')).toBe('');
    expect(body(await exchange(server, GET))).toBe('hello');
    expect(server.log.replace(/\d{4,5}\]/, 'port]')).toBe(
      `${'-'.repeat(40)}\n` +
        "Exception occurred during processing of request from ['127.0.0.1', port]\n" +
        `Uncaught 'a string'\n${'-'.repeat(40)}\n` +
        '127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n',
    );
  });

  test.each([false, Promise.resolve(false)])(
    'verifyRequest() that is false closes the connection without a word (%#)',
    async (verdict) => {
      using stderr = captureStandardError();
      const { calls, Server, Handler } = recording();
      class Verifying extends Server {
        asked: [Socket, ClientAddress][] = [];

        override verifyRequest(request: Socket, clientAddress: ClientAddress) {
          this.asked.push([request, clientAddress]);
          return verdict;
        }
      }
      await using httpd = await makeServer('127.0.0.1', 0, helloApp, {
        serverClass: Verifying,
        handlerClass: Handler,
      });
      const handled = httpd.handleRequest();
      await using client = await RawClient.connect(addressOf(httpd));
      await client.send(GET);
      expect(await client.reply()).toBe('');
      const local = client.socket.localPort;
      client.end();
      await handled;
      expect(calls.slice(2)).toEqual(['getRequest', 'shutdownRequest', 'closeRequest']);
      expect(httpd.asked).toEqual([[expect.anything(), ['127.0.0.1', local]]]);
      expect(stderr.text).toBe('');
    },
  );

  test('DIFFERS(36): verifyRequest() that fails is reported, and the server goes on', async () => {
    class Verifying extends WSGIServer {
      first = true;

      override verifyRequest() {
        if (!this.first) return true;
        this.first = false;
        throw new Error('cannot tell');
      }
    }
    await using server = await serve(helloApp, { serverClass: Verifying });
    expect(await exchange(server, GET)).toBe('');
    expect(body(await exchange(server, GET))).toBe('hello');
    expect(server.log).toContain('Error: cannot tell\n');
  });

  test('shutdown() does not wait for a connection that was closed at once', async () => {
    class Refusing extends WSGIServer {
      override verifyRequest() {
        return false;
      }

      override shutdownRequest(request: Socket) {
        return this.closeRequest(request);
      }
    }
    await using server = await serve(helloApp, { serverClass: Refusing });
    expect(await exchange(server, GET)).toBe('');
    await server.httpd.shutdown();
  });

  test('handleError() is told who, and what', async () => {
    const { promise, open } = gate();
    const told: unknown[][] = [];
    class Telling extends WSGIServer {
      override handleError(...args: unknown[]) {
        told.push(args);
        open();
      }
    }
    const error = new Error('no environ');
    await using server = await serve(helloApp, {
      serverClass: Telling,
      handlerClass: class extends WSGIRequestHandler {
        override getEnviron(): never {
          throw error;
        }
      },
    });
    await using client = await RawClient.connect(server);
    const { localPort } = client.socket;
    await client.send(GET);
    await promise;
    expect(told).toEqual([[expect.anything(), ['127.0.0.1', localPort], error]]);
    expect(server.log).toBe('');
  });

  test('processRequest() may serve in a way of its own', async () => {
    class Greeting extends WSGIServer {
      override async processRequest(request: Socket) {
        request.write('hi');
        await this.shutdownRequest(request);
      }
    }
    await using server = await serve(helloApp, { serverClass: Greeting });
    expect(await exchange(server, '')).toBe('hi');
  });

  test('DIFFERS(18): a client that resets the connection is not reported', async () => {
    const { Server } = recording();
    const { promise, open } = gate();
    class Told extends Server {
      override closeRequest(request: Socket) {
        super.closeRequest(request);
        open();
      }
    }
    await using server = await serve(helloApp, { serverClass: Told });
    const accepted = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    const [connection] = (await accepted) as [Socket];
    await Promise.all([client.send('GET / HT'), once(connection, 'data')]);
    client.socket.resetAndDestroy();
    await promise;
    expect(server.log).toBe('');
    expect(body(await exchange(server, GET))).toBe('hello');
  });
});

describe('BaseRequestHandler', () => {
  test('DIFFERS(22): the constructor does not serve', () => {
    const calls: string[] = [];
    class Handler extends BaseRequestHandler {
      override setup() {
        calls.push('setup');
      }
    }
    const handler = new Handler('request' as never, ['h', 1], 'server' as never);
    expect(calls).toEqual([]);
    expect(handler).toMatchObject({
      request: 'request',
      clientAddress: ['h', 1],
      server: 'server',
    });
  });

  test('serves without a stream', async () => {
    class Greeting extends BaseRequestHandler {
      override handle() {
        this.request.write('hi');
      }
    }
    const httpd = new HTTPServer(['127.0.0.1', 0], Greeting);
    await httpd.serverBind();
    await using _closed = httpd;
    const reply = exchange({ port: httpd.serverPort }, '');
    await httpd.handleRequest();
    expect(await reply).toBe('hi');
  });

  test('the default does nothing, and the connection is closed', async () => {
    const httpd = new HTTPServer(['127.0.0.1', 0], BaseRequestHandler);
    await httpd.serverBind();
    await using _closed = httpd;
    const reply = exchange({ port: httpd.serverPort }, GET);
    await httpd.handleRequest();
    expect(await reply).toBe('');
  });

  test('serves several requests a connection, if the handler says so', async () => {
    class Lines extends BaseHTTPRequestHandler {
      lines: string[] = [];

      override async handleOneRequest() {
        const line = decodeLatin1(await this.rfile.readline());
        this.closeConnection = line === '';
        await this.wfile.write(encodeLatin1(line.toUpperCase()));
      }
    }
    const httpd = new HTTPServer(['127.0.0.1', 0], Lines);
    await httpd.serverBind();
    await using _closed = httpd;
    const reply = exchange({ port: httpd.serverPort }, 'a\nb\n', { halfClose: true });
    await httpd.handleRequest();
    expect(await reply).toBe('A\nB\n');
  });
});

test('the log of a request has the time in it', async () => {
  using stderr = captureStandardError();
  await using httpd = await makeServer('127.0.0.1', 0, helloApp);
  const before = new Date();
  const reply = exchange(addressOf(httpd), GET);
  await httpd.handleRequest();
  await reply;
  const [, day, month, year, time] = /\[(\d\d)\/(\w{3})\/(\d{4}) (\d\d:\d\d:\d\d)\]/.exec(
    stderr.text,
  )!;
  const logged = new Date(`${day} ${month} ${year} ${time}`).getTime();
  expect(logged).toBeGreaterThanOrEqual(Math.floor(before.getTime() / 1000) * 1000);
  expect(logged).toBeLessThanOrEqual(Date.now());
  expect(withoutTimes(stderr.text)).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
});
