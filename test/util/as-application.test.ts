import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type {
  HeaderList,
  StartResponse,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { asApplication, concatBytes, decodeLatin1, encodeLatin1 } from '@wsgiref/util';

const OK: HeaderList = [['Content-Type', 'text/plain']];
const environ = { PATH_INFO: '/hello' } as WSGIEnvironment;

/** Calls an application as a server does, and returns the status and the body. */
async function serve(like: WSGIApplicationLike): Promise<string> {
  const application = asApplication(like);
  let begun = '';
  const result = await application(environ, (status) => {
    begun = status;
    return () => {};
  });
  const blocks: Uint8Array[] = [];
  for await (const block of result) blocks.push(block);
  return `${begun}: ${decodeLatin1(concatBytes(blocks))}`;
}

function plain(env: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', OK);
  return [encodeLatin1(env.PATH_INFO)];
}

function* generator(env: WSGIEnvironment, startResponse: StartResponse): Generator<Uint8Array> {
  startResponse('200 OK', OK);
  yield encodeLatin1(env.PATH_INFO);
}

async function* asyncGenerator(
  env: WSGIEnvironment,
  startResponse: StartResponse,
): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* generator(env, startResponse);
}

class ClassApplication {
  env: WSGIEnvironment;
  startResponse: StartResponse;

  constructor(env: WSGIEnvironment, startResponse: StartResponse) {
    this.env = env;
    this.startResponse = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    yield* generator(this.env, this.startResponse);
  }
}

class Callable {
  prefix = '';

  __call__(env: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
    return [encodeLatin1(this.prefix), ...plain(env, startResponse)];
  }
}

const functions: [form: string, application: WSGIApplicationLike][] = [
  ['a function', plain],
  ['an async function', async (env, startResponse) => Promise.resolve(plain(env, startResponse))],
  ['an arrow function', (env, startResponse) => plain(env, startResponse)],
  ['a generator', generator],
  ['an async generator', asyncGenerator],
  ['a bound method', Callable.prototype.__call__.bind(new Callable())],
  // The source of the next three begins with the word `class`.
  ['a method named class', method('class(...args)')],
  ['a method named class, spaced out', method('class (...args)')],
  ['a method whose name begins with class', method('class$(...args)')],
];

const others: [form: string, application: WSGIApplicationLike][] = [
  ['a class', ClassApplication],
  ['a subclass', class extends ClassApplication {}],
  ['an instance with __call__()', new Callable()],
  ['an object with an async __call__()', { __call__: asyncGenerator }],
];

/** A method whose source begins as given. */
function method(signature: `${string}(...args)`): typeof plain {
  const source = `Object.values({ ${signature} { return plain(...args); } })[0]`;
  return runInNewContext(source, { plain }) as typeof plain;
}

describe('asApplication', () => {
  test.each([...functions, ...others])('%s is called as an application', async (_, application) => {
    expect(await serve(application)).toBe('200 OK: /hello');
  });

  test.each(functions)('%s is returned as it is', (_, application) => {
    expect(asApplication(application)).toBe(application);
  });

  test.each(others)('%s is turned into a function once', (_, application) => {
    const converted = asApplication(application);
    expect(typeof converted).toBe('function');
    expect(asApplication(application)).toBe(converted);
    expect(asApplication(converted)).toBe(converted);
  });

  test('two objects with the same method are two applications', () => {
    expect(asApplication(new Callable())).not.toBe(asApplication(new Callable()));
  });

  test('a class makes one instance for each call', () => {
    const application = asApplication(ClassApplication);
    const startResponse: StartResponse = () => () => {};
    const first = application(environ, startResponse);
    expect(first).toBeInstanceOf(ClassApplication);
    expect(first).toMatchObject({ env: environ, startResponse });
    expect(application(environ, startResponse)).not.toBe(first);
  });

  test.each(['class{', 'class {', 'class Named{', 'class/* why */{', 'class\n{'])(
    'a class written %j, in another realm, is one too',
    async (opening) => {
      const source = `(${opening} constructor(...args) { return plain(...args); } })`;
      const application = runInNewContext(source, { plain }) as WSGIApplicationLike;
      expect(await serve(application)).toBe('200 OK: /hello');
    },
  );

  test('__call__() is called on its object and looked up at each call', async () => {
    const callable = new Callable();
    callable.prefix = 'its own ';
    expect(await serve(callable)).toBe('200 OK: its own /hello');
    callable.__call__ = (_, startResponse) => {
      startResponse('404 Not Found', OK);
      return [];
    };
    expect(await serve(callable)).toBe('404 Not Found: ');
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['app', "'app'"],
    [404, '404'],
    [{}, '{}'],
    [{ __call__: 'app' }, "{'__call__': 'app'}"],
    [new Map(), '<Map object>'],
  ])('%p is refused', (value, shown) => {
    const call = (): unknown => asApplication(value as unknown as WSGIApplicationLike);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(
      'application must be a function, a class or an object with a __call__() method ' +
        `(got ${shown})`,
    );
  });

  test('an object that holds itself is refused with the same sentence', () => {
    const application: Record<string, unknown> = {};
    application['self'] = application;
    expect(() => asApplication(application as unknown as WSGIApplicationLike)).toThrow(
      "(got {'self': {...}})",
    );
  });
});
