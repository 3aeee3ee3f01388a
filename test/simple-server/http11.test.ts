// HTTP/1.1: `protocolVersion = 'HTTP/1.1'`, over real sockets.

import { describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { BaseHTTPRequestHandler, WSGIRequestHandler } from '@wsgiref/simple-server';
import { ClientDisconnected } from '@wsgiref/handlers';
import type { InputStream, WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { byteByByte, exchange, RawClient } from '../support/raw-client.ts';
import { serve, serveHandler } from '../support/serve.ts';

class Handler extends WSGIRequestHandler {
  override protocolVersion = 'HTTP/1.1';
}

const options = { handlerClass: Handler };

const TEXT: [string, string][] = [['Content-Type', 'text/plain']];

/** Answers with method and path; with what was sent, if there is a body to read. */
const echo = async (
  environ: WSGIEnvironment,
  startResponse: (status: string, headers: [string, string][]) => unknown,
): Promise<Uint8Array[]> => {
  const sent = decodeLatin1(await environ['wsgi.input'].read());
  startResponse('200 OK', [...TEXT]);
  return [encodeLatin1(`${environ.REQUEST_METHOD} ${environ.PATH_INFO} ${sent}`)];
};

/** Yields its blocks one by one. */
const blocks = (...texts: string[]) =>
  function* (
    _environ: WSGIEnvironment,
    startResponse: (s: string, h: [string, string][]) => unknown,
  ) {
    startResponse('200 OK', [...TEXT]);
    for (const text of texts) yield encodeLatin1(text);
  };

const get = (path: string, ...lines: string[]): string =>
  ['GET ' + path + ' HTTP/1.1', 'Host: h', ...lines, '', ''].join('\r\n');

/** A reply without the headers that are always the same. */
function plain(reply: string): string {
  return reply.replaceAll(/(?:Date|Server|Content-Type): .*\r\n/g, '').replaceAll('\r\n', '\n');
}

describe('a connection', () => {
  test('DIFFERS(56): serves one request after the other', async () => {
    await using server = await serve(echo, options);
    await using client = await RawClient.connect(server);
    await client.send(get('/1'));
    await client.waitFor('GET /1 ');
    await client.send(get('/2', 'Connection: close'));
    expect(plain(await client.reply())).toBe(
      'HTTP/1.1 200 OK\nContent-Length: 7\n\nGET /1 ' +
        'HTTP/1.1 200 OK\nContent-Length: 7\nConnection: close\n\nGET /2 ',
    );
    expect(server.log.trim().split('\n')).toHaveLength(2);
  });

  test.each([1, 2, 3, 16, 200])('answers %i pipelined requests in their order', async (count) => {
    await using server = await serve(echo, options);
    const requests = Array.from({ length: count }, (_, i) => get(`/${i}`)).join('');
    const reply = await exchange(server, requests + get('/end', 'Connection: close'));
    const answers = reply.match(/GET \/\w+/g)!;
    expect(answers).toEqual([...Array.from({ length: count }, (_, i) => `GET /${i}`), 'GET /end']);
  });

  test('does not keep the first of two pipelined answers back until the second is there', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    await using server = await serve(async (environ, startResponse) => {
      if (environ.PATH_INFO === '/slow') await released;
      startResponse('200 OK', [...TEXT]);
      return [encodeLatin1(environ.PATH_INFO)];
    }, options);
    await using client = await RawClient.connect(server);
    await client.send(get('/fast') + get('/slow', 'Connection: close'));
    await client.waitFor('/fast');
    expect(client.received).not.toContain('/slow');
    release();
    expect(await client.reply()).toContain('/slow');
  });

  test('goes on for a client of HTTP/1.0 that asks for it, and says so', async () => {
    await using server = await serve(echo, options);
    const ask = 'GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n';
    const reply = await exchange(server, ask + 'GET /2 HTTP/1.0\r\n\r\n');
    expect(plain(reply)).toBe(
      'HTTP/1.1 200 OK\nContent-Length: 7\nConnection: keep-alive\n\nGET /1 ' +
        'HTTP/1.1 200 OK\nContent-Length: 7\nConnection: close\n\nGET /2 ',
    );
  });

  test.each(['close', 'Close', 'keep-alive, close', 'x,close ,y'])(
    'is closed if the client says Connection: %s',
    async (value) => {
      await using server = await serve(echo, options);
      const reply = await exchange(server, get('/', `Connection: ${value}`) + get('/never'));
      expect(reply).toContain('Connection: close');
      expect(reply).not.toContain('/never');
    },
  );

  test('is closed after an error in a head, and nothing behind it is read', async () => {
    await using server = await serve(echo, options);
    const reply = await exchange(server, 'GET / HTTP/1.1\r\nHost : h\r\n\r\n' + get('/never'));
    expect(reply).toMatch(/^HTTP\/1\.1 400 Bad header name \('Host '\)\r\n/);
    expect(reply).toContain('Connection: close');
    expect(reply).not.toContain('/never');
  });

  test('DIFFERS(59): takes a blank line before a request for none', async () => {
    await using server = await serve(echo, options);
    const reply = await exchange(
      server,
      '\r\n' + get('/1') + '\r\n' + get('/2', 'Connection: close'),
    );
    expect(reply.match(/GET \/\d/g)).toEqual(['GET /1', 'GET /2']);
  });

  test.each(['\r\n\r\n', '\n\n', '  \r\n', '\xa0\n'])(
    'DIFFERS(59): is closed with a 400 after %j',
    async (blank) => {
      await using server = await serve(echo, options);
      const reply = await exchange(server, get('/1') + blank + get('/never'));
      expect(reply).toMatch(/GET \/1 HTTP\/1\.1 400 Bad request/);
      expect(reply).not.toContain('/never');
    },
  );

  test('that idles is closed without a word', async () => {
    class Brief extends Handler {
      override keepAliveTimeout = 0.05;
    }
    await using server = await serve(echo, { handlerClass: Brief });
    const reply = await exchange(server, get('/1'));
    expect(plain(reply)).toBe('HTTP/1.1 200 OK\nContent-Length: 7\n\nGET /1 ');
    expect(server.log.trim().split('\n')).toHaveLength(1);
  });

  test.each(['HTTP/1.1', 'HTTP/0.9'])(
    'DIFFERS(56): that stops in the middle of a head gets a 408: %s',
    async (version) => {
      class Brief extends Handler {
        override headTimeout = 0.05;
      }
      await using server = await serve(echo, { handlerClass: Brief });
      const reply = await exchange(server, `GET / ${version}\r\nHost:`);
      expect(reply).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
      expect(reply).toContain('Connection: close');
    },
  );

  test('that says nothing at all is closed without a word', async () => {
    class Brief extends Handler {
      override headTimeout = 0.05;
    }
    await using server = await serve(echo, { handlerClass: Brief });
    expect(await exchange(server, '')).toBe('');
    expect(server.log).toBe('');
  });
});

describe('the body of a request', () => {
  const post = (body: string, ...lines: string[]): string =>
    ['POST /p HTTP/1.1', 'Host: h', ...lines, '', body].join('\r\n');

  test.each(['whole', 'byte by byte'])('in chunks is decoded, sent %s', async (how) => {
    const seen: [unknown, unknown][] = [];
    await using server = await serve((environ, startResponse) => {
      seen.push([environ.CONTENT_LENGTH, environ['wsgi.input_terminated']]);
      return echo(environ, startResponse);
    }, options);
    const chunks = '3;a=b\r\nabc\r\nA ; x\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n';
    const request = post(chunks, 'Transfer-Encoding: Chunked') + get('/next', 'Connection: close');
    const split = how === 'whole' ? {} : { split: byteByByte };
    const reply = await exchange(server, request, split);
    expect(reply).toContain('POST /p abc0123456789HTTP/1.1 200');
    expect(reply).toContain('GET /next ');
    expect(seen).toEqual([
      [undefined, true],
      ['', undefined],
    ]);
  });

  test.each([
    ['a size that is no number', 'x\r\n'],
    ['an empty size', '\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size in another notation', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a size that is too large', 'fffffffffffff\r\n'],
    ['a line feed alone after the size', '3\nabc\r\n0\r\n\r\n'],
    ['a line feed alone after the data', '3\r\nabc\n0\r\n\r\n'],
    ['more data than the size says', '3\r\nabcd\r\n0\r\n\r\n'],
    ['an extension with a control character', '3;a\x00\r\nabc\r\n0\r\n\r\n'],
    ['a carriage return in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
    ['a line that does not end', `3;${'a'.repeat(5000)}`],
    ['a malformed trailer', '0\r\nno colon\r\n\r\n'],
    ['too many trailers', `0\r\n${'A: b\r\n'.repeat(101)}\r\n`],
  ])('in chunks with %s is a 400', async (_what, body) => {
    await using server = await serve(echo, options);
    const reply = await exchange(server, post(body, 'Transfer-Encoding: chunked') + get('/never'));
    expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(reply).toContain('Connection: close');
    expect(reply).not.toContain('/never');
  });

  test.each([
    [400, 'Bad Transfer-Encoding', ['Transfer-Encoding: gzip']],
    [400, 'Bad Transfer-Encoding', ['Transfer-Encoding: chunked, gzip']],
    [400, 'Bad Transfer-Encoding', ['Transfer-Encoding: chunked, chunked']],
    [400, 'Bad Transfer-Encoding', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    [400, 'Both Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 3']],
    [501, 'Unsupported transfer coding', ['Transfer-Encoding: gzip, chunked']],
  ])('is refused with a %i: %s', async (code, message, lines) => {
    await using server = await serve(echo, options);
    const reply = await exchange(server, post('3\r\nabc\r\n0\r\n\r\n', ...lines));
    expect(reply.split('\r\n')[0]).toContain(`HTTP/1.1 ${code} ${message}`);
  });

  const ignore = (
    _environ: unknown,
    startResponse: (s: string, h: [string, string][]) => unknown,
  ) => {
    startResponse('200 OK', [...TEXT]);
    return [encodeLatin1('ignored')];
  };

  test.each([
    ['a length', post('x'.repeat(1000), 'Content-Length: 1000')],
    ['chunks', post('3\r\nabc\r\n0\r\n\r\n', 'Transfer-Encoding: chunked')],
  ])('with %s that nobody read is no request', async (_what, request) => {
    await using server = await serve(ignore, options);
    const reply = await exchange(server, request + get('/', 'Connection: close'));
    expect(reply.match(/ignored/g)).toHaveLength(2);
  });

  test.each([
    ['a length', post('', 'Content-Length: 10000000')],
    ['chunks', post(`186A0\r\n${'x'.repeat(100_000)}\r\n`.repeat(3), 'Transfer-Encoding: chunked')],
  ])('with %s that nobody read and is too long ends the connection', async (_what, request) => {
    await using server = await serve(ignore, options);
    const reply = await exchange(server, request);
    expect(reply.match(/ignored/g)).toHaveLength(1);
  });

  test('DIFFERS(54): that a doPOST() has not read is no request', async () => {
    class Deaf extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1';
      async doPOST(): Promise<void> {
        this.sendResponse(204);
        await this.endHeaders();
      }
      async doGET(): Promise<void> {
        this.sendResponse(204);
        this.sendHeader('Connection', 'close');
        await this.endHeaders();
      }
    }
    await using server = await serveHandler(Deaf);
    const reply = await exchange(
      server,
      post('GET /evil HTTP/1.1\r\n\r\n', 'Content-Length: 22') + get('/'),
    );
    expect(reply.match(/204 No Content/g)).toHaveLength(2);
    expect(server.log).not.toContain('evil');
  });

  test('in chunks is a 501 for BaseHTTPRequestHandler, which hands out no body', async () => {
    class Plain extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1';
    }
    await using server = await serveHandler(Plain);
    expect(await exchange(server, post('0\r\n\r\n', 'Transfer-Encoding: chunked'))).toContain(
      'HTTP/1.1 501 ',
    );
  });

  test.each([
    ['Content-Length: 11', ''],
    ['Transfer-Encoding: chunked', 'b\r\n01234567890\r\n0\r\n\r\n'],
  ])('that is too long is a 413: %s', async (line, body) => {
    class Small extends Handler {
      override maxBodySize = 10;
    }
    await using server = await serve(echo, { handlerClass: Small });
    const reply = await exchange(server, post(body, line));
    expect(reply).toMatch(/^HTTP\/1\.1 413 Content Too Large\r\n/);
    expect(reply).toContain('Connection: close');
  });

  test('that stops gets a 408', async () => {
    class Brief extends Handler {
      override bodyTimeout = 0.05;
    }
    await using server = await serve(echo, { handlerClass: Brief });
    const reply = await exchange(server, post('abc', 'Content-Length: 10'));
    expect(reply).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(server.log).not.toContain('Error');
  });

  test('DIFFERS(58): is called for by the first read, and not before', async () => {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let go!: () => void;
    const gone = new Promise<void>((resolve) => (go = resolve));
    await using server = await serve(async (environ, startResponse) => {
      begin();
      await gone;
      return echo(environ, startResponse);
    }, options);
    await using client = await RawClient.connect(server);
    await client.send(post('', 'Content-Length: 3', 'Expect: 100-Continue'));
    await begun;
    expect(client.received).toBe('');
    go();
    await client.waitFor('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('abc' + get('/', 'Connection: close'));
    expect(await client.reply()).toContain('POST /p abcHTTP/1.1 200 OK');
  });

  test('that was not called for ends the connection', async () => {
    await using server = await serve(ignore, options);
    const reply = await exchange(server, post('', 'Content-Length: 3', 'Expect: 100-continue'));
    expect(plain(reply)).toBe('HTTP/1.1 200 OK\nContent-Length: 7\nConnection: close\n\nignored');
  });
});

describe('a response', () => {
  test('of unknown length goes out in chunks, and the connection goes on', async () => {
    await using server = await serve(blocks('one', '', 'eleven char'), options);
    const reply = await exchange(server, get('/') + get('/', 'Connection: close'));
    const chunks = '3\none\nb\neleven char\n0\n\n';
    expect(plain(reply)).toBe(
      `HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n${chunks}` +
        `HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close\n\n${chunks}`,
    );
  });

  test('of unknown length ends with the connection for a client of HTTP/1.0', async () => {
    await using server = await serve(blocks('one', 'two'), options);
    const reply = await exchange(server, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(plain(reply)).toBe('HTTP/1.1 200 OK\nConnection: close\n\nonetwo');
  });

  test('to HEAD has no body, and the connection goes on', async () => {
    await using server = await serve(blocks('one', 'two'), options);
    const head = 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n';
    const reply = await exchange(server, head + get('/', 'Connection: close'));
    expect(plain(reply)).toMatch(
      /^HTTP\/1\.1 200 OK\n\nHTTP\/1\.1 200 OK\nTransfer-Encoding: chunked\n/,
    );
  });

  test.each(['204 No Content', '304 Not Modified'])('with %s has no frame', async (status) => {
    await using server = await serve((_environ, startResponse) => {
      startResponse(status, []);
      return [];
    }, options);
    const reply = await exchange(server, get('/') + get('/', 'Connection: close'));
    expect(plain(reply)).toBe(`HTTP/1.1 ${status}\n\nHTTP/1.1 ${status}\nConnection: close\n\n`);
  });

  test('that fails after its head is cut off, so that the client can tell', async () => {
    await using server = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', [...TEXT]);
      yield encodeLatin1('one');
      throw new Error('no');
    }, options);
    const reply = await exchange(server, get('/') + get('/never'));
    expect(plain(reply)).toBe('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\none\n');
    expect(server.log).toContain('Error: no');
  });

  test('that fails before its head is a 500, and the connection goes on', async () => {
    await using server = await serve((environ) => {
      throw new Error(`no ${environ.PATH_INFO}`);
    }, options);
    const reply = await exchange(server, get('/1') + get('/2', 'Connection: close'));
    expect(reply.match(/HTTP\/1\.1 500 Internal Server Error/g)).toHaveLength(2);
  });

  test('that is shorter than its Content-Length ends the connection', async () => {
    await using server = await serve((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '10']]);
      return [encodeLatin1('short')];
    }, options);
    const reply = await exchange(server, get('/') + get('/never'));
    expect(plain(reply)).toBe('HTTP/1.1 200 OK\nContent-Length: 10\n\nshort');
  });

  test('of HTTP/0.9 has no head', async () => {
    await using server = await serve(blocks('one', 'two'), options);
    expect(await exchange(server, 'GET /\r\n')).toBe('onetwo');
  });
});

describe('environ["wsgiref.signal"]', () => {
  test('DIFFERS(57): fires when the client goes away, and says why', async () => {
    let entered!: (signal: AbortSignal) => void;
    const signalled = new Promise<AbortSignal>((resolve) => (entered = resolve));
    let closed!: () => void;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    await using server = await serve(async function* (environ, startResponse) {
      const signal = environ['wsgiref.signal']!;
      entered(signal);
      startResponse('200 OK', [...TEXT]);
      try {
        yield encodeLatin1('one');
        await once(signal, 'abort');
        signal.throwIfAborted();
      } finally {
        closed();
      }
    }, options);
    const client = await RawClient.connect(server);
    await client.send(get('/'));
    const signal = await signalled;
    expect(signal.aborted).toBe(false);
    await client.waitFor('one');
    await client.close();
    await closing;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(ClientDisconnected);
    await server.httpd.shutdown();
    expect(server.log).not.toContain('Error');
  });

  test('is one for each request, and does not fire when the response is over', async () => {
    const signals: AbortSignal[] = [];
    await using server = await serve((environ, startResponse) => {
      const signal = environ['wsgiref.signal']!;
      expect(environ['wsgiref.signal']).toBe(signal);
      expect({ ...environ }['wsgiref.signal']).toBe(signal);
      signals.push(signal);
      startResponse('200 OK', [...TEXT]);
      return [];
    }, options);
    await exchange(server, get('/') + get('/') + get('/', 'Connection: close'));
    expect(new Set(signals).size).toBe(3);
    expect(signals.some((signal) => signal.aborted)).toBe(false);
  });

  test('is made only for an application that asks for it', async () => {
    const make = jest.spyOn(globalThis, 'AbortController');
    await using server = await serve((environ, startResponse) => {
      expect(Object.keys(environ)).toContain('wsgiref.signal');
      startResponse('200 OK', [...TEXT]);
      return [];
    }, options);
    await exchange(server, get('/') + get('/', 'Connection: close'));
    expect(make).not.toHaveBeenCalled();
    make.mockRestore();
  });

  test('has fired already for an application that asks for it when its client has gone', async () => {
    let asked!: (signal: AbortSignal) => void;
    const signal = new Promise<AbortSignal>((resolve) => (asked = resolve));
    await using server = await serve(async (environ, startResponse) => {
      try {
        await environ['wsgi.input'].read();
      } catch {
        // The client is gone.
      }
      asked(environ['wsgiref.signal']!);
      startResponse('200 OK', [...TEXT]);
      return [];
    }, options);
    await using client = await RawClient.connect(server);
    await client.send(get('/', 'Content-Length: 5'));
    await client.close();
    expect((await signal).aborted).toBe(true);
    expect((await signal).reason).toBeInstanceOf(ClientDisconnected);
  });
});

describe('shutdown()', () => {
  test('closes idle connections at once, and lets a request in flight finish and say so', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    await using server = await serve(async (environ, startResponse) => {
      if (environ.PATH_INFO === '/slow') await released;
      startResponse('200 OK', [...TEXT]);
      return [encodeLatin1(environ.PATH_INFO)];
    }, options);
    await using idle = await RawClient.connect(server);
    await idle.send(get('/fast'));
    await idle.waitFor('/fast');
    await using busy = await RawClient.connect(server);
    await busy.send(get('/slow'));
    await using other = await RawClient.connect(server);
    await other.send(get('/fast'));
    await other.waitFor('/fast');
    const stopped = server.httpd.shutdown();
    await idle.reply();
    release();
    expect(await busy.reply()).toMatch(/Connection: close\r\n\r\n\/slow$/);
    await stopped;
  });

  test('gives up requests that take longer than shutdownTimeout', async () => {
    await using server = await serve(() => new Promise<never>(() => {}), options);
    server.httpd.shutdownTimeout = 0.05;
    await using client = await RawClient.connect(server);
    await client.send(get('/'));
    const stopped = server.httpd.shutdown();
    expect(await client.reply()).toBe('');
    await stopped;
  });
});

test('one connection too many gets a 503', async () => {
  await using server = await serve(echo, options);
  server.httpd.maxConnections = 1;
  await using first = await RawClient.connect(server);
  await first.send(get('/1'));
  await first.waitFor('GET /1');
  await using second = await RawClient.connect(server);
  expect(await second.reply()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
  await first.send(get('/2', 'Connection: close'));
  expect(await first.reply()).toContain('GET /2');
});

test('DIFFERS(55): a head that is too long as a whole is a 431', async () => {
  await using server = await serve(echo, options);
  const lines = Array.from({ length: 5 }, (_, i) => `X-${i}: ${'x'.repeat(60_000)}`);
  const reply = await exchange(server, get('/', ...lines));
  expect(reply).toMatch(/^HTTP\/1\.1 431 Request head too large\r\n/);
});

test('a body goes up and down without being kept', async () => {
  const size = 20_000_000;
  await using server = await serve(async (environ, startResponse) => {
    let read = 0;
    const input: InputStream = environ['wsgi.input'];
    for (let block; (block = await input.read(65536)).length > 0;) read += block.length;
    startResponse('200 OK', [['X-Read', String(read)]]);
    return (function* () {
      for (let i = 0; i < 20; i++) yield new Uint8Array(1_000_000).fill(65);
    })();
  }, options);
  await using client = await RawClient.connect(server);
  await client.send(
    `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
  );
  await client.send(new Uint8Array(size));
  const reply = await client.reply();
  expect(reply).toContain(`X-Read: ${size}`);
  expect(reply.match(/A{1000000}/g)).toHaveLength(20);
});
