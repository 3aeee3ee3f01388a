// The clauses of PEP 3333 that bind a server, and those of HTTP that a handler can see to. The
// number before each title is the clause's in the order of the specification; a DIFFERS(n) beside it
// marks where CPython does not comply and these handlers do.

import { describe, expect, jest, test } from '@jest/globals';
import {
  BaseCGIHandler,
  ClientDisconnected,
  LimitedStream,
  SimpleHandler,
} from '@wsgiref/handlers';
import { Headers } from '@wsgiref/headers';
import type {
  ErrorStream,
  FileLike,
  HeaderList,
  InputStream,
  StartResponse,
  WriteCallable,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { AssertionError, BytesIO, FileWrapper, StringIO } from '@wsgiref/util';
import {
  allDone,
  bytes,
  caught,
  ERROR_PAGE,
  ErrorHandler,
  helloApp,
  MemoryHandler,
  Recorder,
  SlowRecorder,
  systemError,
  text,
  type Variables,
} from './support.ts';

const HEAD = 'Status: 200 OK\r\n\r\n';

async function serve(
  app: WSGIApplicationLike,
  variables: Variables = {},
  body = '',
): Promise<ErrorHandler> {
  const handler = new ErrorHandler(variables, body);
  await handler.run(app);
  return handler;
}

/** An application that answers with blocks, and headers of its own. */
function respond(blocks: Iterable<string>, headers: HeaderList = [], status = '200 OK') {
  return function* (_environ: WSGIEnvironment, startResponse: StartResponse) {
    startResponse(status, headers);
    for (const block of blocks) yield bytes(block);
  };
}

/** A gateway on an output of the test's own. */
function onto(stdout: Recorder, variables: Variables = {}): BaseCGIHandler {
  return new BaseCGIHandler(new BytesIO(), stdout, new StringIO(), variables);
}

describe('Calling the application', () => {
  test('S1: it is called with two positional arguments, and no callable is introspected', async () => {
    const calls: unknown[][] = [];
    const used: PropertyKey[] = [];
    const opaque = new Proxy(function () {}, {
      get: (_target, key) => void used.push(key),
      has: (_target, key) => !used.push(key),
      getOwnPropertyDescriptor: (_target, key) => void used.push(key),
      apply(_target, self, args: [WSGIEnvironment, StartResponse]) {
        calls.push([self, ...args]);
        args[1]('200 OK', []);
        return [];
      },
    });
    const handler = await serve(opaque as unknown as WSGIApplicationLike);
    expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(calls).toEqual([[undefined, expect.any(Object), expect.any(Function)]]);
    expect(used).toEqual([]);
  });

  test('S3: it is called once a request, whether it fails or not', async () => {
    const good = jest.fn(helloApp);
    await serve(good);
    expect(good).toHaveBeenCalledTimes(1);
    const bad = jest.fn((): never => {
      throw new Error('no');
    });
    await serve(bad);
    expect(bad).toHaveBeenCalledTimes(1);
  });

  test('S6: the result is closed on a normal end, on an error and when the client has gone', async () => {
    const close = jest.fn<() => void>();
    const closing = (block: () => Uint8Array) => (_environ: unknown, start: StartResponse) => {
      start('200 OK', []);
      return {
        *[Symbol.iterator]() {
          yield block();
        },
        close,
      };
    };
    await serve(closing(() => bytes('x')));
    expect(close).toHaveBeenCalledTimes(1);

    const failing = await serve(
      closing(() => {
        throw new Error('no');
      }),
    );
    expect(failing.sent).toBe(ERROR_PAGE);
    expect(close).toHaveBeenCalledTimes(2);

    const gone = new Recorder();
    gone.write = () => {
      throw systemError('EPIPE');
    };
    await onto(gone).run(closing(() => bytes('x')));
    expect(close).toHaveBeenCalledTimes(3);
  });

  test('S7: start_response() may be called as late as the first iteration', async () => {
    const result = (startResponse: StartResponse) => ({
      *[Symbol.iterator]() {
        startResponse('200 OK', []);
        yield bytes('late');
      },
    });
    const handler = await serve((_environ, startResponse) => result(startResponse));
    expect(handler.sent).toBe(`${HEAD}late`);
  });

  test('S8: of the result, nothing is used but what iterates, measures and closes it', async () => {
    const used = new Set<PropertyKey>();
    const result = new Proxy([bytes('x')], {
      get(target, key, receiver) {
        used.add(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      return result;
    });
    expect(handler.body).toBe('x');
    // An array is known by its iterator, and read block by block.
    expect(used).toEqual(new Set(['then', Symbol.iterator, 'length', '0', 'close', 'return']));
  });
});

describe('Transmitting blocks', () => {
  test('S4: each block is handed over and flushed before the next is asked for', async () => {
    const events: string[] = [];
    await onto(new Recorder(events)).run(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      for (const block of ['one', 'two']) {
        events.push(`ask for ${block}`);
        yield bytes(block);
      }
      events.push('ask for the end');
    });
    expect(events).toEqual([
      'ask for one',
      'write "Status: 200 OK\\r\\n"',
      'write "\\r\\n"',
      'write "one"',
      'flush',
      'ask for two',
      'write "two"',
      'flush',
      'ask for the end',
    ]);
  });

  test('S5: line ends in the body are left as they are', async () => {
    const body = '\n\r\r\n\n\r \r';
    expect((await serve(respond([body]))).body).toBe(body);
  });

  test('S40: a block is out while the application computes the next', async () => {
    const events: string[] = [];
    let finish = (): void => {};
    const computed = new Promise<void>((resolve) => (finish = resolve));
    const running = onto(new SlowRecorder(events)).run(async function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield bytes('early');
      events.push('computing');
      await computed;
      yield bytes('late');
    });
    while (!events.includes('computing')) await allDone();
    expect(events.slice(-3)).toEqual(['write "early"', 'flush', 'computing']);
    await allDone();
    finish();
    await running;
    expect(events.slice(-3)).toEqual(['computing', 'write "late"', 'flush']);
  });

  test('S41: what write() has taken is out when it returns, or when its promise resolves', async () => {
    const events: string[] = [];
    await onto(new Recorder(events)).run((_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      expect(write(bytes('now'))).toBeUndefined();
      events.push('returned');
      return [];
    });
    expect(events.slice(-3)).toEqual(['write "now"', 'flush', 'returned']);

    events.length = 0;
    await onto(new SlowRecorder(events)).run(async (_environ, startResponse) => {
      await startResponse('200 OK', [])(bytes('soon'));
      events.push('resolved');
      return [];
    });
    expect(events.slice(-3)).toEqual(['write "soon"', 'flush', 'resolved']);
  });

  test('S42: what the application returns after write() is sent, too', async () => {
    const handler = await serve((_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes('written '));
      return [bytes('returned')];
    });
    expect(handler.sent).toBe(`${HEAD}written returned`);
  });

  test.each([
    ['a string', 'text'],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['an array', [1]],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['a number', 7],
    ['null', null],
  ])('S44: %s is no block', async (_kind, block: unknown) => {
    const yielded = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield block as never;
    });
    expect(yielded.sent).toBe(ERROR_PAGE);
    expect(yielded.log).toMatch(/^AssertionError: write\(\) argument must be a bytes instance/);

    const written = await serve((_environ, startResponse) => {
      void startResponse('200 OK', [])(block as never);
      return [];
    });
    expect(written.sent).toBe(ERROR_PAGE);
  });

  test('S44: a Buffer is bytes', async () => {
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from('\xe9', 'utf8')];
    });
    expect(handler.body).toBe('\xc3\xa9');
  });
});

describe('Input and error streams', () => {
  const read = (use: (input: InputStream) => unknown): WSGIApplicationLike =>
    async function (environ, startResponse) {
      const got = await use(environ['wsgi.input']);
      startResponse('200 OK', []);
      const blocks = (Array.isArray(got) ? got : [got]) as Uint8Array[];
      return [bytes(blocks.map((block) => `<${text(block)}>`).join(''))];
    };
  const lines = 'one\ntwo\nthree';

  test.each<[string, (input: InputStream) => unknown, string]>([
    ['read(size)', (input) => input.read(4), '<one\n>'],
    ['readline()', (input) => input.readline(), '<one\n>'],
    ['readlines()', (input) => input.readlines(), '<one\n><two\n><three>'],
    ['readlines(hint)', (input) => input.readlines(5), '<one\n><two\n>'],
    [
      'iteration',
      async (input) => {
        const all: Uint8Array[] = [];
        for await (const line of input) all.push(line);
        return all;
      },
      '<one\n><two\n><three>',
    ],
  ])('S20: wsgi.input supports %s', async (_method, use, expected) => {
    const handler = await serve(read(use), { CONTENT_LENGTH: String(lines.length) }, lines);
    expect(handler.body).toBe(expected);
  });

  test.each<[string, (input: InputStream) => unknown]>([
    ['read(size)', async (input) => [await input.read(4096), await input.read(1)]],
    ['readlines()', async (input) => [...(await input.readlines()), await input.read(1)]],
    ['readline()', async (input) => [await input.readline(), await input.readline()]],
  ])('S21, DIFFERS(13): %s meets the end of file at Content-Length', async (_method, use) => {
    const handler = await serve(read(use), { CONTENT_LENGTH: '4' }, 'bodyGET /next HTTP/1.1\n');
    expect(handler.body).toBe('<body><>');
    expect(text(handler.stdin.read())).toBe('GET /next HTTP/1.1\n');
  });

  test('S22, DIFFERS(13): read() without an argument returns the rest of the body', async () => {
    const use = async (input: InputStream): Promise<Uint8Array[]> => [
      await input.read(1),
      await input.read(),
    ];
    const handler = await serve(read(use), { CONTENT_LENGTH: '4' }, 'bodyNEXT');
    expect(handler.body).toBe('<b><ody>');
  });

  test('S23, DIFFERS(13): exhausted input gives empty bytes for ever', async () => {
    const use = async (input: InputStream): Promise<unknown[]> => [
      await input.read(),
      await input.read(),
      await input.read(10),
      await input.readline(),
      ...(await input.readlines()),
      await input.read(),
    ];
    const handler = await serve(read(use), { CONTENT_LENGTH: '4' }, 'bodyNEXT');
    expect(handler.body).toBe('<body><><><><>');
  });

  test('S24: readline(size) returns a piece of a line', async () => {
    const use = async (input: InputStream): Promise<unknown[]> => [
      await input.readline(2),
      await input.readline(2),
      await input.readline(2),
    ];
    const handler = await serve(read(use), { CONTENT_LENGTH: '7' }, 'one\ntwo');
    expect(handler.body).toBe('<on><e\n><tw>');
  });

  test.each([undefined, ''])(
    'DIFFERS(13): with a CONTENT_LENGTH of %j the stream is given as it is',
    async (length) => {
      const handler = new ErrorHandler(length === undefined ? {} : { CONTENT_LENGTH: length });
      await handler.setupEnviron();
      expect(handler.environ!['wsgi.input']).toBe(handler.stdin);
    },
  );

  test('DIFFERS(13): a stream that ends by itself is given as it is', async () => {
    const handler = new ErrorHandler({ CONTENT_LENGTH: '4', 'wsgi.input_terminated': true });
    await handler.setupEnviron();
    expect(handler.environ!['wsgi.input']).toBe(handler.stdin);
    expect(handler.environ!['wsgi.input']).not.toBeInstanceOf(LimitedStream);
  });

  test.each(['-1', '+1', '1.0', ' 4', '0x4', '4, 4', 'four', '1234567890123456'])(
    'DIFFERS(51): a CONTENT_LENGTH of %j is answered with 400, and the application not called',
    async (length) => {
      const app = jest.fn(helloApp);
      const handler = await serve(app, { CONTENT_LENGTH: length });
      const body = `Invalid CONTENT_LENGTH: '${length}'`;
      expect(handler.sent).toBe(
        'Status: 400 Bad Request\r\nContent-Type: text/plain\r\n' +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(app).not.toHaveBeenCalled();
      expect(handler.log).toBe('');
    },
  );

  test('a body shorter than its Content-Length is answered with 400, and not logged', async () => {
    const handler = await serve(
      read((input) => input.read()),
      { CONTENT_LENGTH: '4' },
      'bo',
    );
    const body = 'the request body ended after 2 of the 4 bytes of its Content-Length';
    expect(handler.sent).toBe(
      'Status: 400 Bad Request\r\nContent-Type: text/plain\r\n' +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(handler.log).toBe('');
  });

  test('the same after output ends the response, which the application cannot complete', async () => {
    const handler = await serve(
      async function* (environ, startResponse) {
        startResponse('200 OK', []);
        yield bytes('so far');
        yield await environ['wsgi.input'].read();
      },
      { CONTENT_LENGTH: '4' },
    );
    expect(handler.sent).toBe(`${HEAD}so far`);
    expect(handler.log).toBe('');
  });

  test('S25: wsgi.errors is the stream of getStderr(), for any Unicode', async () => {
    const handler = await serve(async (environ, startResponse) => {
      await environ['wsgi.errors'].write('\u2603');
      await environ['wsgi.errors'].writelines(['a', 'b\n']);
      await environ['wsgi.errors'].flush();
      startResponse('200 OK', []);
      return [];
    });
    expect(handler.log).toBe('\u2603ab\n');
  });
});

describe('start_response()', () => {
  test('S26: it returns the write() callable', async () => {
    let write: WriteCallable | undefined;
    const handler = await serve((_environ, startResponse) => {
      write = startResponse('200 OK', []);
      void write(bytes('x'));
      return [];
    });
    expect(write).toBeInstanceOf(Function);
    expect(handler.sent).toBe(`${HEAD}x`);
  });

  test('S27: an origin server adds Date and Server, a gateway does not', async () => {
    const origin = new MemoryHandler();
    origin.serverSoftware = 'Test/1.0';
    const before = Math.floor(Date.now() / 1000) * 1000;
    await origin.run(respond(['x'], [['X-First', '1']]));
    const head = /^HTTP\/1.0 200 OK\r\nDate: (.*)\r\nServer: Test\/1.0\r\nX-First: 1\r\n\r\nx$/;
    expect(origin.sent).toMatch(head);
    const date = Date.parse(head.exec(origin.sent)![1]!);
    expect(date).toBeGreaterThanOrEqual(before);
    expect(date).toBeLessThanOrEqual(Date.now());

    const gateway = new ErrorHandler();
    gateway.serverSoftware = 'Test/1.0';
    await gateway.run(respond(['x'], [['X-First', '1']]));
    expect(gateway.sent).toBe('Status: 200 OK\r\nX-First: 1\r\n\r\nx');
  });

  test("S27: the application's own Date and Server, in any case, stand alone", async () => {
    const origin = new MemoryHandler();
    origin.serverSoftware = 'Test/1.0';
    await origin.run(
      respond(
        ['x'],
        [
          ['date', 'today'],
          ['SERVER', 'mine'],
        ],
      ),
    );
    expect(origin.sent).toBe('HTTP/1.0 200 OK\r\ndate: today\r\nSERVER: mine\r\n\r\nx');
  });

  test.each([
    'Connection',
    'keep-alive',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'TE',
    'Trailers',
    'Transfer-Encoding',
    'UPGRADE',
  ])('S28: the hop-by-hop header %s is refused', async (name) => {
    const handler = await serve(respond(['x'], [[name, 'value']]));
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(
      `AssertionError: Hop-by-hop header, '${name}: value', not allowed\n`,
    );
  });

  test('S28, DIFFERS(7): it is not sent even if the application swallows the refusal', async () => {
    const handler = await serve((_environ, startResponse) => {
      try {
        startResponse('200 OK', [['Connection', 'close']]);
      } catch {
        return [bytes('never mind')];
      }
      return [];
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toContain('AssertionError: write() before start_response()');
  });

  test.each<[string, HeaderList, string]>([
    ['a space in a name', [['X Y', 'v']], "Bad header name: 'X Y'"],
    ['a colon in a name', [['X:', 'v']], "Bad header name: 'X:'"],
    ['an empty name', [['', 'v']], "Bad header name: ''"],
    ['a letter of Latin-1 in a name', [['\xe9', 'v']], "Bad header name: '\xe9'"],
    ['a character above U+00FF in a value', [['X', '\u20ac']], "Bad header value: '\u20ac'"],
    ['a pair of three', [['X', 'v', 'w'] as never], 'Headers must be a list of name/value tuples'],
    ['a value that is no string', [['X', 1 as never]], 'Header names/values must be of type str'],
    ['an object', { X: 'v' } as never, 'Headers must be a list of name/value tuples'],
  ])(
    'S29, DIFFERS(29): %s is refused by start_response() itself',
    async (_what, headers, message) => {
      const handler = new MemoryHandler();
      expect(() => handler.startResponse('200 OK', headers)).toThrow(message);
      expect(handler.headers).toBeNull();
    },
  );

  test.each(['200 OK\r\n', '200 O\x00K', '200 OK\x7f', '200 \tOK'])(
    'S30: the status %j is refused',
    (status) => {
      expect(() => new MemoryHandler().startResponse(status, [])).toThrow(
        new RangeError('Control characters are not allowed in status'),
      );
    },
  );

  test.each([...Array(0x20).keys(), 0x7f])(
    'S31, DIFFERS(29): a header value with the control character %i is refused',
    (code) => {
      const value = `a${String.fromCharCode(code)}b`;
      expect(() => new MemoryHandler().startResponse('200 OK', [['X', value]])).toThrow(
        /^(Control characters not allowed in headers|Bad header value: 'a\\tb' \(bad char: '\\t'\))$/,
      );
    },
  );

  test('S31: a byte of 0x80 or more may be part of UTF-8, and is let through', async () => {
    const all = Array.from({ length: 0x80 }, (_, i) => String.fromCharCode(0x80 + i)).join('');
    const handler = await serve(respond(['x'], [['X', all]]));
    expect(handler.sent).toBe(`Status: 200 OK\r\nX: ${all}\r\n\r\nx`);
  });

  test('S32: start_response() sends nothing', async () => {
    const events: string[] = [];
    const handler = onto(new Recorder(events));
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      expect(events).toEqual([]);
      expect(handler.headersSent).toBe(false);
      return [];
    });
    expect(events).toHaveLength(3);
  });

  test('S32, DIFFERS(10): an empty block sends no headers, so an error may still replace them', async () => {
    const handler = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield new Uint8Array();
      yield new Uint8Array();
      try {
        throw new Error('too late for Python');
      } catch (error) {
        startResponse('503 Busy', [], error);
      }
      yield bytes('busy');
    });
    expect(handler.sent).toBe('Status: 503 Busy\r\n\r\nbusy');
  });

  test('S32: an empty block between others changes nothing', async () => {
    expect((await serve(respond(['a', '', 'b', '']))).sent).toBe(`${HEAD}ab`);
  });

  test('S32: exhaustion sends the headers, with a length of 0', async () => {
    const empty = 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n';
    expect((await serve(respond([]))).sent).toBe(empty);
    expect((await serve(respond(['', '']))).sent).toBe(empty);
  });

  test('S32: the first write() sends the headers, whatever it writes', async () => {
    const events: string[] = [];
    let sent: string[] = [];
    await onto(new Recorder(events)).run((_environ, startResponse) => {
      void startResponse('200 OK', [])(new Uint8Array());
      sent = [...events];
      return [];
    });
    expect(sent).toEqual(['write "Status: 200 OK\\r\\n"', 'write "\\r\\n"', 'flush']);
    expect(events).toEqual(sent);
  });

  test('S33: with exc_info, and nothing sent, status and headers are replaced', async () => {
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', [['X-Old', '1']]);
      startResponse('500 Oops', [['X-New', '2']], new Error('template'));
      return [bytes('oops')];
    });
    expect(handler.sent).toBe('Status: 500 Oops\r\nX-New: 2\r\nContent-Length: 4\r\n\r\noops');
  });

  test('S34, DIFFERS(5): with exc_info, and headers sent, that very error is thrown', async () => {
    const mine = new Error('mine');
    let thrown: unknown;
    const handler = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      yield bytes('sent');
      try {
        startResponse('500 Oops', [], mine);
      } catch (error) {
        thrown = error;
        throw error;
      }
    });
    expect(thrown).toBe(mine);
    expect(handler.sent).toBe(`${HEAD}sent`);
    expect(handler.log).toMatch(/^Error: mine\n/);
  });

  test('S34, DIFFERS(5): so is a value that is no error', async () => {
    const handler = new ErrorHandler();
    handler.headersSent = true;
    expect(await caught(() => handler.startResponse('500 Oops', [], 'text'))).toBe('text');
    expect(await caught(() => handler.startResponse('500 Oops', [], 0))).toBe(0);
  });

  test('S35: a second call without exc_info is fatal', async () => {
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('200 OK', []);
      return [];
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(/^AssertionError: Headers already set!\n/);
  });

  test.each<[string, string, unknown]>([
    ['a malformed status', '200OK', []],
    ['a header that cannot be sent', '200 OK', [['X', '\n']]],
    ['headers that are no list', '200 OK', 'X: y'],
    ['a hop-by-hop header', '200 OK', [['TE', 'x']]],
  ])('S35, DIFFERS(6): also if the first call failed, for %s', async (_why, status, headers) => {
    const handler = new MemoryHandler();
    const call = (): unknown => handler.startResponse(status, headers as HeaderList);
    expect(call).toThrow(/^(?!Headers already set!)/);
    expect(() => handler.startResponse('200 OK', [])).toThrow(
      new AssertionError('Headers already set!'),
    );
    expect(() => handler.startResponse('200 OK', [], new Error('again'))).not.toThrow();
    expect(handler.status).toBe('200 OK');
  });

  test('S36: no reference to exc_info is kept', async () => {
    const handler = new MemoryHandler();
    const error = new Error('mine');
    handler.startResponse('500 Oops', [], error);
    const values = Object.values(handler) as unknown[];
    expect(values).not.toContain(error);
    expect(values.length).toBeGreaterThan(10);
  });

  test.each([
    ['200', 'Status must be at least 4 characters'],
    ['20X OK', 'Status message must begin w/3-digit code'],
    ['\xb2\xb2\xb2 OK', 'Status message must begin w/3-digit code'],
    ['200OK', 'Status message must have a space after code'],
    [200, 'Status must be of type str (got 200)'],
    [null, 'Status must be of type str (got null)'],
  ])('the status %j is refused', (status, message) => {
    const handler = new MemoryHandler();
    const call = (): unknown => handler.startResponse(status as string, []);
    expect(call).toThrow(new AssertionError(message));
    expect(handler.status).toBeNull();
  });

  test('S29, DIFFERS(7): a status that was refused is not sent', async () => {
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      try {
        startResponse('500Oops', [], new Error('x'));
      } catch {
        return [bytes('body')];
      }
      return [];
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toContain('AssertionError: write() before start_response()');
  });
});

describe('Content-Length', () => {
  const limited = (blocks: string[], length = '4'): WSGIApplicationLike =>
    respond(blocks, [['Content-Length', length]]);
  const head = 'Status: 200 OK\r\nContent-Length: 4\r\n\r\n';

  test.each([
    ['in one block', ['body and more']],
    ['in several blocks', ['bo', 'dy and', ' more']],
    ['at the limit', ['body', ' and more']],
  ])('S37, DIFFERS(11): no more is sent than it says, %s', async (_how, blocks) => {
    const handler = await serve(limited(blocks));
    expect(handler.sent).toBe(`${head}body`);
    expect(handler.log).toMatch(
      /^AssertionError: the application sent more than the 4 bytes of its Content-Length\n/,
    );
  });

  test('S37, DIFFERS(11): the iteration stops there, and the result is closed', async () => {
    const asked: number[] = [];
    let closed = false;
    const handler = await serve(function* (_environ, startResponse) {
      startResponse('200 OK', [['Content-Length', '4']]);
      try {
        for (let i = 0; i < 10; i++) {
          asked.push(i);
          yield bytes('abc');
        }
      } finally {
        closed = true;
      }
    });
    expect(handler.body).toBe('abca');
    expect(asked).toEqual([0, 1]);
    expect(closed).toBe(true);
  });

  test('S37, DIFFERS(11): write() of more is an error, after what fits has been sent', async () => {
    let thrown: unknown;
    const handler = await serve((_environ, startResponse) => {
      const write = startResponse('200 OK', [['Content-Length', '4']]);
      void write(bytes('bo'));
      try {
        void write(bytes('dyguard'));
      } catch (error) {
        thrown = error;
      }
      return [];
    });
    expect(thrown).toBeInstanceOf(AssertionError);
    expect(handler.sent).toBe(`${head}body`);
    expect(handler.log).toBe('');
  });

  test('S37: what fits exactly is no error, nor is an empty block after it', async () => {
    const handler = await serve(limited(['bo', 'dy', '']));
    expect(handler.sent).toBe(`${head}body`);
    expect(handler.log).toBe('');
  });

  test('S38: too little is reported, and not filled up', async () => {
    const handler = await serve(limited(['bo']));
    expect(handler.sent).toBe(`${head}bo`);
    expect(handler.log).toMatch(
      /^AssertionError: the application sent 2 of the 4 bytes of its Content-Length\n/,
    );
  });

  test('S38: nothing at all is reported, after the headers have been flushed', async () => {
    const events: string[] = [];
    const handler = onto(new Recorder(events));
    await handler.run(limited([]));
    expect(events.at(-1)).toBe('flush');
    expect((handler.stderr as StringIO).getvalue()).toContain('sent 0 of the 4 bytes');
  });

  test.each([
    ['a sign', '+4'],
    ['a space', ' 4'],
    ['a fraction', '4.0'],
    ['nothing', ''],
    ['more digits than a number holds', '9007199254740993'],
  ])('S37, DIFFERS(29): a Content-Length of %s is refused', async (_what, value) => {
    const handler = await serve(limited(['body'], value));
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(
      `AssertionError: Bad Content-Length: '${value}'; it should be one header of decimal digits`,
    );
  });

  test('S37, DIFFERS(29): two of them are refused, in any case of letters', async () => {
    const handler = await serve(
      respond(
        ['body'],
        [
          ['Content-Length', '4'],
          ['content-length', '4'],
        ],
      ),
    );
    expect(handler.sent).toBe(ERROR_PAGE);
  });

  test('S39: it is computed for a result of length 1', async () => {
    const handler = await serve((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [bytes('body')];
    });
    expect(handler.sent).toBe(`${head}body`);
  });

  test.each<[string, WSGIApplicationLike]>([
    [
      'two blocks',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return [bytes('bo'), bytes('dy')];
      },
    ],
    ['a generator of one', respond(['body'])],
  ])('S39: it is left to the end of the connection for %s', async (_what, app) => {
    expect((await serve(app)).sent).toBe(`${HEAD}body`);
  });

  test('S39: a server that can delimit a body of unknown length overrides setContentLength()', async () => {
    class Chunking extends ErrorHandler {
      override setContentLength(): void {
        super.setContentLength();
        if (!this.headers!.has('Content-Length')) this.headers!.set('X-Framing', 'chunks');
      }
    }
    const unknown = new Chunking();
    await unknown.run(respond(['body']));
    expect(unknown.sent).toBe('Status: 200 OK\r\nX-Framing: chunks\r\n\r\nbody');
    const known = new Chunking();
    await known.run(helloApp);
    expect(known.sent).toContain('Content-Length: 13\r\n');
  });
});

describe('Native strings', () => {
  test('S43, DIFFERS(29): a status above U+00FF is fatal before anything is sent', async () => {
    const handler = await serve(respond(['x'], [], '200 \u20ac'));
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(
      /^RangeError: Status must hold U\+0000 to U\+00FF only \(got '200 \u20ac'\)\n/,
    );
  });

  test('S43, DIFFERS(29): a header above U+00FF is, too', async () => {
    const handler = await serve(respond(['x'], [['X', 'caf\u20ac']]));
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(
      /^AssertionError: Bad header value: 'caf\u20ac' \(bad char: '\u20ac'\)\n/,
    );
  });

  test('S43: every byte of U+0080 and above goes out as it is', async () => {
    const handler = await serve(respond(['x'], [['X', '\xe9']], '200 \xff'));
    expect(handler.sent).toBe('Status: 200 \xff\r\nX: \xe9\r\n\r\nx');
  });

  test('S43, DIFFERS(9): headers that cannot be encoded leave no half head behind', async () => {
    // What start_response() lets through may be changed afterwards, here by the handler's own hook.
    class Decorating extends ErrorHandler {
      override cleanupHeaders(): void {
        super.cleanupHeaders();
        if (this.status!.startsWith('200')) this.headers!.set('X-Host', '\u20ac');
      }
    }
    const handler = new Decorating();
    await handler.run(helloApp);
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(/^RangeError: cannot encode U\+20AC/);
  });
});

describe('Errors', () => {
  test('S45: an error of the application is logged, and a page without it sent', async () => {
    const handler = await serve(() => {
      throw new Error('the password is swordfish');
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(/^Error: the password is swordfish\n\s+at /);
  });

  test.each(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])(
    'S45, DIFFERS(4): an %s of a connection of its own is logged and answered as any error',
    async (code) => {
      const atCall = await serve(() => {
        throw systemError(code);
      });
      expect(atCall.sent).toBe(ERROR_PAGE);
      expect(atCall.log).toContain(`${code}: the operation failed`);

      const inBody = await serve(async function* (_environ, startResponse) {
        startResponse('200 OK', []);
        yield bytes('so far');
        throw systemError(code);
      });
      expect(inBody.sent).toBe(`${HEAD}so far`);
      expect(inBody.log).toContain(`${code}: the operation failed`);
    },
  );

  test.each([
    'ECONNABORTED',
    'ECONNRESET',
    'EPIPE',
    'ERR_STREAM_DESTROYED',
    'ERR_STREAM_PREMATURE_CLOSE',
    'ERR_STREAM_WRITE_AFTER_END',
  ])('S45, DIFFERS(4): an %s of the transport ends in silence', async (code) => {
    const failures = [
      () => {
        throw systemError(code);
      },
      () => Promise.reject<void>(systemError(code)),
    ];
    for (const method of ['write', 'flush'] as const) {
      for (const fail of failures) {
        const handler = onto(Object.assign(new Recorder(), { [method]: fail }));
        await handler.run(helloApp);
        expect((handler.stderr as StringIO).getvalue()).toBe('');
        expect(handler.environ).not.toBeNull();
      }
    }
  });

  test('S45, DIFFERS(4): a transport may say by itself that the client went away', async () => {
    const stdout = new Recorder();
    const gone = new ClientDisconnected('by the transport');
    stdout.write = () => Promise.reject(gone);
    let thrown: unknown;
    const handler = onto(stdout);
    await handler.run(async (_environ, startResponse) => {
      thrown = await caught(() => startResponse('200 OK', [])(bytes('x')));
      throw thrown;
    });
    expect(thrown).toBe(gone);
    expect((handler.stderr as StringIO).getvalue()).toBe('');
  });

  test('S45: another failure of the transport is logged', async () => {
    const stdout = new Recorder();
    stdout.write = () => Promise.reject(systemError('ENOSPC'));
    const handler = onto(stdout);
    await handler.run(helloApp);
    expect((handler.stderr as StringIO).getvalue()).toMatch(/^Error: ENOSPC: the operation failed/);
  });

  test.each([
    ['an error', new Error('gone'), 'Error: gone\n'],
    ['a string', 'gone', "Uncaught 'gone'\n"],
    ['null', null, 'Uncaught null\n'],
    ['undefined', undefined, 'Uncaught undefined\n'],
    ['a false value', 0, 'Uncaught 0\n'],
  ])('S45: %s that is thrown after start_response() is answered', async (_what, thrown, logged) => {
    const handler = await serve(async (_environ, startResponse) => {
      startResponse('200 OK', []);
      return Promise.reject(thrown);
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log.startsWith(logged)).toBe(true);
  });
});

describe('wsgi.file_wrapper', () => {
  type Wrapper = (file: FileLike, size?: number) => unknown;
  const wrapper = async (): Promise<Wrapper> => {
    const handler = new ErrorHandler();
    await handler.setupEnviron();
    return handler.environ!['wsgi.file_wrapper']! as Wrapper;
  };

  test('S53: it takes a file and a size, and its result has close() only if the file has', async () => {
    const wrap = await wrapper();
    const file = new BytesIO(bytes('abcde'));
    const blocks = [...(wrap(file, 2) as Iterable<Uint8Array>)].map(text);
    expect(blocks).toEqual(['ab', 'cd', 'e']);
    expect('close' in (wrap(file) as object)).toBe(true);
    expect('close' in (wrap({ read: () => new Uint8Array() }) as object)).toBe(false);
  });

  test('S53: nothing is read or sent before the application returns', async () => {
    const read = jest.fn(() => new Uint8Array());
    const handler = new ErrorHandler();
    await handler.run((environ, startResponse) => {
      startResponse('200 OK', []);
      const result = environ['wsgi.file_wrapper']!({ read });
      expect(read).not.toHaveBeenCalled();
      expect(handler.sent).toBe('');
      return result;
    });
    expect(read).toHaveBeenCalledTimes(1);
    expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 0\r\n\r\n');
  });

  test('S53: a file may be read by promise', async () => {
    const file = new BytesIO(bytes('abcde'));
    const handler = await serve((environ, startResponse) => {
      startResponse('200 OK', []);
      return environ['wsgi.file_wrapper']!({ read: async (size) => file.read(size) }, 2);
    });
    expect(handler.sent).toBe(`${HEAD}abcde`);
  });

  test('S53: without wsgiFileWrapper the key is not there', async () => {
    const handler = new ErrorHandler();
    handler.wsgiFileWrapper = null;
    await handler.run((environ, startResponse) => {
      expect('wsgi.file_wrapper' in environ).toBe(false);
      startResponse('200 OK', []);
      return new FileWrapper(new BytesIO(bytes('plain')));
    });
    expect(handler.body).toBe('plain');
  });

  test('S54, DIFFERS(11): a file is sent from its position to Content-Length', async () => {
    const file = new BytesIO(bytes('0123456789'));
    file.seek(3);
    const handler = await serve((environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '4']]);
      return environ['wsgi.file_wrapper']!(file, 3);
    });
    expect(handler.body).toBe('3456');
    expect(handler.log).toBe('');
    expect(file.closed).toBe(true);
  });

  test('S54: it is read no further than that, though it has no end', async () => {
    let reads = 0;
    const file = { read: (size: number) => bytes('x'.repeat(++reads < 10 ? size : 0)) };
    const handler = await serve((environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '6']]);
      return environ['wsgi.file_wrapper']!(file, 3);
    });
    expect(handler.body).toBe('xxxxxx');
    expect(reads).toBe(2);
    expect(handler.log).toBe('');
  });

  test('S54: one that is shorter is reported', async () => {
    const handler = await serve((environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '6']]);
      return environ['wsgi.file_wrapper']!(new BytesIO(bytes('012')));
    });
    expect(handler.body).toBe('012');
    expect(handler.log).toContain('the application sent 3 of the 6 bytes of its Content-Length');
  });

  test('S54: without Content-Length it is sent to its end', async () => {
    const file = new BytesIO(bytes('0123456789'));
    file.seek(3);
    const handler = await serve((environ, startResponse) => {
      startResponse('200 OK', []);
      return environ['wsgi.file_wrapper']!(file, 2);
    });
    expect(handler.sent).toBe(`${HEAD}3456789`);
    expect(file.closed).toBe(true);
  });

  describe('S55: sendfile() is asked', () => {
    class Sending extends ErrorHandler {
      asked = 0;
      can = true;

      override async sendfile(): Promise<boolean> {
        this.asked++;
        if (!this.can) return false;
        await this.sendHeaders();
        await this._write(bytes('by the platform'));
        return true;
      }
    }

    const file = (): BytesIO => new BytesIO(bytes('by iteration'));
    const wrapped =
      (opened: BytesIO): WSGIApplicationLike =>
      (environ, startResponse) => {
        startResponse('200 OK', []);
        return environ['wsgi.file_wrapper']!(opened);
      };

    test('only once the application has returned, and only for a wrapped file', async () => {
      const handler = new Sending();
      const opened = file();
      await handler.run((environ, startResponse) => {
        const result = wrapped(opened) as (e: unknown, s: unknown) => Iterable<Uint8Array>;
        const made = result(environ, startResponse);
        expect(handler.asked).toBe(0);
        return made;
      });
      expect(handler.sent).toBe(`${HEAD}by the platform`);
      expect(opened.closed).toBe(true);
      expect(handler.asked).toBe(1);

      const other = new Sending();
      await other.run(helloApp);
      expect(other.asked).toBe(0);
      expect(other.body).toBe('Hello, world!');
    });

    test('and the file is iterated over if it cannot', async () => {
      const handler = new Sending();
      handler.can = false;
      const opened = file();
      await handler.run(wrapped(opened));
      expect(handler.asked).toBe(1);
      expect(handler.sent).toBe(`${HEAD}by iteration`);
      expect(opened.closed).toBe(true);
    });

    test('after what write() has been given is out', async () => {
      const events: string[] = [];
      class Late extends BaseCGIHandler {
        override sendfile(): boolean {
          events.push('sendfile');
          return true;
        }
      }
      const handler = new Late(new BytesIO(), new SlowRecorder(events), new StringIO(), {});
      await handler.run((environ, startResponse) => {
        void startResponse('200 OK', [])(bytes('first'));
        return environ['wsgi.file_wrapper']!(file());
      });
      expect(events.slice(-3)).toEqual(['write "first"', 'flush', 'sendfile']);
    });

    test('and a failure of it is an error like any other', async () => {
      const handler = new Sending();
      handler.sendfile = () => Promise.reject(new Error('no such device'));
      const opened = file();
      await handler.run(wrapped(opened));
      expect(handler.sent).toBe(ERROR_PAGE);
      expect(handler.log).toContain('no such device');
      expect(opened.closed).toBe(true);
    });
  });
});

test('S56: start_response() takes its arguments by position, write() its one', async () => {
  const lengths: number[] = [];
  await serve((_environ, startResponse) => {
    lengths.push(startResponse.length, startResponse('200 OK', []).length);
    return [];
  });
  expect(lengths).toEqual([3, 1]);
  const named = { status: '200 OK', headers: [] } as unknown as string;
  expect(() => new MemoryHandler().startResponse(named, [])).toThrow(AssertionError);
});

describe('HTTP', () => {
  test.each<[string, WSGIApplicationLike, string]>([
    ['a list', helloApp, 'Content-Length: 13\r\n'],
    ['a generator', respond(['Hello', ', world!']), ''],
    ['an own length', respond(['body'], [['Content-Length', '4']]), 'Content-Length: 4\r\n'],
    [
      'write()',
      (_environ, startResponse) => {
        void startResponse('200 OK', [])(bytes('body'));
        return [bytes('more')];
      },
      '',
    ],
  ])('H1, DIFFERS(11): a HEAD request gets no body, for %s', async (_what, app, length) => {
    const handler = await serve(app, { REQUEST_METHOD: 'HEAD' });
    expect(handler.sent.endsWith(`${length}\r\n`)).toBe(true);
    expect(handler.sent.endsWith('\r\n\r\n')).toBe(true);
    expect(handler.sent.includes('Content-Length')).toBe(length !== '');
    expect(handler.log).toBe('');
  });

  test('H1: a HEAD request asks for no block after the first, and closes the result', async () => {
    let asked = 0;
    let closed = 0;
    const handler = await serve(
      function* (_environ, startResponse) {
        startResponse('200 OK', []);
        try {
          while (asked < 10) {
            asked++;
            yield bytes('x');
          }
        } finally {
          closed++;
        }
      },
      { REQUEST_METHOD: 'HEAD' },
    );
    expect([asked, closed]).toEqual([1, 1]);
    expect(handler.sent).toBe(HEAD);
  });

  test('H1: the error page of a HEAD request is its headers', async () => {
    const handler = await serve(() => [], { REQUEST_METHOD: 'HEAD' });
    expect(handler.sent).toBe(ERROR_PAGE.slice(0, ERROR_PAGE.indexOf('A server')));
    expect(handler.log).toMatch(
      /^AssertionError: the application returned without calling start_response\(\)\n/,
    );
  });

  test.each<[string, WSGIApplicationLike]>([
    ['no block', respond([])],
    ['an empty block', respond([''])],
    [
      'a list of an empty block',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return [new Uint8Array()];
      },
    ],
  ])('H2, DIFFERS(8): a HEAD request is told no length for %s', async (_what, app) => {
    expect((await serve(app, { REQUEST_METHOD: 'HEAD' })).sent).toBe(HEAD);
  });

  test('H2: a HEAD request by write() of nothing is told no length either', async () => {
    const handler = await serve(
      (_environ, startResponse) => {
        const result = [new Uint8Array()];
        void startResponse('200 OK', [])(new Uint8Array());
        return result;
      },
      { REQUEST_METHOD: 'HEAD' },
    );
    expect(handler.sent).toBe(HEAD);
  });

  test.each(['100 Continue', '103 Early Hints', '204 No Content', '304 Not Modified'])(
    'H2, DIFFERS(8): no Content-Length is added to %s',
    async (status) => {
      expect((await serve(respond([], [], status))).sent).toBe(`Status: ${status}\r\n\r\n`);
      const listed = await serve((_environ, startResponse) => {
        startResponse(status, []);
        return [new Uint8Array()];
      });
      expect(listed.sent).toBe(`Status: ${status}\r\n\r\n`);
    },
  );

  test.each([
    ['103 Early Hints', ''],
    ['204 No Content', ''],
    ['304 Not Modified', 'Content-Length: 4\r\n'],
    ['205 Reset Content', 'Content-Length: 0\r\n'],
  ])(
    "H2: of the application's own Content-Length, %s keeps what is right",
    async (status, kept) => {
      const handler = await serve(respond([], [['Content-Length', '4']], status));
      expect(handler.sent).toBe(`Status: ${status}\r\n${kept}\r\n`);
      expect(handler.log).toBe('');
    },
  );

  test('H2: 205 says that it has no body', async () => {
    const handler = await serve(respond([], [], '205 Reset Content'));
    expect(handler.sent).toBe('Status: 205 Reset Content\r\nContent-Length: 0\r\n\r\n');
  });

  test.each(['103 Early Hints', '204 No Content', '205 Reset Content', '304 Not Modified'])(
    'H3, DIFFERS(11): %s has no body, and an application that gives one is told',
    async (status) => {
      const handler = await serve(respond(['body'], [], status));
      expect(handler.sent.endsWith('\r\n\r\n')).toBe(true);
      expect(handler.log).toMatch(
        `AssertionError: a response with the status '${status}' has no body: return []\n`,
      );
    },
  );

  test('H3: codes that begin alike have one', async () => {
    for (const status of ['200 OK', '206 Partial Content', '303 See Other', '305 Use Proxy']) {
      expect((await serve(respond(['body'], [], status))).body).toBe('body');
    }
  });
});

test('DIFFERS(3): nothing of the environment of the process is told to the application', async () => {
  expect(process.env['PATH']).toBeTruthy();
  const handler = new MemoryHandler();
  let seen: string[] = [];
  await handler.run((environ, startResponse) => {
    seen = Object.keys(environ);
    startResponse('200 OK', []);
    return [];
  });
  expect(seen.filter((key) => !key.startsWith('wsgi.'))).toEqual(Object.keys(handler.variables));
  expect(handler.osEnviron).toEqual({});
});

test('the headers are kept in what headersClass makes', async () => {
  class Counted extends Headers {
    static made = 0;

    constructor(headers: HeaderList) {
      super(headers);
      Counted.made++;
    }
  }
  const handler = new ErrorHandler();
  handler.headersClass = Counted;
  await handler.run(helloApp);
  expect(handler.body).toBe('Hello, world!');
  expect(Counted.made).toBe(1);
});

test('a SimpleHandler is an origin server, a BaseCGIHandler is none', () => {
  const streams = [new BytesIO(), new BytesIO(), new StringIO() as ErrorStream, {}] as const;
  expect(new SimpleHandler(...streams).originServer).toBe(true);
  expect(new BaseCGIHandler(...streams).originServer).toBe(false);
});
