// Follows class IntegrationTests of CPython's Lib/test/test_wsgiref.py, under its names. Those of its
// tests that are of the validator come with it.

import { describe, expect, test } from '@jest/globals';
import { sysVersion } from '@wsgiref/simple-server';
import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';
import { nextTurn, RawClient } from '../support/raw-client.ts';
import { body, statusLine } from '../support/reply.ts';
import { serve } from '../support/serve.ts';
import { runAMock } from './in-memory.ts';

const DATE = 'Mon, 05 Jun 2006 18:49:54 GMT';

function helloApp(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Date', DATE],
  ]);
  return [encodeLatin1('Hello, world!')];
}

function headerApp(environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Date', DATE],
  ]);
  const parts = [environ.HTTP_X_TEST_HEADER, environ.QUERY_STRING, environ.PATH_INFO];
  return [encodeLatin1(parts.join(';'))];
}

describe('IntegrationTests', () => {
  test('test_plain_hello', async () => {
    const { out, err } = await runAMock(helloApp);
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

  test('test_environ', async () => {
    const { out } = await runAMock(
      headerApp,
      'GET /p%61th/?query=test HTTP/1.0\n' +
        'X-Test-Header: Python test \n' +
        'X-Test-Header: Python test 2\n' +
        'Content-Length: 0\n\n',
    );
    expect(body(out)).toBe('Python test,Python test 2;query=test;/path/');
  });

  test('test_request_length', async () => {
    const { out } = await runAMock(helloApp, `GET ${'x'.repeat(65537)} HTTP/1.0\n\n`);
    expect(statusLine(out)).toBe('HTTP/1.0 414 URI Too Long');
  });

  test.each([
    ['200', 'AssertionError: Status must be at least 4 characters'],
    ['20X OK', 'AssertionError: Status message must begin w/3-digit code'],
    ['200OK', 'AssertionError: Status message must have a space after code'],
  ])('test_status_validation_errors: %s', async (status, message) => {
    const { out, err } = await runAMock((_environ, startResponse) => {
      startResponse(status, [['Content-Type', 'text/plain; charset=utf-8']]);
      return [encodeLatin1('Hello, world!')];
    });
    expect(statusLine(out)).toBe('HTTP/1.0 500 Internal Server Error');
    expect(body(out)).toBe('A server error occurred.  Please contact the administrator.');
    // A JavaScript stack begins where a Python traceback ends.
    expect(err.split('\n')[0]).toBe(message);
  });

  test('test_bytes_validation', async () => {
    const { out, err } = await runAMock((_environ, startResponse) => {
      startResponse('200 OK', [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['Date', 'Wed, 24 Dec 2008 13:29:32 GMT'],
      ]);
      return [encodeLatin1('data')];
    });
    expect(err.endsWith('"GET / HTTP/1.0" 200 4\n')).toBe(true);
    expect(body(out)).toBe('data');
  });

  test('test_cp1252_url', async () => {
    // Upstream's request has no line end, which is refused here: DIFFERS(23).
    const { out } = await runAMock((environ, startResponse) => {
      startResponse('200 OK', [
        ['Content-Type', 'text/plain'],
        ['Date', 'Wed, 24 Dec 2008 13:29:32 GMT'],
      ]);
      return [encodeLatin1(environ.PATH_INFO)];
    }, 'GET /\x80%80 HTTP/1.0\n\n');
    expect(out.split('\r\n')).toEqual([
      'HTTP/1.0 200 OK',
      expect.stringMatching(/^Server: /),
      'Content-Type: text/plain',
      'Date: Wed, 24 Dec 2008 13:29:32 GMT',
      'Content-Length: 3',
      '',
      '/\x80\x80',
    ]);
  });

  test('test_interrupted_write', async () => {
    const size = 16 * 1024 * 1024 + 1;
    await using server = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [new Uint8Array(size)];
    });
    await using client = await RawClient.connect(server);
    await client.send('GET / HTTP/1.0\r\n\r\n');
    await client.waitFor('\r\n\r\n');
    // Upstream interrupts the write by a signal, which Node keeps from its users. Here the client
    // stops reading until the system takes no more.
    client.socket.pause();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(client.received.length).toBeLessThan(size);
    client.socket.resume();
    const reply = await client.reply();
    expect(body(reply)).toHaveLength(size);
    expect(/[^\0]/.test(body(reply))).toBe(false);
  });
});
