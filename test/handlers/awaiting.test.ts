// Synchronous by contract, asynchronous by transport: what is there is not waited for, and what is
// not there keeps the application from going on.

import { describe, expect, test } from '@jest/globals';
import { BaseCGIHandler, BaseHandler, ClientDisconnected } from '@wsgiref/handlers';
import type {
  Awaitable,
  ErrorStream,
  InputStream,
  WriteCallable,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { AssertionError, BytesIO, StringIO } from '@wsgiref/util';
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
} from './support.ts';

/** A handler whose transport is full after each call, until the test makes room. */
class HeldHandler extends BaseHandler {
  override originServer = false;
  readonly events: string[] = [];
  readonly errors = new StringIO();
  #settle: { resolve(): void; reject(error: unknown): void } | null = null;

  _write(data: Uint8Array): Promise<void> {
    return this.#hold(`write ${JSON.stringify(text(data))}`);
  }

  _flush(): Promise<void> {
    return this.#hold('flush');
  }

  getStdin(): InputStream | null {
    return null;
  }

  getStderr(): ErrorStream {
    return this.errors;
  }

  addCgiVars(): void {}

  /** Lets the call that is held return, and everything happen that can happen then. */
  async release(): Promise<void> {
    this.#take().resolve();
    await allDone();
  }

  async fail(error: unknown): Promise<void> {
    this.#take().reject(error);
    await allDone();
  }

  /** Lets everything return to the end of the run. */
  async releaseAll(): Promise<void> {
    while (this.#settle) await this.release();
  }

  #take(): { resolve(): void; reject(error: unknown): void } {
    const settle = this.#settle;
    if (!settle) throw new Error('no call is held');
    this.#settle = null;
    return settle;
  }

  #hold(event: string): Promise<void> {
    if (this.#settle) throw new Error(`${event} while ${this.events.at(-1)} is held`);
    this.events.push(event);
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }
}

const HEAD = ['write "Status: 200 OK\\r\\n"', 'write "\\r\\n"'];

describe('A transport that is full', () => {
  const forms: [string, (handler: HeldHandler) => WSGIResult][] = [
    [
      'a generator',
      function* ({ events }) {
        events.push('ask for one');
        yield bytes('one');
        events.push('ask for two');
        yield bytes('two');
      },
    ],
    [
      'an async generator',
      async function* ({ events }) {
        events.push('ask for one');
        yield bytes('one');
        events.push('ask for two');
        yield bytes('two');
      },
    ],
  ];

  test.each(forms)('keeps %s from being asked for its next block', async (_form, make) => {
    const handler = new HeldHandler();
    const running = handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return make(handler);
    });
    await allDone();
    const expected = ['ask for one', HEAD[0]];
    expect(handler.events).toEqual(expected);
    for (const next of [
      [HEAD[1]],
      ['write "one"'],
      ['flush'],
      ['ask for two', 'write "two"'],
      ['flush'],
      [],
    ]) {
      await handler.release();
      expected.push(...next);
      expect(handler.events).toEqual(expected);
    }
    await running;
    expect(handler.environ).toBeNull();
  });

  test('keeps run() from resolving', async () => {
    const handler = new HeldHandler();
    let resolved = false;
    const running = handler.run(helloApp).then(() => (resolved = true));
    await allDone();
    while (handler.events.at(-1) !== 'flush') await handler.release();
    expect(resolved).toBe(false);
    await handler.release();
    expect(resolved).toBe(true);
    await running;
  });

  test('keeps run() from resolving where there is no body', async () => {
    const handler = new HeldHandler();
    let resolved = false;
    const running = handler
      .run((_environ, startResponse) => {
        startResponse('200 OK', []);
        return [];
      })
      .then(() => (resolved = true));
    await allDone();
    for (const _ of ['status', 'headers', 'flush']) {
      expect(resolved).toBe(false);
      await handler.release();
    }
    expect(handler.events.at(-1)).toBe('flush');
    expect(resolved).toBe(true);
    await running;
  });

  test('makes an endless application end when the client goes away', async () => {
    let asked = 0;
    let ended = false;
    const handler = new HeldHandler();
    const running = handler.run(function* (_environ, startResponse) {
      startResponse('200 OK', []);
      try {
        for (;;) {
          asked++;
          yield bytes('x');
        }
      } finally {
        ended = true;
      }
    });
    await allDone();
    while (asked < 100) await handler.release();
    expect(ended).toBe(false);
    await handler.fail(systemError('ECONNRESET'));
    await running;
    expect([asked, ended]).toEqual([100, true]);
    expect(handler.errors.getvalue()).toBe('');
  });
});

describe('write() on a slow transport', () => {
  test('keeps its order though the application does not wait', async () => {
    const events: string[] = [];
    const handler = new BaseCGIHandler(null, new SlowRecorder(events), null, {});
    await handler.run((_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      for (const block of ['one', 'two', 'three']) void write(bytes(block));
      events.push('returned');
      return [bytes('four'), bytes('five')];
    });
    expect(events).toEqual([
      'returned',
      ...HEAD,
      ...['one', 'two', 'three', 'four', 'five'].flatMap((block) => [`write "${block}"`, 'flush']),
    ]);
  });

  test.each(['a generator', 'an async generator'])(
    'comes before what is yielded, in %s that does not wait',
    async (form) => {
      const events: string[] = [];
      const handler = new BaseCGIHandler(null, new SlowRecorder(events), null, {});
      const steps = function* (write: WriteCallable): Generator<Uint8Array> {
        void write(bytes('one'));
        yield bytes('two');
        void write(bytes('three'));
        void write(bytes('four'));
        yield bytes('five');
        void write(bytes('six'));
      };
      await handler.run(
        form === 'a generator'
          ? function* (_environ, startResponse) {
              yield* steps(startResponse('200 OK', []));
            }
          : async function* (_environ, startResponse) {
              yield* steps(startResponse('200 OK', []));
            },
      );
      expect(events.filter((event) => event !== 'flush')).toEqual([
        ...HEAD,
        ...['one', 'two', 'three', 'four', 'five', 'six'].map((block) => `write "${block}"`),
      ]);
      expect(events.at(-1)).toBe('flush');
    },
  );

  test('is out before run() resolves, though the application fails', async () => {
    const events: string[] = [];
    const stderr = new StringIO();
    await new BaseCGIHandler(null, new SlowRecorder(events), stderr, {}).run(
      (_environ, startResponse) => {
        void startResponse('200 OK', [])(bytes('one'));
        throw new Error('no');
      },
    );
    expect(events).toEqual([...HEAD, 'write "one"', 'flush']);
    expect(stderr.getvalue()).toMatch(/^Error: no\n/);
  });

  /** Each fails in the second write(), while the application goes on. */
  const failures: [string, (startResponse: WriteCallable) => Awaitable<WSGIResult>][] = [
    [
      'and returns a list',
      (write) => {
        void write(bytes('one'));
        void write(bytes('two'));
        return [bytes('three')];
      },
    ],
    [
      'and returns a promise',
      async (write) => {
        void write(bytes('one'));
        void write(bytes('two'));
        await allDone();
        return [bytes('three')];
      },
    ],
    [
      'and returns a generator',
      function* (write) {
        void write(bytes('one'));
        void write(bytes('two'));
        yield bytes('three');
      },
    ],
    [
      'in the last step of a generator',
      function* (write) {
        yield bytes('one');
        void write(bytes('two'));
      },
    ],
    [
      'and then writes again',
      (write) => {
        for (const block of ['one', 'two', 'three']) void write(bytes(block));
        return [];
      },
    ],
  ];

  // An unhandled rejection in any of these fails the test.
  test.each(failures)('reports its failure from run() if nobody waits, %s', async (_how, app) => {
    for (const [code, log] of [
      ['ENOSPC', /^Error: ENOSPC/],
      ['EPIPE', /^$/],
    ] as const) {
      const stdout = new SlowRecorder();
      const { write } = stdout;
      stdout.write = async (data) => {
        await write.call(stdout, data);
        if (text(data) === 'two') throw systemError(code);
      };
      const stderr = new StringIO();
      await new BaseCGIHandler(null, stdout, stderr, {}).run((_environ, startResponse) =>
        app(startResponse('200 OK', [])),
      );
      await allDone();
      expect(stderr.getvalue()).toMatch(log);
      expect(stdout.events.at(-1)).toBe('write "two"');
    }
  });

  test('happens at once again when the transport has room again', async () => {
    const stdout = new Recorder();
    const { flush } = stdout;
    stdout.flush = () => {
      stdout.flush = flush;
      return allDone();
    };
    let returned: unknown = 'nothing yet';
    let events: string[] = [];
    await new BaseCGIHandler(null, stdout, null, {}).run(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write(bytes('one'));
      returned = write(bytes('two'));
      events = stdout.events.slice(-2);
      return [];
    });
    expect(returned).toBeUndefined();
    expect(events).toEqual(['write "two"', 'flush']);
  });

  test('that fails before anything is sent is answered with an error page', async () => {
    class Refusing extends ErrorHandler {
      refuses = true;

      override async sendHeaders(): Promise<void> {
        await allDone();
        if (this.refuses) {
          this.refuses = false;
          throw new Error('no room');
        }
        await super.sendHeaders();
      }
    }
    const handler = new Refusing();
    await handler.run((_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes('one'));
      return [bytes('two')];
    });
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toMatch(/^Error: no room\n/);
    expect(handler.environ).toBeNull();
  });

  test('rejects to an application that waits, which may go on', async () => {
    const stdout = new SlowRecorder();
    stdout.flush = () => Promise.reject(systemError('EPIPE'));
    let thrown: unknown;
    const stderr = new StringIO();
    await new BaseCGIHandler(null, stdout, stderr, {}).run(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      thrown = await caught(() => write(bytes('one')));
      return [];
    });
    await allDone();
    expect(thrown).toBeInstanceOf(ClientDisconnected);
    expect(thrown).toMatchObject({
      name: 'ClientDisconnected',
      code: 'ECONNRESET',
      message: 'the client went away: Error: EPIPE: the operation failed',
      cause: { code: 'EPIPE' },
    });
    expect(stderr.getvalue()).toBe('');
  });

  test('throws what is wrong with its argument at once, or by its promise', async () => {
    const errors: unknown[] = [];
    const handler = new BaseCGIHandler(null, new SlowRecorder(), null, {});
    await handler.run(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      expect(() => write('one' as never)).toThrow(AssertionError);
      void write(bytes('one'));
      errors.push(await caught(() => write('two' as never)));
      return [];
    });
    expect(errors).toEqual([expect.any(AssertionError)]);
  });
});

describe('What is there is not waited for', () => {
  async function macrotasksDuring(running: () => Promise<void>): Promise<number> {
    let macrotasks = 0;
    const counted = setImmediate(() => macrotasks++);
    await running();
    clearImmediate(counted);
    return macrotasks;
  }

  test('all that a synchronous application sends on a ready transport is out when run() returns', async () => {
    const handler = new MemoryHandler();
    const running = handler.run(function* (_environ, startResponse) {
      startResponse('200 OK', [['Date', 'now']]);
      yield bytes('one');
      yield bytes('two');
    });
    expect(handler.sent).toBe('HTTP/1.0 200 OK\r\nDate: now\r\n\r\nonetwo');
    await running;
    expect(handler.environ).toBeNull();
  });

  test('with a list or write(), the request is over by then', () => {
    for (const [app, sent] of [
      [helloApp, 'Status: 200 OK\r\nContent-Type: text/plain\r\n'],
      [
        (_environ: unknown, startResponse: (s: string, h: []) => WriteCallable) => {
          void startResponse('200 OK', [])(bytes('written'));
          return [];
        },
        'Status: 200 OK\r\n\r\nwritten',
      ],
    ] as const) {
      const handler = new ErrorHandler();
      void handler.run(app);
      expect(handler.sent.startsWith(sent)).toBe(true);
      expect(handler.environ).toBeNull();
    }
  });

  test.each<[string, () => Promise<void>]>([
    ['a synchronous application', () => new ErrorHandler().run(helloApp)],
    ['an async one', () => new ErrorHandler().run(async (e, s) => helloApp(e, s))],
    [
      'a wrapped file',
      () =>
        new ErrorHandler().run((environ, startResponse) => {
          startResponse('200 OK', []);
          return environ['wsgi.file_wrapper']!(new BytesIO(bytes('x'.repeat(100_000))));
        }),
    ],
    [
      'an application that fails',
      () =>
        new ErrorHandler().run(() => {
          throw new Error('no');
        }),
    ],
  ])('%s on a ready transport lets no macrotask pass', async (_what, run) => {
    expect(await macrotasksDuring(run)).toBe(0);
  });
});

describe('Every seam may return a promise', () => {
  test('addCgiVars(), sendHeaders(), sendfile(), finishContent(), close(), errorOutput()', async () => {
    const late =
      <A extends unknown[], R>(method: (...args: A) => Awaitable<R>) =>
      async (...args: A): Promise<R> => {
        await allDone();
        return method(...args);
      };
    const run = async (app: (environ: WSGIEnvironment) => void): Promise<ErrorHandler> => {
      const handler = new ErrorHandler();
      for (const name of [
        'setupEnviron',
        'addCgiVars',
        'sendPreamble',
        'sendHeaders',
        'sendfile',
        'finishContent',
        'close',
        'errorOutput',
        '_write',
        '_flush',
      ] as const) {
        const method = handler[name].bind(handler) as (...args: unknown[]) => unknown;
        handler[name] = late(method) as never;
      }
      await handler.run((environ, startResponse) => {
        app(environ);
        startResponse('200 OK', []);
        return environ['wsgi.file_wrapper']!(new BytesIO(bytes('body')));
      });
      return handler;
    };

    const good = await run((environ) => {
      expect(environ.SERVER_NAME).toBe('127.0.0.1');
      expect(environ['wsgi.url_scheme']).toBe('http');
    });
    expect(good.sent).toBe('Status: 200 OK\r\n\r\nbody');
    expect(good.environ).toBeNull();

    const bad = await run(() => {
      throw new Error('no');
    });
    expect(bad.sent).toBe(ERROR_PAGE);
    expect(bad.environ).toBeNull();
  });

  test('the error stream, whose writing is waited for', async () => {
    const events: string[] = [];
    const stderr: ErrorStream = {
      async write(message) {
        await allDone();
        events.push(`log ${message.split('\n')[0]}`);
      },
      writelines() {},
      async flush() {
        await allDone();
        events.push('flush the log');
      },
    };
    await new BaseCGIHandler(null, new Recorder(events), stderr, {}).run(() => {
      throw new Error('no');
    });
    expect(events.slice(0, 3)).toEqual([
      'log Error: no',
      'flush the log',
      'write "Status: 500 Internal Server Error\\r\\n"',
    ]);
  });

  test('a setupEnviron() or addCgiVars() that fails is answered', async () => {
    for (const name of ['setupEnviron', 'addCgiVars'] as const) {
      const handler = new ErrorHandler();
      const method = handler[name].bind(handler);
      handler[name] = async () => {
        await method();
        throw new Error('no variables');
      };
      await handler.run(helloApp);
      expect(handler.sent).toBe(ERROR_PAGE);
      expect(handler.log).toMatch(/^Error: no variables\n/);
    }
  });

  test('a handler without an error stream serves errors all the same', async () => {
    const stdout = new BytesIO();
    await new BaseCGIHandler(null, stdout, null, {}).run(() => {
      throw new Error('no');
    });
    expect(text(stdout.getvalue())).toBe(ERROR_PAGE);
  });
});
