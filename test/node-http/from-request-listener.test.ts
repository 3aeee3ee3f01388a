// Node listeners behind a WSGI server, and behind handlers in memory.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import express from 'express';
import { ClientDisconnected, SimpleHandler } from '@wsgiref/handlers';
import { fromRequestListener, type NodeListener, toRequestListener } from '@wsgiref/node-http';
import type { InputStream, WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { exchange, nextTurn, RawClient } from '../support/raw-client.ts';
import { serve } from '../support/serve.ts';
import { deferred } from './support.ts';

/** What becomes of a request. */
interface Outcome {
  output: string;
  errors: string;
}

/** Has a listener answer a request in memory. */
async function run(
  listener: NodeListener,
  variables: Partial<WSGIEnvironment> = {},
  input: InputStream = new BytesIO(),
): Promise<Outcome> {
  const stdout = new BytesIO();
  const stderr = new StringIO();
  const environ: Partial<WSGIEnvironment> = { ...variables };
  setupTestingDefaults(environ);
  environ.QUERY_STRING ??= '';
  const app = validator(fromRequestListener(listener));
  await new SimpleHandler(input, stdout, stderr, environ).run(app);
  return { output: decodeLatin1(stdout.getvalue()), errors: stderr.getvalue() };
}

/** What a listener sees of a request. */
async function see<T>(
  variables: Partial<WSGIEnvironment>,
  look: (request: IncomingMessage & { baseUrl: string; originalUrl: string }) => T,
  input = '',
): Promise<Awaited<T>> {
  let seen!: Awaited<T>;
  const { errors } = await run(
    async (request, response) => {
      seen = await look(request as never);
      response.setHeader('Content-Type', 'text/plain').end();
    },
    variables,
    new BytesIO(encodeLatin1(input)),
  );
  expect(errors).toBe('');
  return seen;
}

describe('the request', () => {
  test('has the method, the path under the mount point, and all of it as originalUrl', async () => {
    const environ = {
      REQUEST_METHOD: 'DELETE',
      SCRIPT_NAME: '/cgi bin',
      PATH_INFO: '/caf\xc3\xa9/x?',
      QUERY_STRING: 'a=%20&b= \xe9',
    };
    expect(
      await see(environ, ({ method, url, baseUrl, originalUrl }) => [
        method,
        url,
        baseUrl,
        originalUrl,
      ]),
    ).toEqual([
      'DELETE',
      '/caf%C3%A9/x%3F?a=%20&b=%20%E9',
      '/cgi%20bin',
      '/cgi%20bin/caf%C3%A9/x%3F?a=%20&b=%20%E9',
    ]);
  });

  test.each([
    [
      { SCRIPT_NAME: '/a', PATH_INFO: '/b/c', REQUEST_URI: '/a/b%2Fc?q', QUERY_STRING: 'q' },
      '/b%2Fc?q',
      '/a/b%2Fc?q',
    ],
    [{ SCRIPT_NAME: '/a', PATH_INFO: '/new', REQUEST_URI: '/a/old' }, '/new', '/a/new'],
    [
      { SCRIPT_NAME: '', PATH_INFO: '/b', REQUEST_URI: '/b?q', QUERY_STRING: 'other' },
      '/b?other',
      '/b?other',
    ],
    [{ SCRIPT_NAME: '/a', PATH_INFO: '' }, '/', '/a'],
    [{ SCRIPT_NAME: '', PATH_INFO: '' }, '/', '/'],
    [{ SCRIPT_NAME: '/a' }, '/', '/a'],
    [{ PATH_INFO: '/b' }, '/b', '/b'],
    [{ SCRIPT_NAME: '', PATH_INFO: '', REQUEST_METHOD: 'OPTIONS' }, '*', '*'],
  ])('of %j goes to %s', async (environ, url, originalUrl) => {
    expect(await see(environ, (request) => [request.url, request.originalUrl])).toEqual([
      url,
      originalUrl,
    ]);
  });

  test('has its headers, but for those of the connection before', async () => {
    const environ = {
      HTTP_HOST: 'www.example',
      HTTP_X_REQUEST_ID: 'Zo\xeb',
      HTTP_CONNECTION: 'upgrade',
      HTTP_UPGRADE: 'websocket',
      HTTP_EXPECT: '100-continue',
      CONTENT_TYPE: 'a/b',
      CONTENT_LENGTH: '0',
    };
    expect(await see(environ, ({ rawHeaders }) => rawHeaders)).toEqual([
      ...['Host', 'www.example', 'X-Request-Id', 'Zo\xeb'],
      ...['Content-Type', 'a/b', 'Content-Length', '0', 'Connection', 'close'],
    ]);
  });

  test('has a Host where the client has given none', async () => {
    const handler = fromRequestListener((request, response) => response.end(request.headers.host));
    const stdout = new BytesIO();
    const environ = {
      ...{ REQUEST_METHOD: 'GET', SCRIPT_NAME: '', PATH_INFO: '/', SERVER_PROTOCOL: 'HTTP/1.0' },
      ...{ SERVER_NAME: 'here', SERVER_PORT: '81' },
    };
    await new SimpleHandler(new BytesIO(), stdout, new StringIO(), environ).run(handler);
    expect(decodeLatin1(stdout.getvalue())).toMatch(/\r\n\r\nhere:81$/);
  });

  test('has a socket that knows its ends, and bears what one does with it', async () => {
    const environ = {
      REMOTE_ADDR: '192.0.2.1',
      REMOTE_PORT: '4711',
      SERVER_ADDR: '192.0.2.2',
      SERVER_PORT: '443',
      HTTPS: 'on',
    };
    const socket = await see(environ, ({ socket }) => {
      expect(socket.setNoDelay().setKeepAlive().setTimeout(1000)).toBe(socket);
      return socket;
    });
    expect(socket).toMatchObject({
      remoteAddress: '192.0.2.1',
      remotePort: 4711,
      localAddress: '192.0.2.2',
      localPort: 443,
      encrypted: true,
    });
    expect(await see({}, ({ socket }) => socket.remoteAddress)).toBe(undefined);
  });

  test('has its body, of a length that is known', async () => {
    const environ = { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '6' };
    expect(await see(environ, text, 'a body, and no more')).toBe('a body');
  });

  test.each([
    ['POST', {}, 'chunked'],
    ['GET', {}, 'chunked'],
    ['GET', { HTTP_TRANSFER_ENCODING: 'chunked' }, 'chunked'],
  ])('of %s %j has its body where the server tells the end', async (method, more, coding) => {
    const environ = { REQUEST_METHOD: method, 'wsgi.input_terminated': true, ...more };
    const seen = await see(
      environ,
      async (request) => [await text(request), request.headers['transfer-encoding']],
      'a body',
    );
    expect(seen).toEqual(['a body', coding]);
  });

  test.each([
    ['GET', { 'wsgi.input_terminated': true }],
    ['GET', {}],
    ['POST', {}],
  ])('of %s %j has no body where there is none', async (REQUEST_METHOD, more) => {
    const seen = await see({ REQUEST_METHOD, ...more }, async (request) => [
      await text(request),
      request.headers['transfer-encoding'],
    ]);
    expect(seen).toEqual(['', undefined]);
  });

  test.each([
    [{ REQUEST_METHOD: 'CONNECT' }, '501 Not Implemented'],
    [{ REQUEST_METHOD: 'NO METHOD' }, '400 Bad Request'],
    [{ REQUEST_METHOD: 'BREW' }, '400 Bad Request'],
    [{ HTTP_X_BAD: 'a\x7fb' }, '400 Bad Request'],
  ])('of %j is answered with %s', async (environ, status) => {
    const app = fromRequestListener((_request, response) => response.end('unreached'));
    const stdout = new BytesIO();
    setupTestingDefaults(environ);
    await new SimpleHandler(new BytesIO(), stdout, new StringIO(), environ).run(app);
    expect(decodeLatin1(stdout.getvalue())).toMatch(`HTTP/1.0 ${status}\r\n`);
    expect(decodeLatin1(stdout.getvalue())).not.toContain('unreached');
  });
});

describe('the response', () => {
  test('has its status, its headers as they are, and its body', async () => {
    const { output } = await run((_request, response) => {
      response.writeHead(299, 'As You Like', [
        ...['x-LOWER', '1', 'Set-Cookie', 'a=1', 'Content-Type', 'text/plain'],
        ...['Set-Cookie', 'b=\xe9', 'Keep-Alive', 'timeout=5', 'Trailer', 'X-Sum', 'Date', 'now'],
      ]);
      response.write('one ');
      response.end('two');
    });
    expect(output).toBe(
      'HTTP/1.0 299 As You Like\r\nx-LOWER: 1\r\nSet-Cookie: a=1\r\nContent-Type: text/plain\r\n' +
        'Set-Cookie: b=\xe9\r\nDate: now\r\n\r\none two',
    );
  });

  test('has a phrase where the listener gives none', async () => {
    const status = async (code: number): Promise<string> => {
      const { output } = await run((_request, response) => {
        response.writeHead(code, '', { 'Content-Type': 'text/plain' }).end();
      });
      return output.slice(0, output.indexOf('\r\n'));
    };
    expect([await status(404), await status(299)]).toEqual([
      'HTTP/1.0 404 Not Found',
      'HTTP/1.0 299 Unknown',
    ]);
  });

  test('of HEAD and of 304 has no body', async () => {
    const head = await run(
      (_request, response) => {
        response.writeHead(200, { 'Content-Length': 5, 'Content-Type': 'text/plain' }).end('hello');
      },
      { REQUEST_METHOD: 'HEAD' },
    );
    expect(head.output).toMatch(/\r\nContent-Length: 5\r\n(?:.+\r\n)*\r\n$/);
    const notModified = await run((_request, response) => {
      response.writeHead(304, { ETag: '"1"' }).end();
    });
    expect(notModified.output).toMatch(/^HTTP\/1\.0 304 Not Modified\r\n[^]*\r\n\r\n$/);
    expect(head.errors + notModified.errors).toBe('');
  });

  test('may come after interim ones, which go no further', async () => {
    const { output } = await run((_request, response) => {
      response.writeProcessing();
      response.setHeader('Content-Type', 'text/plain').end('final');
    });
    expect(output).toMatch(/^HTTP\/1\.0 200 OK\r\n[^]*\r\n\r\nfinal$/);
  });

  test('that startResponse() refuses is not sent, and the listener is told', async () => {
    const told = deferred();
    const { output, errors } = await run((_request, response) => {
      response.on('close', told.resolve);
      response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Tab': 'a\tb' });
      response.write('never ended');
    });
    await told.promise;
    expect(output).toMatch(/^HTTP\/1\.0 500 /);
    expect(errors).toContain('Bad header value');
  });
});

describe('streaming', () => {
  test('goes both ways at once', async () => {
    const app = fromRequestListener((request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      request.pipe(response);
    });
    // An input that is read on demand, and tells what is there: of node:http.
    const { createServer } = await import('node:http');
    const server = createServer(toRequestListener(app));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await using client = await RawClient.connect(server.address() as { port: number });
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
    await client.send('3\r\none\r\n');
    await client.waitFor('3\r\none\r\n');
    await client.send('3\r\ntwo\r\n0\r\n\r\n');
    await client.waitFor('3\r\ntwo\r\n0\r\n\r\n');
    server.close();
  });

  test('waits for whoever reads the response', async () => {
    let response!: ServerResponse;
    const app = fromRequestListener((_request, given) => {
      response = given;
      response.setHeader('Content-Type', 'text/plain');
      const fill = (): void => {
        while (response.write(Buffer.alloc(65536)));
      };
      response.on('drain', fill);
      fill();
    });
    const environ: Partial<WSGIEnvironment> = {};
    setupTestingDefaults(environ);
    const result = await app(environ, () => () => {});
    const blocks = (result as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    expect((await blocks.next()).value.length).toBeGreaterThan(0);
    // It is full, and nothing more is written until the next block is asked for.
    for (let i = 0; i < 20; i++) await nextTurn();
    expect(response.writableNeedDrain).toBe(true);
    const drained = once(response, 'drain');
    for (let i = 0; i < 10; i++) await blocks.next();
    await drained;
    const told = once(response, 'close');
    await blocks.return!();
    await result.close!();
    await told;
  });

  test('waits for a listener that does not read the request', async () => {
    let pulled = 0;
    const input = new BytesIO();
    input.read = () => {
      pulled++;
      return new Uint8Array(65536);
    };
    const go = deferred();
    let size = 0;
    const done = run(
      async (request, response) => {
        await go.promise;
        for await (const block of request) {
          size += (block as Buffer).length;
          if (size > 5_000_000) break;
        }
        response.setHeader('Content-Type', 'text/plain').end('enough');
      },
      { REQUEST_METHOD: 'POST', 'wsgi.input_terminated': true },
      input,
    );
    for (let i = 0; i < 50; i++) await nextTurn();
    expect(pulled).toBeLessThan(20);
    go.resolve();
    await done;
    expect(pulled).toBeGreaterThan(50);
  });
});

describe('what goes wrong', () => {
  test.each<[string, NodeListener]>([
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
    ],
    ['is rejected', async () => Promise.reject(new Error('on purpose'))],
    ['destroys the response', (_request, response) => response.destroy(new Error('on purpose'))],
    ['closes the connection', (request) => request.socket.destroy()],
  ])('a listener that %s is an application that fails', async (how, listener) => {
    const { output, errors } = await run(listener);
    expect(output).toMatch(/^HTTP\/1\.0 500 /);
    expect(errors).toContain(
      /throws|rejected/.test(how)
        ? 'Error: on purpose'
        : 'the listener closed the connection without a complete response',
    );
  });

  test('a listener that fails in the middle ends the response there', async () => {
    const { output, errors } = await run(async (_request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      response.write('so far');
      for (let i = 0; i < 5; i++) await nextTurn();
      throw new Error('no further');
    });
    expect(output).toMatch(/\r\n\r\nso far$/);
    expect(errors).toContain('Error: no further');
  });

  test('a request body that cannot be read ends the request for both sides', async () => {
    const told = deferred<unknown>();
    const input = new BytesIO() as InputStream;
    const reads = [encodeLatin1('abc')];
    const began = deferred();
    input.read = async () => {
      const block = reads.shift();
      if (block) return block;
      await began.promise;
      throw new ClientDisconnected('gone');
    };
    const { output, errors } = await run(
      (request) => {
        request.on('error', told.resolve).on('data', () => began.resolve());
      },
      { REQUEST_METHOD: 'POST', 'wsgi.input_terminated': true },
      input,
    );
    expect(await told.promise).toMatchObject({ code: 'ECONNRESET' });
    expect([output, errors]).toEqual(['', '']);
  });

  test('a client that goes away while the listener thinks is told to it', async () => {
    const controller = new AbortController();
    const told = deferred();
    const thinking = deferred();
    const app = fromRequestListener((_request, response) => {
      response.on('close', told.resolve);
      thinking.resolve();
    });
    const environ: Partial<WSGIEnvironment> = { 'wsgiref.signal': controller.signal };
    setupTestingDefaults(environ);
    const result = Promise.resolve(app(environ, () => () => {}));
    await thinking.promise;
    controller.abort(new ClientDisconnected('gone'));
    await expect(result).rejects.toBeInstanceOf(ClientDisconnected);
    await told.promise;
  });

  test('a client that goes away while it reads is told to the listener', async () => {
    const told = deferred();
    await using running = await serve(
      fromRequestListener((_request, response) => {
        response.on('close', told.resolve);
        response.setHeader('Content-Type', 'text/plain');
        const fill = (): void => {
          while (response.write(Buffer.alloc(65536)));
        };
        response.on('drain', fill);
        fill();
      }),
    );
    const client = await RawClient.connect(running);
    await client.send('GET / HTTP/1.0\r\n\r\n');
    await client.waitFor('\r\n\r\n');
    client.socket.resetAndDestroy();
    await told.promise;
  });

  test('a listener that fails after its response is on the console', async () => {
    const shown = deferred<unknown>();
    const spy = jest.spyOn(console, 'error').mockImplementation(shown.resolve);
    try {
      const ended = deferred();
      const { errors } = await run(async (_request, response) => {
        response.setHeader('Content-Type', 'text/plain').end('fine');
        await ended.promise;
        throw new Error('too late');
      });
      ended.resolve();
      expect(await shown.promise).toMatchObject({ message: 'too late' });
      expect(errors).toBe('');
    } finally {
      spy.mockRestore();
    }
  });
});

describe('an Express application', () => {
  const app = express();
  app.get('/users/:id', (request, response) => {
    response.json({ id: request.params.id, base: request.baseUrl, ip: request.ip });
  });
  app.post('/form', express.urlencoded(), (request, response) => {
    response.redirect(303, `${request.baseUrl}/users/${String(request.body.id)}`);
  });
  app.get('/fail', () => {
    throw new Error('for Express to handle');
  });

  test('serves behind WSGIServer, mounted', async () => {
    const quiet = jest.spyOn(console, 'error').mockImplementation(() => {});
    const mounted: WSGIApplication = (environ, startResponse) => {
      environ.SCRIPT_NAME = '/app';
      return application(environ, startResponse);
    };
    const application = fromRequestListener(app);
    await using running = await serve(mounted);
    const got = await exchange(running, 'GET /users/7 HTTP/1.0\r\n\r\n');
    expect(got).toMatch(/\r\n\r\n\{"id":"7","base":"\/app","ip":"127\.0\.0\.1"\}$/);
    const form = await exchange(
      running,
      'POST /form HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n\r\nid=8',
    );
    expect(form).toMatch(/^HTTP\/1\.0 303 See Other\r\n/);
    expect(form).toMatch(/\r\nLocation: \/app\/users\/8\r\n/);
    expect(await exchange(running, 'GET /none HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.0 404 /);
    expect(await exchange(running, 'GET /fail HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.0 500 /);
    quiet.mockRestore();
  });
});
