import { describe, expect, test } from '@jest/globals';
import type {
  StartResponse,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { allDone, bytes, ERROR_PAGE, ErrorHandler } from './support.ts';

const page = (environ: WSGIEnvironment): Uint8Array => bytes(`at ${environ.PATH_INFO}`);

class Page {
  readonly #environ: WSGIEnvironment;
  readonly #startResponse: StartResponse;

  constructor(environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#environ = environ;
    this.#startResponse = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    this.#startResponse('200 OK', []);
    yield page(this.#environ);
  }
}

class AsyncPage {
  readonly #environ: WSGIEnvironment;
  readonly #startResponse: StartResponse;

  constructor(environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#environ = environ;
    this.#startResponse = startResponse;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    await allDone();
    this.#startResponse('200 OK', []);
    yield page(this.#environ);
  }
}

class Site {
  readonly prefix = 'at ';

  __call__(environ: WSGIEnvironment, startResponse: StartResponse): WSGIResult {
    startResponse('200 OK', []);
    return [bytes(this.prefix + environ.PATH_INFO)];
  }
}

const site = new Site();

const applications: [string, WSGIApplicationLike][] = [
  [
    'a function',
    function (environ, startResponse) {
      startResponse('200 OK', []);
      return [page(environ)];
    },
  ],
  [
    'an arrow function',
    (environ, startResponse) => {
      startResponse('200 OK', []);
      return new Set([page(environ)]);
    },
  ],
  [
    'an async function',
    async (environ, startResponse) => {
      await allDone();
      startResponse('200 OK', []);
      return [page(environ)];
    },
  ],
  [
    'a generator',
    function* (environ, startResponse) {
      startResponse('200 OK', []);
      yield page(environ);
    },
  ],
  [
    'an async generator',
    async function* (environ, startResponse) {
      await allDone();
      startResponse('200 OK', []);
      yield page(environ);
    },
  ],
  [
    'a function that promises an async iterable',
    async (environ, startResponse) => {
      await allDone();
      startResponse('200 OK', []);
      return (async function* () {
        await allDone();
        yield page(environ);
      })();
    },
  ],
  ['a class', Page],
  ['a class with an async iterator', AsyncPage],
  ['an object with __call__()', site],
  ['a bound method', site.__call__.bind(site)],
  [
    'a function that uses write()',
    (environ, startResponse) => {
      void startResponse('200 OK', [])(page(environ));
      return [];
    },
  ],
];

describe('run() takes', () => {
  test.each(applications)('%s', async (_form, application) => {
    for (const path of ['/one', '/two']) {
      const handler = new ErrorHandler({ PATH_INFO: path });
      await handler.run(application);
      expect(handler.body).toBe(`at ${path}`);
      expect(handler.log).toBe('');
    }
  });

  test.each<[string, unknown, string]>([
    ['a number', 42, 'got 42'],
    ['null', null, 'got null'],
    ['nothing', undefined, 'got undefined'],
    ['an object without __call__()', { call() {} }, "got {'call': <function call>}"],
  ])('not %s, which is answered with an error page', async (_what, application, got) => {
    const handler = new ErrorHandler();
    await handler.run(application as WSGIApplicationLike);
    expect(handler.sent).toBe(ERROR_PAGE);
    expect(handler.log).toContain(
      `TypeError: application must be a function, a class or an object with a __call__() method (${got})`,
    );
  });
});

describe('A result must be an iterable of bytes, and is not if it is', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'nothing',
      undefined,
      /^TypeError: the application must return an iterable of bytes \(got undefined\)/,
    ],
    ['null', null, /^TypeError: the application must return an iterable of bytes \(got null\)/],
    ['a number', 7, /^TypeError: the application must return an iterable of bytes \(got 7\)/],
    ['an object', {}, /^TypeError: the application must return an iterable of bytes \(got {}\)/],
    ['a string', 'text', /^AssertionError: write\(\) argument must be a bytes instance/],
    ['bytes', bytes('text'), /^AssertionError: write\(\) argument must be a bytes instance/],
    ['a list of strings', ['text'], /^AssertionError: write\(\) argument must be a bytes instance/],
  ])('%s', async (_what, result, logged) => {
    for (const returned of [result, Promise.resolve(result)]) {
      const handler = new ErrorHandler();
      await handler.run((_environ, startResponse) => {
        startResponse('200 OK', []);
        return returned as WSGIResult;
      });
      expect(handler.sent).toBe(ERROR_PAGE);
      expect(handler.log).toMatch(logged);
    }
  });
});
