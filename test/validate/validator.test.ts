import { describe, expect, test } from '@jest/globals';
import { SimpleHandler } from '@wsgiref/handlers';
import type {
  StartResponse,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { BytesIO, FileWrapper, isPromiseLike, StringIO } from '@wsgiref/util';
import {
  checkInput,
  ErrorWrapper,
  InputWrapper,
  IteratorWrapper,
  validator,
} from '@wsgiref/validate';
import {
  breaches,
  broken,
  bytes,
  type Call,
  caught,
  consume,
  environ,
  helloApp,
  plain,
  returning,
  serve,
  startResponse,
  text,
} from './support.ts';

class ClassApp {
  readonly #start: StartResponse;

  constructor(_environ: WSGIEnvironment, start: StartResponse) {
    this.#start = start;
  }

  *[Symbol.iterator]() {
    this.#start('200 OK', plain());
    yield bytes('hello');
  }
}

/** Every form of application; each answers `hello`. */
const forms: [string, WSGIApplicationLike][] = [
  ['a function', helloApp],
  ['an async function', async (variables, start) => helloApp(variables, start)],
  [
    'a generator',
    function* (variables: WSGIEnvironment, start: StartResponse) {
      yield* helloApp(variables, start);
    },
  ],
  [
    'an async generator',
    async function* (variables: WSGIEnvironment, start: StartResponse) {
      yield* helloApp(variables, start);
    },
  ],
  ['a class', ClassApp],
  ['an object', { __call__: (variables, start) => helloApp(variables, start) }],
  ['an object that is async', { __call__: async (variables, start) => helloApp(variables, start) }],
];

/** The same, each with text in the place of bytes. */
const textual: [string, WSGIApplicationLike, string][] = [
  ['a function', returning('hello'), 'result-string'],
  ['a function, of bytes', returning(bytes('hello')), 'result-string'],
  ['an async function', async () => 'hello' as never, 'result-string'],
  ['an async function, of bytes', async () => bytes('hello') as never, 'result-string'],
  ['an object', { __call__: () => Promise.resolve('hello') as never }, 'result-string'],
  ['a list', returning(['hello']), 'block-bytes'],
  [
    'a generator',
    function* () {
      yield 'hello' as never;
    },
    'block-bytes',
  ],
  [
    'an async generator',
    async function* () {
      yield 'hello' as never;
    },
    'block-bytes',
  ],
];

describe('validator()', () => {
  test.each(forms)('takes %s', async (_, application) => {
    expect(await broken((options) => serve(application, options))).toEqual([]);
    expect(await serve(application)).toBe('hello');
  });

  test.each(textual)('checks %s', async (_, application, id) => {
    expect(await broken((options) => serve(application, options))).toEqual([id]);
  });

  test('refuses at once what is no application', async () => {
    expect(await caught(() => validator({} as never))).toBeInstanceOf(TypeError);
    expect(String(await caught(() => validator(null as never)))).toMatch(
      /^TypeError: application must be a function, a class or an object with a __call__\(\) method/,
    );
  });

  test('is synchronous where the application is, and throws where it stands', () => {
    const result = validator(helloApp)(environ(), startResponse);
    expect(isPromiseLike(result)).toBe(false);
    expect(() => validator(returning('hello'))(environ(), startResponse)).toThrow('result-string');
  });

  test('is asynchronous where the application is', async () => {
    const result = validator(async (...args) => helloApp(...args))(environ(), startResponse);
    expect(isPromiseLike(result)).toBe(true);
    expect(await consume(await result)).toBe('hello');
  });

  test('lets through what the application throws, as it is', async () => {
    for (const error of [new Error('no disk'), 'no disk', undefined]) {
      const sync = validator(() => {
        throw error;
      });
      expect(await caught(() => sync(environ(), startResponse))).toBe(error);
      const later = validator(async () => {
        throw error;
      });
      expect(await caught(() => later(environ(), startResponse))).toBe(error);
      const within = validator(function* (_environ, start) {
        start('200 OK', plain());
        yield bytes('a');
        throw error;
      });
      const result = await within(environ(), startResponse);
      expect(await caught(() => consume(result))).toBe(error);
    }
  });

  test('may be called again and again', async () => {
    const app = validator(helloApp);
    for (let i = 0; i < 3; i++) {
      expect(await consume(await app(environ(), startResponse))).toBe('hello');
    }
  });

  test.each<[string, unknown[]]>([
    ['nothing', []],
    ['the environ alone', [environ()]],
    ['three arguments', [environ(), startResponse, null]],
    ['no function', [environ(), '200 OK']],
  ])('given %s, says so', async (_, args) => {
    const [breach] = await breaches((options) => (validator(helloApp, options) as Call)(...args));
    expect(breach).toMatchObject({
      ruleId: 'application-arguments',
      message: expect.stringMatching(/^Two arguments required, the second a function: \[/),
    });
  });

  test('looks at the environ before the application does', async () => {
    const called: string[] = [];
    const app = () => {
      called.push('application');
      return [];
    };
    expect(await broken((options) => serve(app, options, environ({ SERVER_NAME: '' })))).toEqual([
      'env-not-empty',
    ]);
    expect(called).toEqual([]);
  });

  test('hands on the very environ, with streams that look', async () => {
    const request = environ();
    let seen: WSGIEnvironment | null = null;
    await serve(
      (variables, start) => {
        seen = variables;
        return helloApp(variables, start);
      },
      {},
      request,
    );
    expect(seen).toBe(request);
    expect(request['wsgi.input']).toBeInstanceOf(InputWrapper);
    expect(request['wsgi.errors']).toBeInstanceOf(ErrorWrapper);
    checkInput(request['wsgi.input']);
  });

  test.each<[string, WSGIApplicationLike]>(forms)(
    'in a validator, around %s, is right',
    async (_, app) => {
      expect(await broken((options) => serve(validator(app, options), options))).toEqual([]);
      expect(await serve(validator(validator(app)))).toBe('hello');
    },
  );

  test('in a validator keeps what each of them sees', async () => {
    const inner: string[] = [];
    const outer: string[] = [];
    const note = (list: string[]) => ({
      rules: { 'block-bytes': 'warning' as const },
      onWarning: ({ ruleId }: { ruleId: string }) => list.push(ruleId),
    });
    const app = validator(returning(['hello' as never]), note(inner));
    const result = (await validator(app, note(outer))(
      environ(),
      startResponse,
    )) as Iterable<unknown>;
    expect([...result]).toEqual(['hello']);
    expect([inner, outer]).toEqual([['block-bytes'], ['block-bytes']]);
    await (result as WSGIResult).close!();
  });
});

describe('DIFFERS(40): a result of wsgi.file_wrapper', () => {
  const makeFile = (...[file, size]: ConstructorParameters<typeof FileWrapper>) =>
    new FileWrapper(file, size);

  const fileApp: WSGIApplicationLike = (variables, start) => {
    start('200 OK', plain());
    return variables['wsgi.file_wrapper']!(new BytesIO(bytes('hello')), 4);
  };

  const withFiles = (): WSGIEnvironment => environ({ 'wsgi.file_wrapper': makeFile });

  test('comes back as it is', async () => {
    const result = await validator(fileApp)(withFiles(), startResponse);
    expect(result).toBeInstanceOf(FileWrapper);
    expect((result as unknown as FileWrapper).blksize).toBe(4);
  });

  test('also by promise, and through two validators', async () => {
    const later = validator(async (...args: Parameters<typeof helloApp>) =>
      (fileApp as typeof helloApp)(...args),
    );
    expect(await validator(later)(withFiles(), startResponse)).toBeInstanceOf(FileWrapper);
  });

  test('needs a response that has begun, as any', async () => {
    const app: WSGIApplicationLike = (variables) =>
      variables['wsgi.file_wrapper']!(new BytesIO(bytes('hello')));
    expect(await broken((options) => serve(app, options, withFiles()))).toEqual([
      'start-response-missing',
    ]);
  });

  test('that is not what is returned changes nothing', async () => {
    const app: WSGIApplicationLike = async function* (variables, start) {
      start('200 OK', plain());
      yield* variables['wsgi.file_wrapper']!(new BytesIO(bytes('hello')));
    };
    const result = await validator(app)(withFiles(), startResponse);
    expect(result).toBeInstanceOf(IteratorWrapper);
    expect(await consume(result)).toBe('hello');
  });

  test('made by the application itself is a result as any', async () => {
    const app = returning(new FileWrapper(new BytesIO(bytes('hello'))));
    expect(await validator(app)(withFiles(), startResponse)).toBeInstanceOf(IteratorWrapper);
  });

  test('is sent by the means of the server', async () => {
    const sent: string[] = [];
    class SendingHandler extends SimpleHandler {
      override sendfile(): boolean {
        const file = this.result as unknown as FileWrapper;
        sent.push(text((file.filelike as BytesIO).read()));
        return true;
      }
    }
    const stderr = new StringIO();
    const handler = new SendingHandler(new BytesIO(), new BytesIO(), stderr, environ());
    await handler.run(validator(fileApp));
    expect(sent).toEqual(['hello']);
    expect(stderr.getvalue()).toBe('');
  });
});
