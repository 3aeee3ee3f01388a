// The seven forms that an application may have. Whatever takes an application takes each of them; here
// they are served side by side, `/plain` by the first, and so on. Try
// `curl --data 'to be read' http://127.0.0.1:8000/async`.

import { makeServer } from '@wsgiref/simple-server';
import type {
  Awaitable,
  StartResponse,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { asApplication, encodeLatin1, shiftPathInfo } from '@wsgiref/util';

/** A function that returns its blocks: the server sees how long a single one is. */
export function plain(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [encodeLatin1('hello from a function\n')];
}

/** An async function: it may wait before it begins the response, for the request body, say. */
export async function asynchronous(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
): Promise<Uint8Array[]> {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [encodeLatin1(`hello from an async function that read ${body.length} bytes\n`)];
}

/** A generator: each block is sent before the next is asked for. */
export function* generator(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
): Generator<Uint8Array> {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  try {
    yield encodeLatin1('hello from ');
    yield encodeLatin1('a generator\n');
  } finally {
    // This runs also if the client goes away in the middle.
    void environ['wsgi.errors'].write('the generator is done\n');
  }
}

/** An async generator: it may wait between blocks, too. */
export async function* asyncGenerator(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
): AsyncGenerator<Uint8Array> {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello from an async generator\n');
  for await (const line of environ['wsgi.input']) yield line;
}

/** A class: each instance is the result of one request. */
export class Class {
  readonly #startResponse: StartResponse;

  constructor(_environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#startResponse = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    this.#startResponse('200 OK', [['Content-Type', 'text/plain']]);
    yield encodeLatin1('hello from a class\n');
  }
}

/** An object: it can be configured, and remember. */
export class Counter {
  #requests = 0;

  __call__(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [encodeLatin1(`hello from an object, number ${++this.#requests}\n`)];
  }

  /** A method can be an application as well, once it is bound to its object. */
  reset(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
    this.#requests = 0;
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [encodeLatin1('hello from a bound method\n')];
  }
}

const counter = new Counter();

const forms: Record<string, WSGIApplicationLike> = {
  plain,
  async: asynchronous,
  generator,
  'async-generator': asyncGenerator,
  class: Class,
  object: counter,
  'bound-method': counter.reset.bind(counter),
};

/** The eighth is plain again: it hands each request on to the form that the path names. */
export function application(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
): Awaitable<WSGIResult> {
  const name = shiftPathInfo(environ) ?? '';
  if (Object.hasOwn(forms, name)) return asApplication(forms[name]!)(environ, startResponse);
  startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
  return Object.keys(forms).map((form) => encodeLatin1(`/${form}\n`));
}

if (import.meta.filename === process.argv[1]) {
  const httpd = await makeServer('127.0.0.1', Number(process.argv[2] ?? 8000), application);
  console.log(`Serving HTTP on 127.0.0.1 port ${httpd.serverPort} ...`);
  await httpd.serveForever();
}
