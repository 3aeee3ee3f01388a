// Follows CPython's Lib/test/test_httpservers.py, under its names, as far as it is of
// BaseHTTPRequestHandler.

import { describe, expect, test } from '@jest/globals';
import { BaseHTTPRequestHandler } from '@wsgiref/simple-server';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body, errorPage, errorReply, statusLine, withoutDate } from '../support/reply.ts';
import { serveHandler } from '../support/serve.ts';
import { captureStandardError } from '../support/standard-error.ts';
import { useStreams, WriteLog } from './in-memory.ts';

function header(reply: string, name: string): string | undefined {
  const head = reply.slice(0, reply.indexOf('\r\n\r\n'));
  return new RegExp(`^${name}: (.*)$`, 'mi').exec(head.replaceAll('\r', ''))?.[1];
}

describe('BaseHTTPServerTestCase', () => {
  class Handler extends BaseHTTPRequestHandler {
    override protocolVersion = 'HTTP/1.1';
    override defaultRequestVersion = 'HTTP/1.1';

    doTEST() {
      this.sendResponse(204);
      this.sendHeader('Content-Type', 'text/html');
      this.sendHeader('Connection', 'close');
      return this.endHeaders();
    }

    doKEEP() {
      this.sendResponse(204);
      this.sendHeader('Content-Type', 'text/html');
      this.sendHeader('Connection', 'keep-alive');
      return this.endHeaders();
    }

    doKEYERROR() {
      return this.sendError(999);
    }

    doNOTFOUND() {
      return this.sendError(404);
    }

    doEXPLAINERROR() {
      return this.sendError(999, 'Short Message', 'This is a long \n explanation');
    }

    doCUSTOM() {
      this.sendResponse(999);
      this.sendHeader('Content-Type', 'text/html');
      this.sendHeader('Connection', 'close');
      return this.endHeaders();
    }

    async doLATINONEHEADER() {
      this.sendResponse(999);
      this.sendHeader('X-Special', 'D\xe4ngerous Mind');
      this.sendHeader('Connection', 'close');
      await this.endHeaders();
      await this.wfile.write(Buffer.from(this.headers.get('x-special-incoming')!, 'utf8'));
    }

    doSENDERROR() {
      return this.sendError(Number(this.path.slice(1)));
    }

    doHEAD() {
      return this.sendError(Number(this.path.slice(1)));
    }
  }

  async function request(line: string, ...headers: string[]): Promise<string> {
    await using server = await serveHandler(Handler);
    return await exchange(server, [line, 'Host: h', ...headers, '', ''].join('\r\n'));
  }

  test.each([
    ['test_command', 'GET / HTTP/1.1', 'HTTP/1.1 501 '],
    ['test_version_bogus', 'GET / FUBAR', 'HTTP/1.1 400 '],
    ['test_version_digits', 'GET / HTTP/9.9.9', 'HTTP/1.1 400 '],
    ['test_version_signs_and_underscores', 'GET / HTTP/-9_9_9.+9_9_9', 'HTTP/1.1 400 '],
    ['test_major_version_number_too_long', 'GET / HTTP/909876543210.0', 'HTTP/1.1 400 '],
    ['test_minor_version_number_too_long', 'GET / HTTP/1.909876543210', 'HTTP/1.1 400 '],
    ['test_version_none_get', 'GET /', 'HTTP/1.1 501 '],
    ['test_version_none', 'CUSTOM /', 'HTTP/1.1 400 '],
    ['test_version_invalid', 'GET / HTTP/9.9', 'HTTP/1.1 505 '],
    // Upstream is not answered at all.
    ['test_send_blank, DIFFERS(59)', ' ', 'HTTP/1.1 400 '],
    ['test_handler', 'TEST / HTTP/1.1', 'HTTP/1.1 204 '],
    ['test_internal_key_error', 'KEYERROR / HTTP/1.1', 'HTTP/1.1 999 '],
    ['test_return_custom_status', 'CUSTOM / HTTP/1.1', 'HTTP/1.1 999 '],
  ])('%s', async (_name, line, begins) => {
    expect((await request(line)).slice(0, 13)).toBe(begins);
  });

  test('test_request_line_trimming', async () => {
    // Upstream has a stray line feed after the version, which ends the line; the header lines that
    // follow it are then one blank line.
    await using server = await serveHandler(Handler);
    const reply = await exchange(server, 'XYZBOGUS / HTTP/1.0\n\r\nHost: h\r\n\r\n');
    expect(statusLine(reply)).toBe("HTTP/1.1 501 Unsupported method ('XYZBOGUS')");
  });

  test.each(['close', 'keep-alive'])('test_header_%s', async (value) => {
    const reply = await request('GET / HTTP/1.1', `Connection: ${value}`);
    expect(statusLine(reply)).toBe("HTTP/1.1 501 Unsupported method ('GET')");
    expect(header(reply, 'Connection')).toBe('close');
  });

  test('test_return_header_keep_alive', async () => {
    await using server = await serveHandler(Handler);
    await using client = await RawClient.connect(server);
    await client.send('KEEP / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.waitFor('\r\n\r\n');
    expect(header(client.received, 'Connection')).toBe('keep-alive');
    await client.send('TEST / HTTP/1.1\r\nHost: h\r\n\r\n');
    const second = (await client.reply()).slice(client.received.indexOf('\r\n\r\n') + 4);
    expect(statusLine(second)).toBe('HTTP/1.1 204 No Content');
    expect(header(second, 'Connection')).toBe('close');
  });

  test('test_return_explain_error', async () => {
    const reply = await request('EXPLAINERROR / HTTP/1.1');
    expect(withoutDate(reply)).toBe(
      errorReply({
        code: 999,
        message: 'Short Message',
        explain: 'This is a long \n explanation',
        server: 'BaseHTTP/0.6',
        protocol: 'HTTP/1.1',
      }),
    );
  });

  test('test_latin1_header', async () => {
    const reply = await request(
      'LATINONEHEADER / HTTP/1.1',
      'X-Special-Incoming: \xc4rger mit Unicode',
    );
    expect(header(reply, 'X-Special')).toBe('D\xe4ngerous Mind');
    expect(Buffer.from(body(reply), 'latin1').toString('utf8')).toBe('\xc4rger mit Unicode');
  });

  test('test_error_content_length', async () => {
    const reply = await request('NOTFOUND / HTTP/1.1');
    expect(statusLine(reply)).toBe('HTTP/1.1 404 Not Found');
    expect(header(reply, 'Content-Length')).toBe(String(body(reply).length));
    expect(body(reply)).not.toBe('');
  });

  test.each([204, 304, 102, 205, 101])('test_send_error: %i', async (code) => {
    const reply = await request(`SENDERROR /${code} HTTP/1.1`);
    expect(statusLine(reply)).toMatch(`HTTP/1.1 ${code} `);
    for (const name of ['Content-Length', 'Content-Type', 'Transfer-Encoding']) {
      expect(header(reply, name)).toBeUndefined();
    }
    expect(body(reply)).toBe('');
  });

  test.each([200, 204, 304, 205, 101])('test_head_via_send_error: %i', async (code) => {
    const reply = await request(`HEAD /${code} HTTP/1.1`);
    expect(statusLine(reply)).toMatch(`HTTP/1.1 ${code} `);
    const length = code === 200 ? expect.stringMatching(/^[1-9]\d*$/) : undefined;
    expect(header(reply, 'Content-Length')).toEqual(length);
    const type = code === 200 ? 'text/html;charset=utf-8' : undefined;
    expect(header(reply, 'Content-Type')).toBe(type);
    expect(header(reply, 'Transfer-Encoding')).toBeUndefined();
    expect(body(reply)).toBe('');
  });
});

describe('HTTP09ServerTestCase', () => {
  class Handler extends BaseHTTPRequestHandler {
    async doGET() {
      this.sendResponse(200);
      this.sendHeader('Content-Type', 'text/plain');
      await this.endHeaders();
      await this.wfile.write(Buffer.from(`path is ${this.path}`));
    }
  }

  test('test_simple_get', async () => {
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET /index.html\r\n')).toBe('path is /index.html');
  });

  test('test_invalid_request', async () => {
    await using server = await serveHandler(Handler);
    const reply = await exchange(server, 'POST /index.html\r\n');
    expect(statusLine(reply)).toBe("HTTP/1.0 400 Bad HTTP/0.9 request type ('POST')");
  });

  test('test_single_request', async () => {
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET /foo.html\r\nGET /bar.html\r\n')).toBe('path is /foo.html');
    expect(server.log).toBe('127.0.0.1 - - [-] "GET /foo.html" 200 -\n');
  });
});

describe('RequestHandlerLoggingTestCase', () => {
  class Handler extends BaseHTTPRequestHandler {
    override protocolVersion = 'HTTP/1.1';
    override defaultRequestVersion = 'HTTP/1.1';

    doGET() {
      this.sendResponse(200);
      this.sendHeader('Connection', 'close');
      return this.endHeaders();
    }

    doERROR() {
      return this.sendError(404, 'File not found');
    }
  }

  test('test_get', async () => {
    await using server = await serveHandler(Handler);
    await exchange(server, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.1" 200 -\n');
  });

  test('test_err', async () => {
    await using server = await serveHandler(Handler);
    await exchange(server, 'ERROR / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(server.log).toBe(
      '127.0.0.1 - - [-] code 404, message File not found\n' +
        '127.0.0.1 - - [-] "ERROR / HTTP/1.1" 404 -\n',
    );
  });
});

describe('BaseHTTPRequestHandlerTestCase', () => {
  /** Without a socket, and without a log. */
  class SocketlessRequestHandler extends BaseHTTPRequestHandler {
    getCalled = false;
    override protocolVersion = 'HTTP/1.1';

    constructor() {
      super(undefined as never, ['127.0.0.1', 1337], undefined as never);
    }

    async doGET() {
      this.getCalled = true;
      this.sendResponse(200);
      this.sendHeader('Content-Type', 'text/html');
      await this.endHeaders();
      await this.wfile.write(encodeLatin1('<html><body>Data</body></html>\r\n'));
    }

    override logMessage(): void {}
  }

  class RejectingSocketlessRequestHandler extends SocketlessRequestHandler {
    override async handleExpect100(): Promise<boolean> {
      await this.sendError(417);
      return false;
    }
  }

  async function send(
    message: string,
    handler = new SocketlessRequestHandler(),
  ): Promise<{ handler: SocketlessRequestHandler; lines: string[] }> {
    const output = new WriteLog();
    useStreams(handler, message, output);
    await handler.handleOneRequest();
    return { handler, lines: output.text.split(/(?<=\n)/) };
  }

  function expectHeaders(lines: readonly string[]): void {
    for (const name of ['Server: ', 'Date: ', 'Content-Type: ']) {
      expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
    }
  }

  test('test_unprintable_not_logged', () => {
    using stderr = captureStandardError();
    const handler = new SocketlessRequestHandler();
    const log = BaseHTTPRequestHandler.prototype.logMessage.bind(handler);
    log('/foo');
    log('/\x1bbar\0\x1b');
    log('/spam %s.', 'a');
    log('/spam %s.', '\x1b\x7f\x9f\xa0beans');
    log('"GET /foo\\b"ar\x07 HTTP/1.0"');
    const lines = stderr.text.split('\n');
    expect(lines.map((line) => line.slice(line.indexOf(']') + 2))).toEqual([
      '/foo',
      '/\\x1bbar\\x00\\x1b',
      '/spam a.',
      '/spam \\x1b\\x7f\\x9f\xa0beans.',
      '"GET /foo\\\\b"ar\\x07 HTTP/1.0"',
      '',
    ]);
  });

  test.each(['HTTP/1.1', 'HTTP/1.0'])('test_http_%s', async (version) => {
    const host = version === 'HTTP/1.1' ? 'Host: dummy\r\n' : '';
    const { handler, lines } = await send(`GET / ${version}\r\n${host}\r\n`);
    expect(lines[0]).toBe('HTTP/1.1 200 OK\r\n');
    expectHeaders(lines.slice(1, -1));
    expect(lines.at(-1)).toBe('<html><body>Data</body></html>\r\n');
    expect(handler.getCalled).toBe(true);
    expect(handler.requestline).toBe(`GET / ${version}`);
    expect(handler.command).toBe('GET');
    expect(handler.path).toBe('/');
    expect(handler.requestVersion).toBe(version);
    expect([...handler.headers]).toEqual(host ? [['Host', 'dummy']] : []);
  });

  test('test_http_0_9', async () => {
    const { handler, lines } = await send('GET / HTTP/0.9\r\n\r\n');
    expect(lines).toEqual(['<html><body>Data</body></html>\r\n']);
    expect(handler.getCalled).toBe(true);
  });

  test('test_extra_space', async () => {
    const { handler, lines } = await send('GET /spaced out HTTP/1.1\r\nHost: dummy\r\n\r\n');
    expect(lines[0]).toMatch(/^HTTP\/1\.1 400 /);
    expectHeaders(lines.slice(1, lines.indexOf('\r\n')));
    expect(handler.getCalled).toBe(false);
  });

  test('test_with_continue_1_0', async () => {
    const { handler, lines } = await send('GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n');
    expect(lines[0]).toBe('HTTP/1.1 200 OK\r\n');
    expect(handler.getCalled).toBe(true);
    expect([...handler.headers]).toEqual([['Expect', '100-continue']]);
  });

  test.each(['100-continue', '100-Continue'])('test_with_continue_1_1: %s', async (value) => {
    const { handler, lines } = await send(
      `GET / HTTP/1.1\r\nHost: dummy\r\nExpect: ${value}\r\n\r\n`,
    );
    expect(lines.slice(0, 3)).toEqual(['HTTP/1.1 100 Continue\r\n', '\r\n', 'HTTP/1.1 200 OK\r\n']);
    expectHeaders(lines.slice(2, -1));
    expect(handler.getCalled).toBe(true);
  });

  test('test_header_buffering_of_send_error', async () => {
    const output = new WriteLog();
    const handler = new SocketlessRequestHandler();
    useStreams(handler, '', output);
    handler.requestVersion = 'HTTP/1.1';
    await handler.sendError(418);
    expect(output.writes).toHaveLength(2);
    expect(output.writes[1]).toBe(
      errorPage({
        code: 418,
        message: "I'm a Teapot",
        explain: 'Server refuses to brew coffee because it is a teapot.',
      }),
    );
  });

  test('test_header_buffering_of_send_response_only', async () => {
    const output = new WriteLog();
    const handler = new SocketlessRequestHandler();
    useStreams(handler, '', output);
    handler.requestVersion = 'HTTP/1.1';
    handler.sendResponseOnly(418);
    expect(output.writes).toEqual([]);
    await handler.endHeaders();
    expect(output.writes).toEqual(["HTTP/1.1 418 I'm a Teapot\r\n\r\n"]);
  });

  test('test_header_buffering_of_send_header', async () => {
    const output = new WriteLog();
    const handler = new SocketlessRequestHandler();
    useStreams(handler, '', output);
    handler.requestVersion = 'HTTP/1.1';
    handler.sendHeader('Foo', 'foo');
    handler.sendHeader('bar', 'bar');
    expect(output.writes).toEqual([]);
    await handler.endHeaders();
    expect(output.writes).toEqual(['Foo: foo\r\nbar: bar\r\n\r\n']);
  });

  test('test_header_unbuffered_when_continue', async () => {
    const output = new WriteLog();
    const handler = new SocketlessRequestHandler();
    let writtenBefore = '';
    handler.doGET = () => {
      writtenBefore = output.text;
      return Promise.resolve();
    };
    useStreams(handler, 'GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n', output);
    await handler.handleOneRequest();
    expect(writtenBefore).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  test('test_with_continue_rejected', async () => {
    const { handler, lines } = await send(
      'GET / HTTP/1.1\r\nHost: dummy\r\nExpect: 100-continue\r\n\r\n',
      new RejectingSocketlessRequestHandler(),
    );
    expect(lines[0]).toBe('HTTP/1.1 417 Expectation Failed\r\n');
    expectHeaders(lines.slice(1, -1));
    expect(handler.getCalled).toBe(false);
    expect(lines.filter((line) => line === 'Connection: close\r\n')).toHaveLength(1);
  });

  test('test_request_length', async () => {
    const { handler, lines } = await send(`GET ${'x'.repeat(65537)}`);
    expect(lines[0]).toBe('HTTP/1.1 414 URI Too Long\r\n');
    expect(handler.getCalled).toBe(false);
    expect(handler.requestline).toBe('');
  });

  test('test_header_length', async () => {
    const { handler, lines } = await send(
      `GET / HTTP/1.1\r\nX-Foo: bar${'r'.repeat(65537)}\r\n\r\n`,
    );
    expect(lines[0]).toBe('HTTP/1.1 431 Line too long\r\n');
    expect(handler.getCalled).toBe(false);
    expect(handler.requestline).toBe('GET / HTTP/1.1');
  });

  test('test_too_many_headers', async () => {
    const { handler, lines } = await send(`GET / HTTP/1.1\r\n${'X-Foo: bar\r\n'.repeat(101)}\r\n`);
    expect(lines[0]).toBe('HTTP/1.1 431 Too many headers\r\n');
    expect(handler.getCalled).toBe(false);
    expect(handler.requestline).toBe('GET / HTTP/1.1');
  });

  test('test_html_escape_on_error', async () => {
    const { lines } = await send('<script>alert("hello")</script> / HTTP/1.1\r\n\r\n');
    const page = body(lines.join(''));
    expect(page).toContain('&lt;script&gt;alert("hello")&lt;/script&gt;');
    expect(page).not.toContain('<script>');
  });

  test('test_close_connection', async () => {
    const handler = new SocketlessRequestHandler();
    const handled: boolean[] = [];
    let values: boolean[] = [];
    handler.handleOneRequest = () => {
      handler.closeConnection = values.shift()!;
      handled.push(handler.closeConnection);
      return Promise.resolve();
    };
    values = [true];
    await handler.handle();
    values = [false, false, true];
    await handler.handle();
    expect(handled).toEqual([true, false, false, true]);
  });

  test('test_date_time_string', () => {
    const handler = new SocketlessRequestHandler();
    expect(handler.dateTimeString(0)).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
    expect(handler.dateTimeString(784111777.9)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    const now = Date.parse(handler.dateTimeString());
    expect(Math.abs(now - Date.now())).toBeLessThan(5000);
  });

  test('a body is what the handler reads from rfile', async () => {
    class Echo extends SocketlessRequestHandler {
      async doPOST() {
        this.sendResponse(200);
        await this.endHeaders();
        const read = await this.rfile.read(this.contentLength);
        await this.wfile.write(encodeLatin1(decodeLatin1(read).toUpperCase()));
      }
    }
    const { lines } = await send('POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcdef', new Echo());
    expect(lines.at(-1)).toBe('ABC');
  });
});
