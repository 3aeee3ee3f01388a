// The log and the error pages, to the byte.

import { describe, expect, test } from '@jest/globals';
import {
  BaseHTTPRequestHandler,
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  WSGIRequestHandler,
} from '@wsgiref/simple-server';
import { encodeLatin1 } from '@wsgiref/util';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body, errorPage, errorReply, statusLine, withoutDate } from '../support/reply.ts';
import { serve, serveHandler } from '../support/serve.ts';
import { GET, helloApp } from './apps.ts';

describe('the access log', () => {
  test.each([
    ['a list', 'GET / HTTP/1.0', [5, 6], '"GET / HTTP/1.0" 200 11'],
    ['nothing', 'GET / HTTP/1.0', [], '"GET / HTTP/1.0" 200 0'],
    ['a body that HEAD does not send', 'HEAD / HTTP/1.0', [5], '"HEAD / HTTP/1.0" 200 0'],
    ['HTTP/0.9', 'GET /', [5], '"GET /" 200 5'],
    ['percent signs', 'GET /%s%d%%%j HTTP/1.0', [1], '"GET /%s%d%%%j HTTP/1.0" 200 1'],
    ['backslashes', 'GET /\\x1b HTTP/1.0', [1], '"GET /\\\\x1b HTTP/1.0" 200 1'],
    ['C1 control characters', 'GET /\x85\xa0 HTTP/1.0', [1], '"GET /\\x85\xa0 HTTP/1.0" 200 1'],
  ])('shows the size of %s', async (_what, line, sizes, logged) => {
    await using server = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      return sizes.map((size) => new Uint8Array(size));
    });
    await exchange(server, `${line}\r\n\r\n`);
    expect(server.log).toBe(`127.0.0.1 - - [-] ${logged}\n`);
  });

  test('shows the error page of an application that fails, after its stack', async () => {
    await using server = await serve(() => {
      throw new TypeError('broken');
    });
    const reply = await exchange(server, GET);
    const page = 'A server error occurred.  Please contact the administrator.';
    expect(withoutDate(reply)).toBe(
      'HTTP/1.0 500 Internal Server Error\r\nDate: -\r\nServer: WSGIServer/0.2 Node.js/-\r\n' +
        `Content-Type: text/plain\r\nContent-Length: 59\r\n\r\n${page}`,
    );
    const lines = server.log.split('\n');
    expect(lines[0]).toBe('TypeError: broken');
    expect(lines.slice(-2)).toEqual(['127.0.0.1 - - [-] "GET / HTTP/1.0" 500 59', '']);
  });

  test('has no line for a response that broke off, as in Python', async () => {
    await using server = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield encodeLatin1('half');
      throw new Error('broken');
    });
    expect(body(await exchange(server, GET))).toBe('half');
    expect(server.log).toMatch(/^Error: broken\n/);
    expect(server.log).not.toContain('"GET /');
  });

  test('goes where logMessage() says', async () => {
    const logged: unknown[][] = [];
    class Handler extends WSGIRequestHandler {
      override logMessage(...args: unknown[]) {
        logged.push(args);
      }
    }
    await using server = await serve(helloApp, { handlerClass: Handler });
    await exchange(server, GET);
    await exchange(server, 'BAD\r\n');
    expect(logged).toEqual([
      ['"%s" %s %s', 'GET / HTTP/1.0', '200', 5],
      ['code %d, message %s', 400, "Bad request syntax ('BAD')"],
      ['"%s" %s %s', 'BAD', 400, '-'],
    ]);
    expect(server.log).toBe('');
  });

  test('has the address that addressString() says', async () => {
    class Handler extends WSGIRequestHandler {
      override addressString() {
        return 'somebody';
      }
    }
    await using server = await serve(helloApp, { handlerClass: Handler });
    await exchange(server, GET);
    expect(server.log).toBe('somebody - - [-] "GET / HTTP/1.0" 200 5\n');
  });

  test('of wsgi.errors takes any text, at once', async () => {
    await using server = await serve((environ, startResponse) => {
      const errors = environ['wsgi.errors'];
      void errors.write('warning: \u2713\n');
      void errors.writelines(['a', 'b\n']);
      void errors.flush();
      return helloApp(environ, startResponse);
    });
    await exchange(server, GET);
    expect(server.log).toBe('warning: \u2713\nab\n127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
  });

  test('that fails does not keep the result from being closed', async () => {
    let closed = 0;
    class Handler extends WSGIRequestHandler {
      override logRequest(): never {
        throw new Error('disk full');
      }
    }
    await using server = await serve(
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return { *[Symbol.iterator]() {}, close: () => void closed++ };
      },
      { handlerClass: Handler },
    );
    await exchange(server, GET);
    expect(closed).toBe(1);
    expect(server.log).toContain('Error: disk full');
  });
});

describe('sendError()', () => {
  class Handler extends BaseHTTPRequestHandler {
    doGET() {
      const [, code, message, explain] = this.path.split('/').map(decodeURIComponent);
      return this.sendError(Number(code), message, explain);
    }

    doHEAD() {
      return this.doGET();
    }
  }

  test.each([
    [404, 'Not Found', 'Nothing matches the given URI'],
    [400, 'Bad Request', 'Bad request syntax or unsupported method'],
    [414, 'URI Too Long', 'URI is too long'],
    [422, 'Unprocessable Content', ''],
    [999, '???', '???'],
  ])('%i: the page, and two lines in the log', async (code, message, explain) => {
    await using server = await serveHandler(Handler);
    const reply = await exchange(server, `GET /${code} HTTP/1.0\r\n\r\n`);
    expect(withoutDate(reply)).toBe(errorReply({ code, message, explain, server: 'BaseHTTP/0.6' }));
    expect(server.log).toBe(
      `127.0.0.1 - - [-] code ${code}, message ${message}\n` +
        `127.0.0.1 - - [-] "GET /${code} HTTP/1.0" ${code} -\n`,
    );
  });

  test('HEAD: the same head, and no page', async () => {
    await using server = await serveHandler(Handler);
    const get = await exchange(server, 'GET /404 HTTP/1.0\r\n\r\n');
    const head = await exchange(server, 'HEAD /404 HTTP/1.0\r\n\r\n');
    expect(withoutDate(head)).toBe(withoutDate(get).slice(0, -body(get).length));
  });

  test('HTTP/0.9: the page alone', async () => {
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET /404\r\n')).toBe(
      errorPage({ code: 404, message: 'Not Found', explain: 'Nothing matches the given URI' }),
    );
  });

  test('escapes what it shows in the page, and takes no percent sign for a place', async () => {
    await using server = await serveHandler(Handler);
    const reply = await exchange(
      server,
      'GET /404/%3Cb%3E%26%25(code)d%22/%25s%20%3Ci%3E HTTP/1.0\r\n\r\n',
    );
    expect(withoutDate(reply)).toBe(
      errorReply({
        code: 404,
        message: '<b>&%(code)d"',
        explain: '%s <i>',
        server: 'BaseHTTP/0.6',
      }),
    );
    expect(body(reply)).toContain('&lt;b&gt;&amp;%(code)d"');
  });

  test('a page and a media type of the handler’s own', async () => {
    class Own extends Handler {
      override errorMessageFormat = '%(code)d %(code)s: %(message)s (%(explain)s)';
      override errorContentType = 'text/plain';
    }
    await using server = await serveHandler(Own);
    const reply = await exchange(server, 'GET /404 HTTP/1.0\r\n\r\n');
    expect(reply).toContain('\r\nContent-Type: text/plain\r\n');
    expect(body(reply)).toBe('404 404: Not Found (Nothing matches the given URI)');
  });

  test('phrases of the handler’s own', async () => {
    class Own extends Handler {
      override setup() {
        this.responses = new Map([...this.responses, [999, ['Odd', 'Very odd']]]);
        return super.setup();
      }
    }
    await using server = await serveHandler(Own);
    const reply = await exchange(server, 'GET /999 HTTP/1.0\r\n\r\n');
    expect(statusLine(reply)).toBe('HTTP/1.0 999 Odd');
    expect(body(reply)).toBe(errorPage({ code: 999, message: 'Odd', explain: 'Very odd' }));
  });

  test('sends nothing that is not Latin-1', async () => {
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET /404/%E2%9C%93 HTTP/1.0\r\n\r\n')).toBe('');
    expect(server.log).toContain('RangeError: cannot encode U+2713');
  });
});

describe('sendResponse() and sendHeader()', () => {
  test('a code without a phrase, and no header', async () => {
    class Handler extends BaseHTTPRequestHandler {
      async doGET() {
        this.sendResponseOnly(299);
        await this.endHeaders();
        await this.flushHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    expect(await exchange(server, GET)).toBe('HTTP/1.0 299 \r\n\r\n');
  });

  test('a server that calls itself otherwise', async () => {
    class Handler extends BaseHTTPRequestHandler {
      override serverVersion = 'Example/1';
      override sysVersion = 'Other/2';

      doGET() {
        this.sendResponse(200, 'Fine');
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    expect(withoutDate(await exchange(server, GET))).toBe(
      'HTTP/1.0 200 Fine\r\nServer: Example/1 Other/2\r\nDate: -\r\n\r\n',
    );
  });

  test('an HTTP/1.1 handler: Connection decides on what becomes of the connection', async () => {
    class Handler extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1';

      doGET() {
        this.sendResponse(204);
        this.sendHeader('Connection', this.path === '/last' ? 'Close' : 'Upgrade');
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    const count = (reply: string): number => reply.match(/^HTTP\/1\.1 204/gm)!.length;
    const more = 'GET /more HTTP/1.1\r\nHost: h\r\n\r\n';
    const last = 'GET /last HTTP/1.1\r\nHost: h\r\n\r\n';
    expect(count(await exchange(server, more + more + last + more))).toBe(3);
    expect(count(await exchange(server, GET + more))).toBe(1);
    const kept = 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n';
    expect(count(await exchange(server, kept + kept + last))).toBe(3);
    const closed = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: CLOSE\r\n\r\n';
    expect(count(await exchange(server, closed + more))).toBe(1);
    expect(count(await exchange(server, more, { halfClose: true }))).toBe(1);
  });

  test('an HTTP/1.1 handler: each request on a connection has its own headers', async () => {
    class Handler extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1';

      doGET() {
        this.sendResponseOnly(200);
        this.sendHeader('Content-Length', '0');
        this.sendHeader('X-Seen', `${this.headers.get('X-A')} ${this.headers.get('X-B')}`);
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    const reply = await exchange(
      server,
      'GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n' +
        'GET / HTTP/1.1\r\nHost: h\r\nX-B: 2\r\nConnection: close\r\n\r\n',
    );
    expect(reply.match(/X-Seen: .*/g)).toEqual(['X-Seen: 1 null', 'X-Seen: null 2']);
  });

  test('an HTTP/1.1 handler closes after a request without a version', async () => {
    class Handler extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1';
      override defaultRequestVersion = 'HTTP/1.1';

      doGET() {
        this.sendResponseOnly(204);
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    expect(await exchange(server, 'GET /\r\nGET /\r\n')).toBe('HTTP/1.1 204 No Content\r\n\r\n');
  });

  test('an HTTP/1.0 handler closes the connection, whatever the client asks for', async () => {
    class Handler extends BaseHTTPRequestHandler {
      doGET() {
        this.sendResponse(204);
        return this.endHeaders();
      }
    }
    await using server = await serveHandler(Handler);
    const kept = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n';
    expect((await exchange(server, kept + kept)).match(/^HTTP/gm)).toHaveLength(1);
  });
});

test('an HTTP/1.1 WSGI handler says 100 Continue before the application waits for the body', async () => {
  class Handler extends WSGIRequestHandler {
    override protocolVersion = 'HTTP/1.1';
  }
  await using server = await serve(
    async (environ, startResponse) => {
      const read = await environ['wsgi.input'].read();
      startResponse('200 OK', []);
      return [read];
    },
    { handlerClass: Handler },
  );
  await using client = await RawClient.connect(server);
  await client.send(
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  );
  await client.waitFor('HTTP/1.1 100 Continue\r\n\r\n');
  await client.send('ok');
  expect(await client.reply()).toMatch(/\r\n\r\nok$/);
});

test('DIFFERS(25): the server has one name, in responses and error pages', async () => {
  await using server = await serve(helloApp);
  const name = `WSGIServer/0.2 Node.js/${process.versions.node}`;
  expect(await exchange(server, GET)).toContain(`\r\nServer: ${name}\r\n`);
  expect(await exchange(server, 'BAD\r\n')).toContain(`\r\nServer: ${name}\r\n`);
});

test('the error page is exported as in Python', () => {
  expect(DEFAULT_ERROR_CONTENT_TYPE).toBe('text/html;charset=utf-8');
  expect(DEFAULT_ERROR_MESSAGE).toContain('%(code)d');
});
