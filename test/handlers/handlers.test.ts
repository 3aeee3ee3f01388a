// After HandlerTests of CPython's Lib/test/test_wsgiref.py, under its names.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { BaseCGIHandler, BaseHandler, SimpleHandler } from '@wsgiref/handlers';
import type { StartResponse, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import {
  AssertionError,
  BytesIO,
  FileWrapper,
  type PartialEnvironment,
  setupTestingDefaults,
  StringIO,
} from '@wsgiref/util';
import {
  bytes,
  ERROR_PAGE,
  ErrorHandler,
  helloApp,
  MemoryHandler,
  systemError,
  TestHandler,
  text,
} from './support.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('HandlerTests', () => {
  test('testEnviron', async () => {
    const osEnviron = {
      HOME: '/my/home',
      PATH: '/my/path',
      LANG: 'fr_FR.UTF-8',
      SCRIPT_NAME: 'test_script_name',
      SERVER_NAME: 'test_server_name',
    };
    const handler = new TestHandler({ X: 'Y', HOME: '/override/home' });
    handler.osEnviron = osEnviron;
    await handler.setupEnviron();

    const { environ } = handler;
    expect(environ!['wsgi.version']).toBe(handler.wsgiVersion);
    expect(environ!['wsgi.multithread']).toBe(handler.wsgiMultithread);
    expect(environ!['wsgi.multiprocess']).toBe(handler.wsgiMultiprocess);
    expect(environ!['wsgi.run_once']).toBe(handler.wsgiRunOnce);
    const file = new BytesIO();
    expect(environ!['wsgi.file_wrapper']!(file)).toBeInstanceOf(handler.wsgiFileWrapper!);

    const defaults: PartialEnvironment = {};
    setupTestingDefaults(defaults);
    expect(environ).toStrictEqual({
      ...osEnviron,
      ...defaults,
      X: 'Y',
      HOME: '/override/home',
      SCRIPT_NAME: '',
      SERVER_NAME: '127.0.0.1',
      'wsgi.input': handler.getStdin(),
      'wsgi.errors': handler.getStderr(),
      'wsgi.version': [1, 0],
      'wsgi.run_once': false,
      'wsgi.url_scheme': 'http',
      'wsgi.multithread': true,
      'wsgi.multiprocess': true,
      'wsgi.file_wrapper': expect.any(Function),
    });
    expect(environ!['wsgi.input']).toBe(handler.stdin);
    expect(environ!['wsgi.errors']).toBe(handler.stderr);
  });

  test('testCGIEnviron', async () => {
    const handler = new BaseCGIHandler(null, new BytesIO(), null, {});
    await handler.setupEnviron();
    for (const key of ['wsgi.url_scheme', 'wsgi.input', 'wsgi.errors']) {
      expect(handler.environ).toHaveProperty([key]);
    }
  });

  test.each([
    [{ HTTPS: 'on' }, 'https'],
    [{}, 'http'],
  ])('testScheme: %j is %s', async (variables, scheme) => {
    const handler = new TestHandler(variables);
    await handler.setupEnviron();
    expect(handler.environ!['wsgi.url_scheme']).toBe(scheme);
  });

  test('testAbstractMethods: the compiler refuses a handler without its hooks', () => {
    // @ts-expect-error: _write, _flush, getStdin, getStderr and addCgiVars are missing.
    class Bare extends BaseHandler {}

    for (const hook of ['_write', '_flush', 'getStdin', 'getStderr', 'addCgiVars']) {
      expect(hook in Bare.prototype).toBe(false);
      expect(hook in MemoryHandler.prototype).toBe(true);
    }
  });

  describe('testContentLength', () => {
    async function sent(
      app: (environ: WSGIEnvironment, startResponse: StartResponse) => WSGIResult,
      variables = {},
    ): Promise<string> {
      const handler = new TestHandler(variables);
      await handler.run(app);
      return handler.sent;
    }

    test('a list of one block has its length', async () => {
      const output = await sent((environ, startResponse) => {
        startResponse('200 OK', []);
        return [bytes(environ['wsgi.url_scheme'])];
      });
      expect(output).toBe('Status: 200 OK\r\nContent-Length: 4\r\n\r\nhttp');
    });

    test('a body by write() has none', async () => {
      const output = await sent((environ, startResponse) => {
        void startResponse('200 OK', [])(bytes(environ['wsgi.url_scheme']));
        return [];
      });
      expect(output).toBe('Status: 200 OK\r\n\r\nhttp');
    });

    test('bytes are counted, not characters', async () => {
      const output = await sent((_environ, startResponse) => {
        startResponse('200 OK', []);
        return [new TextEncoder().encode('\u0442\u0435\u0441\u0442')];
      });
      expect(output).toBe(
        'Status: 200 OK\r\nContent-Length: 8\r\n\r\n\xd1\x82\xd0\xb5\xd1\x81\xd1\x82',
      );
    });

    test("the application's own stays, in the response to a HEAD request", async () => {
      const output = await sent(
        (_environ, startResponse) => {
          startResponse('200 OK', [['Content-Length', '12345']]);
          return [];
        },
        { REQUEST_METHOD: 'HEAD' },
      );
      expect(output).toBe('Status: 200 OK\r\nContent-Length: 12345\r\n\r\n');
    });
  });

  test('testBasicErrorOutput', async () => {
    const good = new ErrorHandler();
    await good.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [];
    });
    expect(good.sent).toBe('Status: 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(good.log).toBe('');

    const bad = new ErrorHandler();
    await bad.run(() => {
      throw new AssertionError('This should be caught by handler');
    });
    expect(bad.sent).toBe(
      `Status: ${bad.errorStatus}\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${bad.errorBody.length}\r\n\r\n${text(bad.errorBody)}`,
    );
    expect(bad.sent).toBe(ERROR_PAGE);
    expect(bad.log).toMatch(/^AssertionError: This should be caught by handler\n\s+at /);
  });

  test('testErrorAfterOutput', async () => {
    const message = 'Some output has been sent';
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes(message));
      throw new AssertionError('This should be caught by handler');
    });
    expect(handler.sent).toBe(`Status: 200 OK\r\n\r\n${message}`);
    expect(handler.log).toContain('AssertionError');
  });

  describe('testHeaderFormats', () => {
    const matrix = ['FooBar/1.0', null].flatMap((software) =>
      ['1.0', '1.1'].flatMap((version) =>
        ['HTTP/0.9', 'HTTP/1.0', 'HTTP/1.1'].flatMap((protocol) =>
          [false, true].map((origin) => ({ software, version, protocol, origin })),
        ),
      ),
    );

    test.each(matrix)('%j', async ({ software, version, protocol, origin }) => {
      const handler = new TestHandler({ SERVER_PROTOCOL: protocol });
      handler.originServer = origin;
      handler.httpVersion = version;
      handler.serverSoftware = software;
      await handler.run((_environ, startResponse) => {
        startResponse('200 OK', []);
        return [];
      });
      if (!origin) {
        expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 0\r\n\r\n');
      } else if (protocol === 'HTTP/0.9') {
        expect(handler.sent).toBe('');
      } else {
        const date = '\\w{3}, [ 0123]\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT';
        const server = software === null ? '' : `Server: ${software}\r\n`;
        expect(handler.sent).toMatch(
          new RegExp(
            `^HTTP/${version} 200 OK\r\nDate: ${date}\r\n${server}Content-Length: 0\r\n\r\n$`,
          ),
        );
      }
    });
  });

  test('testBytesData', async () => {
    const handler = new TestHandler();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
      return [bytes('data')];
    });
    expect(handler.sent).toBe(
      'Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\ndata',
    );
  });

  test('testCloseOnError', async () => {
    const close = jest.fn<() => void>();
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes('Some output has been sent'));
      return {
        *[Symbol.iterator]() {
          yield bytes('blah');
          throw new AssertionError('This should be caught by handler');
        },
        close,
      };
    });
    expect(close).toHaveBeenCalledTimes(1);
  });

  test.each(['now', 'by promise'])(
    'testPartialWrite: a stream that takes 7 bytes at a time and answers %s',
    async (answer) => {
      const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      let written = '';
      const partialWriter = {
        write(data: Uint8Array) {
          const part = data.subarray(0, 7);
          written += text(part);
          return answer === 'now' ? part.length : Promise.resolve(part.length);
        },
        flush() {},
      };
      const environ = { SERVER_PROTOCOL: 'HTTP/1.0' };
      const handler = new SimpleHandler(new BytesIO(), partialWriter, new StringIO(), environ);
      await handler.run(helloApp);
      expect(emitWarning.mock.calls).toEqual([
        ['SimpleHandler.stdout.write() should not do partial writes', 'DeprecationWarning'],
      ]);
      expect(written).toBe(
        'HTTP/1.0 200 OK\r\n' +
          'Content-Type: text/plain\r\n' +
          'Date: Mon, 05 Jun 2006 18:49:54 GMT\r\n' +
          'Content-Length: 13\r\n' +
          '\r\n' +
          'Hello, world!',
      );
    },
  );

  test.each(['ECONNABORTED', 'EPIPE', 'ECONNRESET'])(
    'testClientConnectionTerminations: %s',
    async (code) => {
      const stderr = new StringIO();
      const abortingWriter = {
        write() {
          throw systemError(code);
        },
        flush() {},
      };
      const environ = { SERVER_PROTOCOL: 'HTTP/1.0' };
      await new SimpleHandler(new BytesIO(), abortingWriter, stderr, environ).run(helloApp);
      expect(stderr.getvalue()).toBe('');
    },
  );

  test('testDontResetInternalStateOnException', async () => {
    class CustomException extends Error {
      override readonly name = 'CustomException';
    }
    const stderr = new StringIO();
    const abortingWriter = {
      write() {
        throw new CustomException();
      },
      flush() {},
    };
    const environ = { SERVER_PROTOCOL: 'HTTP/1.0' };
    const handler = new SimpleHandler(new BytesIO(), abortingWriter, stderr, environ);
    await handler.run(helloApp);
    expect(stderr.getvalue()).toContain('CustomException');
    expect(handler.result).not.toBeNull();
    expect(handler.headers).not.toBeNull();
    expect(handler.status).not.toBeNull();
    expect(handler.environ).not.toBeNull();
  });

  describe('testRaisesControlCharacters', () => {
    const controls = [...Array(0x20).keys(), 0x7f].map((code) => String.fromCharCode(code));
    const hex = (character: string): string => character.charCodeAt(0).toString(16);

    test.each(controls.map((control) => [hex(control), control]))(
      '0x%s in a status, a name or a value is refused',
      (_hex, control) => {
        const start = (...[status, headers]: Parameters<StartResponse>) => {
          return () => new MemoryHandler().startResponse(status, headers);
        };
        const inStatus = new RangeError('Control characters are not allowed in status');
        expect(start(control, [])).toThrow(inStatus);
        expect(start(`200 O${control}K`, [])).toThrow(inStatus);
        expect(start(`200 OK${control}`, [])).toThrow(inStatus);

        const inHeader = new RangeError('Control characters not allowed in headers');
        expect(start('200 OK', [[`X${control}`, 'y']])).toThrow(inHeader);
        // A tab passes Headers, as in Python, and is refused as the rest of PEP 3333 is.
        expect(start('200 OK', [['X', `y${control}`]])).toThrow(
          control === '\t'
            ? new AssertionError("Bad header value: 'y\\t' (bad char: '\\t')")
            : inHeader,
        );
      },
    );
  });

  test('the file wrapper of environ makes what the handler recognizes', async () => {
    const handler = new TestHandler();
    await handler.setupEnviron();
    handler.result = handler.environ!['wsgi.file_wrapper']!(new BytesIO());
    expect(handler.resultIsFile()).toBe(true);
    expect(handler.result).toBeInstanceOf(FileWrapper);
    handler.result = [];
    expect(handler.resultIsFile()).toBe(false);
  });
});
