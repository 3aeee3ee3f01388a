// fromFetchHandler() behind handlers in memory, and behind a server.

import { describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { fromFetchHandler } from '@wsgiref/fetch';
import { ClientDisconnected, SimpleHandler } from '@wsgiref/handlers';
import type { Awaitable, InputStream, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { exchange } from '../support/raw-client.ts';
import { serve } from '../support/serve.ts';

type Handler = (request: Request) => Awaitable<Response>;

async function run(
  handler: Handler,
  variables: Partial<WSGIEnvironment> = {},
  input: InputStream = new BytesIO(),
): Promise<{ output: string; errors: string }> {
  const stdout = new BytesIO();
  const stderr = new StringIO();
  const environ: Partial<WSGIEnvironment> = { QUERY_STRING: '', ...variables };
  setupTestingDefaults(environ);
  await new SimpleHandler(input, stdout, stderr, environ).run(validator(fromFetchHandler(handler)));
  return { output: decodeLatin1(stdout.getvalue()), errors: stderr.getvalue() };
}

/** What a handler sees of a request. */
async function see<T>(
  variables: Partial<WSGIEnvironment>,
  look: (request: Request) => Awaitable<T>,
  input = '',
): Promise<T> {
  let seen!: T;
  const { errors } = await run(
    async (request) => {
      seen = await look(request);
      return new Response('');
    },
    variables,
    new BytesIO(encodeLatin1(input)),
  );
  expect(errors).toBe('');
  return seen;
}

describe('the request', () => {
  test('has its URL, its method, and its headers but for those of the connection', async () => {
    const environ = {
      REQUEST_METHOD: 'DELETE',
      SCRIPT_NAME: '/app',
      PATH_INFO: '/caf\xc3\xa9',
      QUERY_STRING: 'a=%20b',
      HTTP_HOST: 'www.example:81',
      HTTP_X_NAME: 'Zo\xeb',
      HTTP_CONNECTION: 'upgrade',
      HTTP_UPGRADE: 'websocket',
      HTTP_EXPECT: '100-continue',
      CONTENT_TYPE: 'a/b',
    };
    const seen = await see(environ, ({ url, method, headers }) => [url, method, [...headers]]);
    expect(seen).toEqual([
      'http://www.example:81/app/caf%C3%A9?a=%20b',
      'DELETE',
      [
        ['content-type', 'a/b'],
        ['host', 'www.example:81'],
        ['x-name', 'Zo\xeb'],
      ],
    ]);
  });

  test.each([
    [{ CONTENT_LENGTH: '6' }, 'a body'],
    [{ 'wsgi.input_terminated': true }, 'a body, and no more'],
    [{}, ''],
    [{ CONTENT_LENGTH: '0' }, ''],
    [{ REQUEST_METHOD: 'GET', CONTENT_LENGTH: '6' }, ''],
  ])('of %j has the body %j', async (environ, body) => {
    const variables = { REQUEST_METHOD: 'POST', ...environ };
    expect(await see(variables, (request) => request.text(), 'a body, and no more')).toBe(body);
  });

  test.each([
    [{ REQUEST_METHOD: 'CONNECT' }, '501 Not Implemented'],
    [{ REQUEST_METHOD: 'TRACE' }, '501 Not Implemented'],
    [{ HTTP_HOST: 'no host' }, '400 Bad Request'],
  ])('of %j is answered with %s', async (environ, status) => {
    const { output } = await run(() => new Response('unreached'), environ);
    expect(output).toMatch(`HTTP/1.0 ${status}\r\n`);
    expect(output).not.toContain('unreached');
  });
});

describe('the response', () => {
  test('has its status, its headers, cookies one by one, and its body', async () => {
    const headers: [string, string][] = [
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'a=1'],
      ['X-Name', 'Zo\xeb'],
      ['Set-Cookie', 'b=2'],
      ['Connection', 'keep-alive'],
      ['Date', 'now'],
    ];
    const { output, errors } = await run(
      () => new Response('one two', { status: 299, statusText: 'As You Like', headers }),
    );
    expect(output).toBe(
      'HTTP/1.0 299 As You Like\r\ncontent-type: text/plain\r\ndate: now\r\nset-cookie: a=1\r\n' +
        'set-cookie: b=2\r\nx-name: Zo\xeb\r\n\r\none two',
    );
    expect(errors).toBe('');
  });

  test.each([
    [404, '404 Not Found'],
    [299, '299 Unknown'],
    [204, '204 No Content'],
  ])('of %i has a phrase', async (status, line) => {
    const body = status === 204 ? null : 'x';
    const headers = status === 204 ? {} : { 'Content-Type': 'text/plain' };
    const { output } = await run(() => new Response(body, { status, headers }));
    expect(output).toMatch(`HTTP/1.0 ${line}\r\n`);
  });

  test('to HEAD has no body, and that of the handler is let go', async () => {
    let cancelled = false;
    const stream = new ReadableStream({ cancel: () => void (cancelled = true) });
    const headers = { 'Content-Type': 'text/plain', 'Content-Length': '5' };
    const { output } = await run(() => new Response(stream, { headers }), {
      REQUEST_METHOD: 'HEAD',
    });
    expect(output).toMatch(/\r\ncontent-length: 5\r\n\r\n$|\r\ncontent-length: 5\r\n[^]*\r\n\r\n$/);
    expect(cancelled).toBe(true);
  });
});

describe('streaming', () => {
  test('goes both ways, as each side asks', async () => {
    const reads: number[] = [];
    const input = new BytesIO();
    const blocks = ['one ', 'two ', 'three'];
    input.read = (size) => {
      reads.push(size!);
      return encodeLatin1(blocks.shift() ?? '');
    };
    const app = fromFetchHandler((request) => new Response(request.body));
    const environ: Partial<WSGIEnvironment> = {
      REQUEST_METHOD: 'PUT',
      'wsgi.input': input,
      'wsgi.input_terminated': true,
    };
    setupTestingDefaults(environ);
    const result = await app(environ, () => () => {});
    expect(reads).toEqual([]);
    const received: string[] = [];
    for await (const block of result) received.push(`${reads.length}:${decodeLatin1(block)}`);
    await result.close!();
    expect(received).toEqual(['1:one ', '2:two ', '3:three']);
  });

  test('that the server ends tells the handler', async () => {
    let told: unknown;
    let cancelled = false;
    const app = fromFetchHandler((request) => {
      request.signal.addEventListener('abort', () => (told = true));
      return new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(encodeLatin1('block')),
          cancel: () => void (cancelled = true),
        }),
      );
    });
    const environ: Partial<WSGIEnvironment> = {};
    setupTestingDefaults(environ);
    const result = await app(environ, () => () => {});
    const blocks = (result as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await blocks.next();
    await blocks.return!();
    await result.close!();
    expect([told, cancelled]).toEqual([true, true]);
  });

  test('that comes to its end aborts nothing', async () => {
    const signal = await see({}, (request) => request.signal);
    expect(signal.aborted).toBe(false);
  });
});

describe('what goes wrong', () => {
  test.each<[string, Handler, string]>([
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
      'Error: on purpose',
    ],
    ['is rejected', async () => Promise.reject(new Error('on purpose')), 'Error: on purpose'],
    ['returns nothing', () => undefined as never, 'must return a Response'],
    ['returns an error', () => Response.error(), '(got one of 0)'],
  ])('a handler that %s is an application that fails', async (_how, handler, message) => {
    const { output, errors } = await run(handler);
    expect(output).toMatch(/^HTTP\/1\.0 500 /);
    expect(errors).toContain(message);
  });

  test('a body that fails ends the response there, and is logged', async () => {
    const blocks = ['so far'];
    const { output, errors } = await run(() => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const block = blocks.shift();
            if (block === undefined) controller.error(new Error('no further'));
            else controller.enqueue(encodeLatin1(block));
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers: { 'Content-Type': 'text/plain' } });
    });
    expect(output).toMatch(/\r\n\r\nso far$/);
    expect(errors).toContain('no further');
  });

  test.each(['while the handler thinks', 'before'])(
    'a client that goes away %s aborts the signal of the request',
    async (when) => {
      const controller = new AbortController();
      const gone = new ClientDisconnected('gone');
      if (when === 'before') controller.abort(gone);
      const app = fromFetchHandler(async ({ signal }) => {
        if (!signal.aborted) controller.abort(gone);
        signal.throwIfAborted();
        return new Response('');
      });
      const environ: Partial<WSGIEnvironment> = { 'wsgiref.signal': controller.signal };
      setupTestingDefaults(environ);
      await expect(app(environ, () => () => {})).rejects.toBe(gone);
    },
  );
});

test('an application of Hono serves behind WSGIServer', async () => {
  const app = new Hono();
  app.get('/users/:id', (context) => context.json({ id: context.req.param('id') }));
  app.post('/form', async (context) => {
    const { id } = await context.req.parseBody();
    return context.redirect(`/users/${String(id)}`, 303);
  });
  await using running = await serve(fromFetchHandler((request) => app.fetch(request)));
  expect(await exchange(running, 'GET /users/7 HTTP/1.0\r\n\r\n')).toMatch(/\r\n\r\n\{"id":"7"\}$/);
  const form = await exchange(
    running,
    'POST /form HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n\r\nid=8',
  );
  expect(form).toMatch(/^HTTP\/1\.0 303 See Other\r\n[^]*location: \/users\/8\r\n/);
  expect(await exchange(running, 'GET /none HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.0 404 /);
});
