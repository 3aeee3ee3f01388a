// An application in servers of node:http, over sockets.

import { once } from 'node:events';
import { createServer, request as sendRequest, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, get as getHttps } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import { ClientDisconnected } from '@wsgiref/handlers';
import { NodeHandler, toRequestListener } from '@wsgiref/node-http';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';
import { exchange, nextTurn, RawClient } from '../support/raw-client.ts';
import { captureStandardError } from '../support/standard-error.ts';
import { deferred, Listening, Log, Recorder, TLS } from './support.ts';

const PLAIN: [string, string] = ['Content-Type', 'text/plain'];

/** Serves an application over HTTP. */
function serve(
  application: WSGIApplicationLike,
  options: Parameters<typeof toRequestListener>[1] = {},
): Promise<Listening> {
  return Listening.start(createServer(toRequestListener(application, options)));
}

function get(target: string, ...headers: string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: h', 'Connection: close', ...headers, '', ''].join(
    '\r\n',
  );
}

describe('the environ', () => {
  test('has everything that CGI and PEP 3333 ask for', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application);
    await exchange(server, get('/a%20b/%E9?c=%20d', 'X-Name: Zo\xeb', 'Content-Type: a/b'));
    expect(recorder.environ).toEqual({
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: '/a b/\xe9',
      QUERY_STRING: 'c=%20d',
      REQUEST_URI: '/a%20b/%E9?c=%20d',
      CONTENT_TYPE: 'a/b',
      SERVER_NAME: '127.0.0.1',
      SERVER_PORT: String(server.port),
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: `Node.js/${process.versions.node}`,
      GATEWAY_INTERFACE: 'CGI/1.1',
      REMOTE_ADDR: '127.0.0.1',
      HTTP_HOST: 'h',
      HTTP_CONNECTION: 'close',
      HTTP_X_NAME: 'Zo\xeb',
      'wsgi.version': [1, 0],
      'wsgi.url_scheme': 'http',
      'wsgi.input': expect.anything(),
      'wsgi.input_terminated': true,
      'wsgi.errors': expect.anything(),
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
      'wsgi.run_once': false,
      'wsgi.file_wrapper': expect.any(Function),
      'wsgiref.signal': expect.any(AbortSignal),
    });
  });

  test('joins headers of a name, cookies by semicolons, and drops names with underscores', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application);
    const headers = ['Via: a', 'VIA: b', 'Cookie: a=1', 'Cookie: b=2', 'X_Real_Ip: impostor'];
    await exchange(server, get('/', ...headers, 'X-Real-Ip: 192.0.2.1'));
    expect(recorder.environ).toMatchObject({
      HTTP_VIA: 'a,b',
      HTTP_COOKIE: 'a=1; b=2',
      HTTP_X_REAL_IP: '192.0.2.1',
    });
  });

  test.each([
    ['GET', '/plain', { PATH_INFO: '/plain', REQUEST_URI: '/plain' }],
    ['GET', '/a%2Fb', { PATH_INFO: '/a/b', REQUEST_URI: '/a%2Fb' }],
    ['GET', '//evil.example/x', { PATH_INFO: '/evil.example/x' }],
    ['GET', 'http://other.example:81/p?q', { PATH_INFO: '/p', HTTP_HOST: 'other.example:81' }],
    ['GET', 'http://other.example?q', { PATH_INFO: '/', QUERY_STRING: 'q' }],
    ['OPTIONS', '*', { PATH_INFO: '', SCRIPT_NAME: '' }],
  ])('of %s %s', async (method, target, expected) => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application);
    await exchange(server, get(target).replace('GET', method));
    expect(recorder.environ).toMatchObject(expected);
  });

  test('says what the deployer adds, and which processes there are', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application, {
      environ: { 'app.color': 'green', SERVER_NAME: 'www.example' },
      multiprocess: true,
    });
    await exchange(server, get('/'));
    expect(recorder.environ).toMatchObject({
      'app.color': 'green',
      SERVER_NAME: 'www.example',
      'wsgi.multiprocess': true,
    });
  });

  test('has variables under those of the request, of a subclass', async () => {
    class Handler extends NodeHandler {
      override osEnviron = { 'app.color': 'green', REQUEST_METHOD: 'below' };
    }
    const recorder = new Recorder();
    await using server = await serve(recorder.application, { handlerClass: Handler });
    await exchange(server, get('/'));
    expect(recorder.environ).toMatchObject({ 'app.color': 'green', REQUEST_METHOD: 'GET' });
  });

  test('can be told of the request, and of a proxy that has taken the encryption off', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application, {
      environ: ({ headers }) => ({
        'wsgi.url_scheme': headers['x-forwarded-proto'],
        REMOTE_USER: 'zoe',
      }),
    });
    await exchange(server, get('/', 'X-Forwarded-Proto: https'));
    expect(recorder.environ).toMatchObject({ 'wsgi.url_scheme': 'https', REMOTE_USER: 'zoe' });
  });

  test('has the scheme https where the connection is encrypted', async () => {
    const recorder = new Recorder();
    const listener = toRequestListener(recorder.application);
    await using server = await Listening.start(createHttpsServer(TLS, listener));
    const sent = getHttps({ port: server.port, host: '127.0.0.1', ca: TLS.cert, agent: false });
    const [response] = await once(sent, 'response');
    expect(await text(response)).toBe('|/');
    expect(recorder.environ['wsgi.url_scheme']).toBe('https');
  });

  test.each([
    ['::1', '[::1]', '::1'],
    ['::', '127.0.0.1', '::ffff:127.0.0.1'],
  ])('names a server on %s so that a URL can be made of it', async (host, name, remote) => {
    const recorder = new Recorder();
    const listener = toRequestListener(recorder.application);
    await using server = await Listening.start(createServer(listener), host);
    await exchange({ port: server.port, host: host === '::' ? '127.0.0.1' : host }, get('/'));
    expect(recorder.environ).toMatchObject({ SERVER_NAME: name, REMOTE_ADDR: remote });
  });

  test.each(['80', '443'])(
    'names a server on a Unix socket, and no address of the client (%s)',
    async (port) => {
      const recorder = new Recorder();
      const listener = toRequestListener(recorder.application);
      const server = port === '80' ? createServer(listener) : createHttpsServer(TLS, listener);
      const socketPath = join(tmpdir(), `wsgiref-node-http-${process.pid}-${port}`);
      await once(server.listen(socketPath), 'listening');
      const send = port === '80' ? sendRequest : getHttps;
      const sent = send({ socketPath, ca: TLS.cert, agent: false }).end();
      const [response] = await once(sent, 'response');
      await text(response);
      server.close();
      expect(recorder.environ).toMatchObject({ SERVER_NAME: 'localhost', SERVER_PORT: port });
      expect(recorder.environ).not.toHaveProperty('REMOTE_ADDR');
    },
  );

  test('has no path that is none: what something has made of the target is refused', async () => {
    const recorder = new Recorder();
    const listener = toRequestListener(recorder.application);
    await using server = await Listening.start(
      createServer((request, response) => {
        request.url = 'elsewhere';
        void listener(request, response);
      }),
    );
    const reply = await exchange(server, get('/'));
    expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(reply).toMatch(/\r\n\r\nBad request target \('elsewhere'\)$/);
  });

  test('has a mount point that is given, decoded; outside of it is nothing', async () => {
    const recorder = new Recorder();
    const log = new Log();
    await using server = await serve(recorder.application, { scriptName: '/a b', errors: log });
    expect(await exchange(server, get('/a%20b/c'))).toMatch(/\r\n\r\n\/a b\|\/c$/);
    expect(await exchange(server, get('/a%20b'))).toMatch(/\r\n\r\n\/a b\|$/);
    const outside = await exchange(server, get('/a%20bc'));
    expect(outside).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(outside).toMatch(/\r\n\r\nNothing is mounted at '\/a bc'$/);
    expect(recorder.environs).toHaveLength(2);
    expect(log.getvalue()).toBe('');
  });
});

describe('the request body', () => {
  /** Answers with each line as it comes. */
  const echo: WSGIApplicationLike = async function* (environ, startResponse) {
    startResponse('200 OK', [PLAIN]);
    for await (const line of environ['wsgi.input']) yield line;
  };

  test('streams both ways, in chunks', async () => {
    await using server = await serve(echo);
    await using client = await RawClient.connect(server);
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
    await client.send('4\r\none\n\r\n');
    await client.waitFor('\r\n\r\n4\r\none\n\r\n');
    await client.send('4\r\ntwo\n\r\n');
    await client.waitFor('4\r\ntwo\n\r\n');
    await client.send('0\r\n\r\n');
    await client.waitFor('\r\n0\r\n\r\n');
  });

  test('that nobody reads does not hold up the next request of the connection', async () => {
    await using server = await serve(async (environ, startResponse) => {
      const begun = decodeLatin1(await environ['wsgi.input'].read(2));
      startResponse('200 OK', [PLAIN]);
      return [Buffer.from(begun)];
    });
    await using client = await RawClient.connect(server);
    const long = 'x'.repeat(1_000_000);
    await client.send(
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${long.length}\r\n\r\n${long}`,
    );
    await client.send(
      get('/').replace('GET', 'POST').replace('close', 'close\r\nContent-Length: 3') + 'end',
    );
    expect((await client.reply()).match(/\r\n\r\n(.*)/g)).toEqual(
      ['\r\n\r\nxx', '\r\n\r\nen'].map((part) => expect.stringContaining(part)),
    );
  });

  test('that has been read before is not taken for an empty one', async () => {
    const log = new Log();
    const listener = toRequestListener(echo, { errors: log });
    await using server = await Listening.start(
      createServer(async (request, response) => {
        await buffer(request);
        await listener(request, response);
      }),
    );
    const response = await fetch(server.url('/'), { method: 'POST', body: 'gone' });
    expect(response.status).toBe(500);
    expect(log.getvalue()).toContain('the request body has been read already');
  });

  test('that breaks off throws ClientDisconnected into the application', async () => {
    const seen = deferred<unknown>();
    const began = deferred();
    await using server = await serve(
      async (environ) => {
        const input = environ['wsgi.input'];
        await input.read(3);
        began.resolve();
        await Promise.resolve(input.read()).catch(seen.resolve);
        return [];
      },
      { errors: new Log() },
    );
    const client = await RawClient.connect(server);
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc');
    await began.promise;
    await client.close();
    expect(await seen.promise).toBeInstanceOf(ClientDisconnected);
  });
});

describe('the response', () => {
  test('has its headers in their order and case, and a Date of Node', async () => {
    await using server = await serve((_environ, startResponse) => {
      startResponse('299 As You Like', [
        ['x-LOWER', '1'],
        ['Set-Cookie', 'a=1'],
        PLAIN,
        ['set-cookie', 'b=\xe9'],
      ]);
      return [Buffer.from('x')];
    });
    expect((await exchange(server, get('/'))).replace(/Date: .*GMT/, 'Date: -')).toBe(
      'HTTP/1.1 299 As You Like\r\nx-LOWER: 1\r\nSet-Cookie: a=1\r\nContent-Type: text/plain\r\n' +
        'set-cookie: b=\xe9\r\nContent-Length: 1\r\nDate: -\r\nConnection: close\r\n\r\nx',
    );
  });

  test("keeps the application's own Date and Server, once", async () => {
    await using server = await serve((_environ, startResponse) => {
      startResponse('200 OK', [
        ['date', 'Mon, 05 Jun 2006 18:49:54 GMT'],
        ['SERVER', 'own/1'],
      ]);
      return [Buffer.from('x')];
    });
    const reply = await exchange(server, get('/'));
    expect(reply.match(/^(date|server):.*$/gim)).toEqual(
      ['date: Mon, 05 Jun 2006 18:49:54 GMT\r', 'SERVER: own/1\r'].map((line) => line.slice(0, -1)),
    );
  });

  test('is sent block by block, each before the next is computed', async () => {
    const gates = [deferred(), deferred()];
    await using server = await serve(async function* (_environ, startResponse) {
      startResponse('200 OK', [PLAIN]);
      for (const gate of gates) {
        yield Buffer.from('block');
        await gate.promise;
      }
    });
    await using client = await RawClient.connect(server);
    await client.send(get('/'));
    await client.waitFor('\r\n\r\n5\r\nblock\r\n');
    gates[0]!.resolve();
    await client.waitFor('5\r\nblock\r\n5\r\nblock\r\n');
    gates[1]!.resolve();
    expect(await client.reply()).toMatch(/\r\n0\r\n\r\n$/);
  });

  test('is out before a synchronous application computes on', async () => {
    const sent: number[] = [];
    const server = createServer();
    await using listening = await Listening.start(server);
    let response!: ServerResponse;
    const listener = toRequestListener(function* (_environ, startResponse) {
      startResponse('200 OK', [PLAIN]);
      yield Buffer.from('block');
      sent.push(response.socket!.bytesWritten, response.socket!.writableLength);
      yield Buffer.from('block');
    });
    server.on('request', (...args) => {
      [, response] = args;
      void listener(...args);
    });
    await exchange(listening, get('/'));
    expect(sent[0]).toBeGreaterThan(100);
    expect(sent[1]).toBe(0);
  });

  test('of a client that does not read keeps the application waiting', async () => {
    const BLOCK = Buffer.alloc(1_000_000, 'x');
    const BLOCKS = 64;
    let made = 0;
    const server = createServer();
    await using listening = await Listening.start(server);
    const listener = toRequestListener(function* (_environ, startResponse) {
      startResponse('200 OK', [['Content-Length', String(BLOCK.length * BLOCKS)]]);
      for (; made < BLOCKS; made++) yield BLOCK;
    });
    const requested = once(server, 'request');
    const socket = connect(listening.port, '127.0.0.1').pause();
    socket.write(get('/'));
    const [request, response] = await requested;
    const done = listener(request, response);
    while (!response.writableNeedDrain) await nextTurn();
    const before = made;
    for (let i = 0; i < 20; i++) await nextTurn();
    // Some room may have come; but most of it waits.
    expect(made - before).toBeLessThan(8);
    expect(made).toBeLessThan(BLOCKS / 2);
    const reply = await buffer(socket);
    await done;
    expect(reply.length - reply.indexOf('\r\n\r\n') - 4).toBe(BLOCK.length * BLOCKS);
  });

  test('of one block goes out with its head in one piece', async () => {
    const server = createServer();
    await using listening = await Listening.start(server);
    const listener = toRequestListener((_environ, startResponse) => {
      startResponse('200 OK', [PLAIN]);
      return [Buffer.from('block')];
    });
    let ends: unknown[] = [];
    server.on('request', (request, response) => {
      const end = response.end.bind(response);
      response.end = ((...args: [Buffer]) => end(...(ends = args))) as typeof response.end;
      void listener(request, response);
    });
    expect(await exchange(listening, get('/'))).toMatch(/\r\n\r\nblock$/);
    expect(ends).toEqual([Buffer.from('block')]);
  });

  test('of several blocks has them all, long and short, in their order', async () => {
    const blocks = ['a', 'b'.repeat(20_000), 'c', 'd'.repeat(20_000)];
    for (const count of [1, 2, 3, 4]) {
      const sent = blocks.slice(0, count);
      await using server = await serve((_environ, startResponse) => {
        startResponse('200 OK', [['Content-Length', String(sent.join('').length)]]);
        return sent.map((block) => Buffer.from(block));
      });
      expect((await exchange(server, get('/'))).split('\r\n\r\n')[1]).toBe(sent.join(''));
    }
  });

  test('of HTTP/1.1 leaves the connection open for the next', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application);
    await using client = await RawClient.connect(server);
    await client.send('GET /one HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.waitFor('|/one');
    await client.send(get('/two'));
    expect(await client.reply()).toContain('|/two');
  });

  test('with an interim status is refused', async () => {
    const log = new Log();
    await using server = await serve(
      (_environ, startResponse) => {
        startResponse('101 Switching Protocols', []);
        return [];
      },
      { errors: log },
    );
    expect(await exchange(server, get('/'))).toMatch(/^HTTP\/1\.1 500 /);
    expect(log.getvalue()).toContain("'101 Switching Protocols' is no final status");
  });
});

describe('a client that goes away', () => {
  test('aborts wsgiref.signal, and closes the result once', async () => {
    const events: string[] = [];
    const closed = deferred();
    await using server = await serve((environ, startResponse) => {
      const signal = environ['wsgiref.signal']!;
      startResponse('200 OK', [PLAIN]);
      return {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from('first');
          await once(signal, 'abort');
          events.push(String(signal.reason));
          yield Buffer.from('second');
          events.push('asked for more');
        },
        close() {
          events.push('closed');
          closed.resolve();
        },
      };
    });
    const client = await RawClient.connect(server);
    await client.send(get('/'));
    await client.waitFor('first');
    await client.close();
    await closed.promise;
    expect(events).toEqual(['ClientDisconnected: the client closed the connection', 'closed']);
  });

  test('while it does not read ends the application that waits for room', async () => {
    const closed = deferred();
    const server = createServer();
    await using listening = await Listening.start(server);
    const listener = toRequestListener(function* (_environ, startResponse) {
      try {
        startResponse('200 OK', [PLAIN]);
        for (;;) yield Buffer.alloc(1_000_000);
      } finally {
        closed.resolve();
      }
    });
    const requested = once(server, 'request');
    const socket = connect(listening.port, '127.0.0.1').pause();
    socket.write(get('/'));
    const [request, response] = await requested;
    const done = listener(request, response);
    while (!response.writableNeedDrain) await nextTurn();
    socket.resetAndDestroy();
    await Promise.all([closed.promise, done]);
  });

  test('before the application is called shows in the signal', async () => {
    const server = createServer();
    await using listening = await Listening.start(server);
    const requested = once(server, 'request');
    const client = await RawClient.connect(listening);
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n');
    const [request, response] = await requested;
    const gone = once(response, 'close');
    await client.close();
    await gone;
    let aborted: unknown;
    const log = new Log();
    const listener = toRequestListener(
      (environ, startResponse) => {
        aborted = environ['wsgiref.signal']!.aborted;
        startResponse('200 OK', [PLAIN]);
        return [Buffer.from('to nobody')];
      },
      { errors: log },
    );
    await listener(request, response);
    expect([aborted, log.getvalue()]).toEqual([true, '']);
  });

  test('when the response is complete does not abort the signal, though the result is not closed', async () => {
    const server = createServer();
    await using listening = await Listening.start(server);
    const closed = deferred();
    const done = deferred();
    let signal: AbortSignal | undefined;
    const listener = toRequestListener((environ, startResponse) => {
      signal = environ['wsgiref.signal'];
      startResponse('200 OK', [PLAIN]);
      return Object.assign([Buffer.from('x')], { close: () => closed.promise });
    });
    server.on('request', (request, response) => {
      response.on('close', closed.resolve);
      void listener(request, response).then(done.resolve);
    });
    await exchange(listening, get('/'));
    await done.promise;
    expect(signal!.aborted).toBe(false);
  });

  test('does not abort the signal of a request that has been answered', async () => {
    const recorder = new Recorder();
    await using server = await serve(recorder.application);
    await exchange(server, get('/'));
    await nextTurn();
    expect(recorder.environ['wsgiref.signal']!.aborted).toBe(false);
  });
});

describe('an application that fails', () => {
  test('is logged to standard error, and answered with a 500 that does not show it', async () => {
    using stderr = captureStandardError();
    await using server = await serve(() => {
      throw new Error('the password is swordfish');
    });
    const reply = await exchange(server, get('/'));
    expect(reply).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(reply).not.toContain('swordfish');
    expect(stderr.text).toContain('swordfish');
  });

  test('after the first block is cut off, so that the client sees it', async () => {
    const log = new Log();
    await using server = await serve(
      function* (_environ, startResponse) {
        startResponse('200 OK', [PLAIN]);
        yield Buffer.from('so far');
        throw new Error('no further');
      },
      { errors: log },
    );
    const reply = await exchange(server, get('/'));
    expect(reply).toMatch(/\r\n\r\n6\r\nso far\r\n$/);
    expect(log.getvalue()).toContain('no further');
  });

  test('after the first of several blocks that are there already, too', async () => {
    await using server = await serve(
      (_environ, startResponse) => {
        startResponse('200 OK', [PLAIN]);
        return [Buffer.from('so far'), 'no bytes' as never];
      },
      { errors: new Log() },
    );
    expect(await exchange(server, get('/'))).toMatch(/\r\n\r\n6\r\nso far\r\n$/);
  });

  test('when everything has been sent ends the response as it should end', async () => {
    const log = new Log();
    await using server = await serve(
      (_environ, startResponse) => {
        startResponse('200 OK', [['Content-Length', '4']]);
        return [Buffer.from('more than that')];
      },
      { errors: log },
    );
    await using client = await RawClient.connect(server);
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.waitFor('\r\n\r\nmore');
    await client.send(get('/'));
    expect((await client.reply()).match(/\r\n\r\nmore/g)).toHaveLength(2);
    expect(log.getvalue()).toContain('more than the 4 bytes');
  });

  test('after it has answered HEAD leaves the connection as it is', async () => {
    await using server = await serve(
      async (_environ, startResponse) => {
        const write = startResponse('200 OK', [PLAIN]);
        await write(Buffer.from('unwanted'));
        throw new Error('no further');
      },
      { errors: new Log() },
    );
    await using client = await RawClient.connect(server);
    await client.send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.waitFor('\r\n\r\n');
    await client.send(get('/').replace('GET', 'HEAD'));
    expect((await client.reply()).match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(2);
  });

  test('does so alone: an error of the response that others report ends nothing', async () => {
    const recorder = new Recorder();
    const listener = toRequestListener(recorder.application);
    await using server = await Listening.start(
      createServer((request, response) => {
        void listener(request, response);
        response.emit('error', new Error('reported'));
      }),
    );
    expect(await exchange(server, get('/'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('while its error is logged, loses the connection, and is on the console', async () => {
    const shown = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const errors = new Log();
      const full = new Error('the disk is full');
      errors.write = () => {
        throw full;
      };
      await using server = await serve(
        () => {
          throw new Error('not logged');
        },
        { errors },
      );
      await expect(exchange(server, get('/'))).resolves.toBe('');
      expect(shown.mock.calls).toEqual([[full]]);
    } finally {
      shown.mockRestore();
    }
  });
});

describe('the listener', () => {
  test('is made of an application of any form, and of nothing else', () => {
    expect(() => toRequestListener('text' as never)).toThrow(
      'application must be a function, a class or an object with a __call__() method',
    );
  });

  test('is made of a handler, which needs nothing but a request and its response', async () => {
    const recorder = new Recorder();
    await using server = await Listening.start(
      createServer((...exchange) => {
        void new NodeHandler(...exchange).run(recorder.application);
      }),
    );
    expect(await exchange(server, get('/here'))).toMatch(/\r\n\r\n\|\/here$/);
  });

  test('uses a class of handlers that is given', async () => {
    class Handler extends NodeHandler {
      override errorBody = Buffer.from('a page of my own');
    }
    await using server = await serve(
      () => {
        throw new Error('on purpose');
      },
      { handlerClass: Handler, errors: new Log() },
    );
    expect(await exchange(server, get('/'))).toMatch(/\r\n\r\na page of my own$/);
  });

  test('puts the headers of whoever was there before first, and those of a name in their place', async () => {
    const listener = toRequestListener((_environ, startResponse) => {
      startResponse('200 Fine', [
        ['x-powered-BY', 'wsgi'],
        ['Set-Cookie', 'a=1'],
        PLAIN,
        ['Set-Cookie', 'b=2'],
      ]);
      return [];
    });
    await using server = await Listening.start(
      createServer((request, response) => {
        response.setHeader('X-Frame-Options', 'DENY').setHeader('X-Powered-By', 'a framework');
        void listener(request, response);
      }),
    );
    expect((await exchange(server, get('/'))).replace(/Date: .*GMT/, 'Date: -')).toBe(
      'HTTP/1.1 200 Fine\r\nX-Frame-Options: DENY\r\nx-powered-BY: wsgi\r\nSet-Cookie: a=1\r\n' +
        'Set-Cookie: b=2\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nDate: -\r\nConnection: close\r\n\r\n',
    );
  });

  test('serves a client that waits for 100-continue', async () => {
    await using server = await serve(async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', [PLAIN]);
      return [body];
    });
    const sent = sendRequest({
      port: server.port,
      method: 'POST',
      headers: { Expect: '100-continue', 'Content-Length': 4 },
      agent: false,
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end('here');
    const [response] = await once(sent, 'response');
    expect(await text(response)).toBe('here');
  });
});
