// What the types of the protocol accept and refuse. There is nothing to run here: the compiler is
// the test, and a `@ts-expect-error` that is not needed is an error.

import type { ReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type {
  Awaitable,
  ErrorStream,
  ExcInfo,
  FileLike,
  FileWrapper,
  HeaderList,
  InputStream,
  OutputStream,
  StartResponse,
  WriteCallable,
  WSGIApplication,
  WSGIApplicationClass,
  WSGIApplicationLike,
  WSGIApplicationObject,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import {
  type BufferedReader,
  type BytesIO,
  FileWrapper as FileWrapperClass,
  type StringIO,
} from '@wsgiref/util';

/** The same type: assignable both ways, and none of them `any`, which is assignable to all. */
type Same<A, B> = [A, B, IsAny<A>] extends [B, A, IsAny<B>] ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** An error unless it is true. */
type IsTrue<T extends true> = T;

declare const environ: WSGIEnvironment;
declare const startResponse: StartResponse;
declare const block: Uint8Array;
declare const readable: Readable;
declare const readStream: ReadStream;
declare const webStream: ReadableStream<Uint8Array>;
declare const bytesIO: BytesIO;
declare const stringIO: StringIO;
declare const reader: BufferedReader;
declare const wrapper: FileWrapperClass;

// ---- What an application is, and what it returns ----

function application(env: WSGIEnvironment, start: StartResponse): Uint8Array[] {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [env.PATH_INFO === '/' ? block : Buffer.from('')];
}

function* generator(env: WSGIEnvironment, start: StartResponse): Generator<Uint8Array> {
  yield* application(env, start);
}

async function* asyncGenerator(
  env: WSGIEnvironment,
  start: StartResponse,
): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(block);
  yield* generator(env, start);
}

class ClassApplication {
  constructor(env: WSGIEnvironment, start: StartResponse) {
    start(`200 ${env.REQUEST_METHOD}`, []);
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    yield block;
  }
}

class Callable {
  __call__(env: WSGIEnvironment, start: StartResponse): Uint8Array[] {
    return application(env, start);
  }
}

export const results: WSGIResult[] = [
  [],
  [block],
  [Buffer.from('')],
  [block] as const,
  new Set([block]),
  new ClassApplication(environ, startResponse),
  generator(environ, startResponse),
  asyncGenerator(environ, startResponse),
  readable,
  readStream,
  webStream,
  wrapper,
  Object.assign([block], { close: () => undefined }),
  Object.assign([block], { close: () => Promise.resolve() }),

  // @ts-expect-error: a string is iterable, but not over bytes
  'hello',
  // @ts-expect-error: nor is a list of strings
  ['hello'],
  // @ts-expect-error: bytes are iterable over numbers: they must stand in a list
  block,
  // @ts-expect-error: bytes that have not come yet
  [Promise.resolve(block)],
  // @ts-expect-error: other typed arrays are no bytestrings
  [new Uint16Array(1)],
  // @ts-expect-error: nothing is no result
  null,
  // @ts-expect-error: nor is undefined, which a function returns that forgets to return
  undefined,
  // @ts-expect-error: what an async application returns is not there yet
  Promise.resolve([block]),
  // @ts-expect-error: close() takes nothing
  Object.assign([block], { close: (_reason: string) => undefined }),
];

export const functions: WSGIApplication[] = [
  application,
  generator,
  asyncGenerator,
  (env, start) => application(env, start),
  async (env, start) => Promise.resolve(application(env, start)),
  (_, start) => {
    start('204 No Content', []);
    return [];
  },
  Callable.prototype.__call__.bind(new Callable()),
  () => readable,

  // @ts-expect-error: a class cannot be called without `new`
  ClassApplication,
  // @ts-expect-error: an object cannot be called at all
  new Callable(),
];

export const classes: WSGIApplicationClass[] = [
  ClassApplication,
  class extends ClassApplication {},

  // @ts-expect-error: a class whose instances are no result
  Callable,
];

export const objects: WSGIApplicationObject[] = [
  new Callable(),
  { __call__: asyncGenerator },

  // @ts-expect-error: an object of another method
  { call: application },
];

export const applications: WSGIApplicationLike[] = [
  application,
  generator,
  asyncGenerator,
  (env, start) => application(env, start),
  async (env, start) => Promise.resolve(application(env, start)),
  Callable.prototype.__call__.bind(new Callable()),
  ClassApplication,
  class extends ClassApplication {},
  new Callable(),
  {
    __call__(env, start) {
      start(`200 ${env.REQUEST_METHOD}`, []);
      return [];
    },
  },

  // @ts-expect-error: a result is no application
  new ClassApplication(environ, startResponse),
  // @ts-expect-error: a class whose instances are no result
  Callable,
  // @ts-expect-error: a body of text
  () => ['hello'],
  // @ts-expect-error: no body at all
  () => undefined,
  // @ts-expect-error: three arguments, where there are two
  (_env: unknown, _start: unknown, _third: unknown) => [block],
  // @ts-expect-error: no application at all
  'application',
];

// ---- startResponse() and write() ----

startResponse('200 OK', []);
startResponse('200 OK', [['Content-Type', 'text/plain']]);
startResponse('500 Oops', [], new Error('lost'));
startResponse('500 Oops', [], 'whatever was thrown');
startResponse('200 OK', [], null);
startResponse('200 OK', [], undefined);
await startResponse('200 OK', [])(block);

// @ts-expect-error: the headers are not optional
startResponse('200 OK');
// @ts-expect-error: the status is text
startResponse(200, []);
// @ts-expect-error: the headers are a list, because a name may occur twice
startResponse('200 OK', { 'Content-Type': 'text/plain' });
// @ts-expect-error: a value is text
startResponse('200 OK', [['Content-Length', 5]]);
// @ts-expect-error: a header is a pair
startResponse('200 OK', [['Content-Type']]);
// @ts-expect-error: the server may change the list
startResponse('200 OK', [] as Readonly<HeaderList>);
// @ts-expect-error: bodies are never text
await startResponse('200 OK', [])('hello');

// ---- Streams ----

export const inputs: InputStream[] = [
  bytesIO,
  reader,
  // @ts-expect-error: text is no input
  stringIO,
];

export const outputs: OutputStream[] = [
  bytesIO,
  // @ts-expect-error: text is no output
  stringIO,
];

export const errors: ErrorStream[] = [
  stringIO,
  // @ts-expect-error: errors are text
  bytesIO,
];

export const files: FileLike[] = [
  bytesIO,
  reader,
  { read: () => block },
  { read: (size: number) => Promise.resolve(new Uint8Array(size)), close: () => undefined },
  // @ts-expect-error: a file that gives text
  { read: () => 'text' },
  // @ts-expect-error: a file that cannot be read
  { close: () => undefined },
];

// ---- WSGIEnvironment ----

environ['myserver.anything'] = { at: 'all' };
environ.HTTP_HOST = 'example.com';
delete environ.QUERY_STRING;
results.push(environ['wsgi.file_wrapper']?.({ read: () => block }, 8192) ?? []);

// @ts-expect-error: a header is text
environ.HTTP_HOST = 80;
// @ts-expect-error: the port is text
environ.SERVER_PORT = 80;
// @ts-expect-error: a flag is a boolean
environ['wsgi.multithread'] = 0;
// @ts-expect-error: the version is this one
environ['wsgi.version'] = [1, 1];
// @ts-expect-error: the method is always there
delete environ.REQUEST_METHOD;
// @ts-expect-error: PEP 3333 calls the wrapper, it does not construct it
environ['wsgi.file_wrapper'] = FileWrapperClass;

export const environs: WSGIEnvironment[] = [
  environ,
  // @ts-expect-error: most keys are required
  { REQUEST_METHOD: 'GET' },
];

// ---- The very types ----

export type Checks = [
  IsTrue<Same<Awaitable<string>, string | PromiseLike<string>>>,
  IsTrue<Same<Awaited<Awaitable<string>>, string>>,
  IsTrue<Same<ReturnType<StartResponse>, WriteCallable>>,
  IsTrue<Same<ReturnType<WriteCallable>, Awaitable<void>>>,
  IsTrue<Same<ReturnType<WSGIApplication>, Awaitable<WSGIResult>>>,
  IsTrue<Same<ExcInfo, unknown>>,
  IsTrue<Same<HeaderList, [name: string, value: string][]>>,
  IsTrue<Same<ReturnType<InputStream['read']>, Awaitable<Uint8Array>>>,
  IsTrue<Same<ReturnType<InputStream['readline']>, Awaitable<Uint8Array>>>,
  IsTrue<Same<ReturnType<InputStream['readlines']>, Awaitable<Uint8Array[]>>>,
  IsTrue<Same<WSGIEnvironment['REQUEST_METHOD'], string>>,
  IsTrue<Same<WSGIEnvironment['SCRIPT_NAME'], string>>,
  IsTrue<Same<WSGIEnvironment['PATH_INFO'], string>>,
  IsTrue<Same<WSGIEnvironment['QUERY_STRING'], string | undefined>>,
  IsTrue<Same<WSGIEnvironment['CONTENT_TYPE'], string | undefined>>,
  IsTrue<Same<WSGIEnvironment['CONTENT_LENGTH'], string | undefined>>,
  IsTrue<Same<WSGIEnvironment['SERVER_NAME'], string>>,
  IsTrue<Same<WSGIEnvironment['SERVER_PORT'], string>>,
  IsTrue<Same<WSGIEnvironment['SERVER_PROTOCOL'], string>>,
  IsTrue<Same<WSGIEnvironment['HTTP_ACCEPT_LANGUAGE'], string | undefined>>,
  IsTrue<Same<WSGIEnvironment['wsgi.version'], readonly [1, 0]>>,
  IsTrue<Same<WSGIEnvironment['wsgi.url_scheme'], string>>,
  IsTrue<Same<WSGIEnvironment['wsgi.input'], InputStream>>,
  IsTrue<Same<WSGIEnvironment['wsgi.errors'], ErrorStream>>,
  IsTrue<Same<WSGIEnvironment['wsgi.multithread'], boolean>>,
  IsTrue<Same<WSGIEnvironment['wsgi.multiprocess'], boolean>>,
  IsTrue<Same<WSGIEnvironment['wsgi.run_once'], boolean>>,
  IsTrue<Same<WSGIEnvironment['wsgi.file_wrapper'], FileWrapper | undefined>>,
  IsTrue<Same<WSGIEnvironment['wsgi.input_terminated'], boolean | undefined>>,
  IsTrue<Same<WSGIEnvironment['myserver.anything'], unknown>>,
];
