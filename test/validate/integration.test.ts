// The validator in its place: around applications on a server, on a gateway in memory, and on a socket.
// The first part follows class IntegrationTests of CPython's Lib/test/test_wsgiref.py, under its names.

import { describe, expect, test } from '@jest/globals';
import { BaseCGIHandler, SimpleHandler } from '@wsgiref/handlers';
import { demoApp, sysVersion } from '@wsgiref/simple-server';
import type { StartResponse, WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, concatBytes, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { runAMock } from '../simple-server/in-memory.ts';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body, statusLine, withoutDate } from '../support/reply.ts';
import { serve } from '../support/serve.ts';
import { bytes, environ, plain, text } from './support.ts';

const DATE = 'Mon, 05 Jun 2006 18:49:54 GMT';
const ERROR_PAGE = 'A server error occurred.  Please contact the administrator.';

function helloApp(_environ: WSGIEnvironment, start: StartResponse): Uint8Array[] {
  start('200 OK', plain(['Date', DATE]));
  return [bytes('Hello, world!')];
}

/** Answers with what it is told of by an application of CPython's. */
const badApp =
  (status: unknown, headers: unknown): WSGIApplicationLike =>
  (_environ, start) => {
    start(status as string, headers as []);
    return [bytes('Hello, world!')];
  };

describe('IntegrationTests', () => {
  // The mock server's name is empty, which only PEP 3333 forbids.
  const mocked = { rules: { 'env-not-empty': 'off' } } as const;

  test('test_validated_hello, DIFFERS(39): with a Content-Length', async () => {
    const { out, err } = await runAMock(validator(helloApp, mocked));
    expect(out).toBe(
      'HTTP/1.0 200 OK\r\n' +
        `Server: WSGIServer/0.2 ${sysVersion}\r\n` +
        'Content-Type: text/plain\r\n' +
        `Date: ${DATE}\r\n` +
        'Content-Length: 13\r\n' +
        '\r\n' +
        'Hello, world!',
    );
    expect(err).toMatch(/^127\.0\.0\.1 - - \[.{20}\] "GET \/ HTTP\/1\.0" 200 13\n$/);
  });

  test('test_simple_validation_error', async () => {
    const headers = { 'Content-Type': 'text/plain' };
    const { out, err } = await runAMock(validator(badApp('200 OK', headers), mocked));
    expect(out.endsWith(ERROR_PAGE)).toBe(true);
    // A JavaScript stack begins where a Python traceback ends.
    expect(err.split('\n')[0]).toBe(
      "AssertionError: Headers ({'Content-Type': 'text/plain'}) must be of type list: 'object'. " +
        'Write [[name, value], …]; new Headers(list).items() gives one, too (headers-list: ' +
        'https://peps.python.org/pep-3333/#the-start-response-callable)',
    );
  });

  test.each([
    ['200', 'AssertionError: Status must be at least 4 characters'],
    ['20X OK', "AssertionError: Status code is not a number: '20X'."],
    ['200OK', "AssertionError: Status codes must be three characters: '200OK'."],
  ])('test_status_validation_errors: %s', async (status, message) => {
    const rules = { ...mocked.rules, 'status-phrase': 'off' } as const;
    const app = validator(badApp(status, plain()), { rules });
    const { out, err } = await runAMock(app);
    expect(statusLine(out)).toBe('HTTP/1.0 500 Internal Server Error');
    expect(body(out)).toBe(ERROR_PAGE);
    expect(err.slice(0, message.length)).toBe(message);
  });

  test('test_wsgi_input, DIFFERS(38): read() needs no size', async () => {
    const app = validator(async (variables, start) => {
      expect(await variables['wsgi.input'].read()).toHaveLength(0);
      start('200 OK', plain());
      return [bytes('data')];
    }, mocked);
    const { out } = await runAMock(app);
    expect([statusLine(out), body(out)]).toEqual(['HTTP/1.0 200 OK', 'data']);
  });

  test('test_bytes_validation', async () => {
    const app = validator((_environ, start) => {
      start('200 OK', plain(['Date', 'Wed, 24 Dec 2008 13:29:32 GMT']));
      return [bytes('data')];
    }, mocked);
    const { out, err } = await runAMock(app);
    expect(err.endsWith('"GET / HTTP/1.0" 200 4\n')).toBe(true);
    expect(body(out)).toBe('data');
  });
});

describe('on a gateway in memory', () => {
  /** Runs an application, and returns what was sent and what was logged. */
  async function run(
    application: WSGIApplicationLike,
    change: Record<string, unknown> = {},
    Handler: typeof SimpleHandler = BaseCGIHandler,
  ): Promise<{ sent: string; log: string }> {
    const stdout = new BytesIO();
    const stderr = new StringIO();
    const handler = new Handler(new BytesIO(bytes('body')), stdout, stderr, environ(change));
    await handler.run(application);
    return { sent: text(stdout.getvalue()), log: stderr.getvalue() };
  }

  test.each([
    ['SimpleHandler', SimpleHandler],
    ['BaseCGIHandler', BaseCGIHandler],
  ])('%s: the reply is that without a validator', async (_, Handler) => {
    const [validated, alone] = [
      await run(validator(helloApp), {}, Handler),
      await run(helloApp, {}, Handler),
    ];
    expect(validated).toEqual(alone);
    expect(validated.sent).toContain('Content-Length: 13\r\n\r\nHello, world!');
    expect(validated.log).toBe('');
  });

  test('what an application breaks is logged, and answered with an error page', async () => {
    const { sent, log } = await run(
      validator((_environ, start) => {
        start('200 OK', plain());
        return 'hello' as never;
      }),
    );
    expect(sent).toMatch(/^Status: 500 Internal Server Error\r\n/);
    expect(body(sent)).toBe(ERROR_PAGE);
    expect(log).toMatch(/^AssertionError: You should not return a string as your application/);
    expect(log).toContain('(result-string: https://peps.python.org/pep-3333/#the-application-');
  });

  test('what an application breaks after its head is logged, and the result is closed', async () => {
    const events: string[] = [];
    const { sent, log } = await run(
      validator(async function* (_environ, start) {
        start('200 OK', plain(['Content-Length', '5']));
        try {
          yield bytes('he');
          yield bytes('llo!');
        } finally {
          events.push('closed');
        }
      }),
    );
    expect(body(sent)).toBe('he');
    expect(log).toContain('(body-too-long: ');
    expect(events).toEqual(['closed']);
  });

  test('an application that reads its input and writes', async () => {
    const app = validator(async (variables, start) => {
      const write = start('200 OK', plain());
      await write(await variables['wsgi.input'].read(2));
      return [await variables['wsgi.input'].read()];
    });
    const { sent, log } = await run(app, { CONTENT_LENGTH: '4' });
    expect([body(sent), log]).toEqual(['body', '']);
  });

  test('HEAD: the server leaves the body, and closes it', async () => {
    const events: string[] = [];
    const app = validator((variables, start) => {
      start('200 OK', plain());
      const blocks = variables.REQUEST_METHOD === 'HEAD' ? [] : [bytes('hello')];
      return Object.assign(blocks, { close: () => void events.push('closed') });
    });
    const { sent, log } = await run(app, { REQUEST_METHOD: 'HEAD' });
    expect([body(sent), log, events]).toEqual(['', '', ['closed']]);
  });
});

describe('on a socket', () => {
  test('the demo application breaks no rule, nor does the server', async () => {
    const warnings: string[] = [];
    const options = { onWarning: ({ message }: Error) => warnings.push(message) };
    await using server = await serve(validator(validator(demoApp, options), options));
    const reply = await exchange(server, 'GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(statusLine(reply)).toBe('HTTP/1.0 200 OK');
    expect(body(reply)).toContain('Hello world!');
    expect(warnings).toEqual([]);
    expect(server.log).toMatch(/^127\.0\.0\.1 - - \[-\] "GET \/a\?b HTTP\/1\.1" 200 \d+\n$/);
  });

  test.each<[string, WSGIApplicationLike]>([
    ['a list', helloApp],
    [
      'an async generator',
      async function* (variables: WSGIEnvironment, start: StartResponse) {
        yield* helloApp(variables, start);
      },
    ],
  ])('the reply of %s is that without a validator', async (_, app) => {
    const replies: string[] = [];
    for (const one of [app, validator(app)]) {
      await using server = await serve(one);
      replies.push(withoutDate(await exchange(server, 'GET / HTTP/1.0\r\n\r\n')));
    }
    expect(replies[1]).toBe(replies[0]);
    expect(body(replies[0]!)).toBe('Hello, world!');
  });

  test('a body that is posted is read line by line', async () => {
    const app = validator(async (variables, start) => {
      const lines: Uint8Array[] = [];
      for await (const line of variables['wsgi.input']) lines.push(bytes('> '), line);
      start('200 OK', plain());
      return [concatBytes(lines)];
    });
    await using server = await serve(app);
    const reply = await exchange(
      server,
      'POST / HTTP/1.0\r\nContent-Length: 8\r\n\r\none\ntwo\n and more',
    );
    expect(body(reply)).toBe('> one\n> two\n');
  });

  test('a fault is answered with an error page, and logged', async () => {
    await using server = await serve(validator(badApp('200 OK', [['Connection', 'close']])));
    const reply = await exchange(server, 'GET / HTTP/1.0\r\n\r\n');
    expect(statusLine(reply)).toBe('HTTP/1.0 500 Internal Server Error');
    expect(body(reply)).toBe(ERROR_PAGE);
    expect(server.log).toContain("AssertionError: Hop-by-hop header, 'Connection: close', not all");
  });

  test('a result is closed once when the client goes away', async () => {
    const events: string[] = [];
    let closed!: () => void;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const app = validator(
      async function* (_environ, start) {
        start('200 OK', plain());
        try {
          for (;;) {
            yield new Uint8Array(65536);
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          events.push('closed');
          closed();
        }
      },
      { onWarning: ({ ruleId }) => events.push(ruleId) },
    );
    await using server = await serve(app);
    const client = await RawClient.connect(server);
    await client.send('GET / HTTP/1.0\r\n\r\n');
    await client.waitFor('\r\n\r\n');
    await client.close();
    await closing;
    expect(events).toEqual(['closed']);
    expect(server.stderr.text).not.toContain('AssertionError');
  });
});
