// CPython's applications in our server, and our applications in CPython's, each in CPython's own
// validator: what the two languages think of each other.

import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { toEnviron } from '@wsgiref/conformance';
import { demoApp } from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import {
  type PythonApplication,
  type PythonBridge,
  startPython,
} from '../support/python-bridge.ts';
import { serve } from '../support/serve.ts';

// Pyodide takes its time.
jest.setTimeout(60_000);

let python: PythonBridge;

beforeAll(async () => {
  python = await startPython();
});

describe("our server runs CPython's applications in CPython's validator", () => {
  /** Sends one request over a socket. */
  async function ask(
    name: PythonApplication,
    init: RequestInit = {},
  ): Promise<{ status: number; body: string; log: string }> {
    await using running = await serve(python.application(name));
    const response = await fetch(`http://127.0.0.1:${running.port}/path?query=1`, {
      ...init,
      headers: { connection: 'close' },
    });
    return { status: response.status, body: await response.text(), log: running.log };
  }

  test('demo_app shows an environ that is right', async () => {
    const { status, body, log } = await ask('demo_app');
    expect(status).toBe(200);
    expect(body).toMatch(/^Hello world!\n\n/);
    expect(body).toContain("\nPATH_INFO = '/path'\nQUERY_STRING = 'query=1'\n");
    expect(body).toContain('\nwsgi.input = <wsgiref.validate.InputWrapper object at ');
    expect(body).toContain("\nwsgi.url_scheme = 'http'\nwsgi.version = (1, 0)\n");
    expect(log).toMatch(/^127\.0\.0\.1 - - \[-\] "GET \/path\?query=1 HTTP\/1\.1" 200 \d+\n$/);
  });

  test.each<[name: PythonApplication, status: number, body: string, init: RequestInit]>([
    ['generator_app', 200, 'one, two', {}],
    ['reading_app', 200, 'COFFEE', { method: 'POST', body: 'coffee' }],
    ['writing_app', 200, 'written, returned', {}],
    ['recovering_app', 503, 'later', {}],
  ])('%s is served', async (name, status, body, init) => {
    const answer = await ask(name, init);
    expect(answer).toMatchObject({ status, body });
    expect(answer.log).not.toContain('Error');
  });

  test('an application that raises is logged, and answered with an error page', async () => {
    const { status, log } = await ask('failing_app');
    expect(status).toBe(500);
    expect(log).toContain('RuntimeError: oops');
  });

  test("CPython's validator finds what is wrong with a broken one", async () => {
    const { status, log } = await ask('broken_app');
    expect(status).toBe(500);
    expect(log).toContain('AssertionError: No Content-Type header found in headers ([])');
  });
});

describe("CPython's SimpleHandler runs our applications in CPython's validator", () => {
  const PLAIN: [string, string][] = [['Content-Type', 'text/plain']];

  /** What CPython sends, behind the Date. */
  function answerOf(
    application: WSGIApplicationLike,
    body: string = '',
  ): { output: string; errors: string } {
    const method = body === '' ? 'GET' : 'POST';
    const request = { method, target: '/path?query=1', headers: [], body: encodeLatin1(body) };
    const { output, errors } = python.host(application, toEnviron(request), request.body, true);
    return { output: decodeLatin1(output).replace(/^Date: .*\r\n/m, ''), errors };
  }

  test('demoApp', () => {
    const { output, errors } = answerOf(demoApp);
    expect(errors).toBe('');
    expect(output).toMatch(
      /^HTTP\/1\.0 200 OK\r\nContent-Type: text\/plain; charset=utf-8\r\n\r\nHello world!\n\n/,
    );
    expect(output).toContain("\nPATH_INFO = '/path'\n");
    expect(output).toContain('\nwsgi.version = [1, 0]\n');
  });

  test('a generator', () => {
    const events: string[] = [];
    const answer = answerOf(function* (_environ, startResponse) {
      try {
        startResponse('200 OK', PLAIN);
        yield encodeLatin1('one, ');
        yield encodeLatin1('two');
      } finally {
        events.push('closed');
      }
    });
    expect(answer).toEqual({
      output: 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\none, two',
      errors: '',
    });
    expect(events).toEqual(['closed']);
  });

  test('one that reads its input', () => {
    const answer = answerOf((environ, startResponse) => {
      const input = environ['wsgi.input'];
      const line = input.readline() as Uint8Array;
      const rest = input.read(Number(environ.CONTENT_LENGTH) - line.length) as Uint8Array;
      startResponse('200 OK', PLAIN);
      return [rest, line];
    }, 'caf\xe9\nau lait\n');
    expect(answer).toEqual({
      output: 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nau lait\ncaf\xe9\n',
      errors: '',
    });
  });

  test('one that uses write()', () => {
    const answer = answerOf((_environ, startResponse) => {
      const write = startResponse('200 OK', PLAIN);
      void write(encodeLatin1('written, '));
      return [encodeLatin1('returned')];
    });
    expect(answer).toEqual({
      output: 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nwritten, returned',
      errors: '',
    });
  });

  test('one that replaces its response by an error', () => {
    const answer = answerOf((_environ, startResponse) => {
      startResponse('200 OK', PLAIN);
      startResponse('503 Service Unavailable', PLAIN, new Error('too late for this'));
      return [encodeLatin1('later')];
    });
    expect(answer).toEqual({
      output: 'HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nlater',
      errors: '',
    });
  });

  test('one that throws', () => {
    const { output, errors } = answerOf(() => {
      throw new RangeError('oops');
    });
    expect(output).toMatch(/^HTTP\/1\.0 500 Internal Server Error\r\n/);
    expect(errors).toMatch(/^Traceback [^]*RangeError: oops\n/);
    expect(errors).not.toContain('AssertionError');
  });

  test.each<[what: string, application: WSGIApplicationLike, message: string]>([
    [
      'text in the place of bytes',
      (_environ, startResponse) => {
        startResponse('200 OK', PLAIN);
        return ['hello'] as never;
      },
      "AssertionError: Iterator yielded non-bytestring ('hello')",
    ],
    [
      'no Content-Type',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return [];
      },
      'AssertionError: No Content-Type header found in headers ([])',
    ],
    [
      'a status without a phrase',
      (_environ, startResponse) => {
        startResponse('200', PLAIN);
        return [];
      },
      "WSGIWarning: The status string ('200') should be a three-digit integer",
    ],
    [
      'no response',
      function* () {
        yield encodeLatin1('hello');
      },
      'AssertionError: The application returns and we started iterating over its body, but',
    ],
    ['no result', (() => null) as never, 'AssertionError: The application must return an iterator'],
  ])('and finds what is wrong with a broken one: %s', (_what, application, message) => {
    const { errors } = answerOf(application);
    expect(errors).toContain(message);
  });
});
