// PEP 3333, "The Application/Framework Side" and "Specification Details": what an application may
// be, and how it is called.

import type { HeaderList, StartResponse, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { answer, bytes, plain, stream } from './applications.ts';

/** An instance of it is the result of a call. */
class ClassApplication {
  readonly #startResponse: StartResponse;

  constructor(_environ: WSGIEnvironment, startResponse: StartResponse) {
    this.#startResponse = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    this.#startResponse('200 OK', plain());
    yield bytes('of a class');
  }
}

/** An application that notes its calls. */
function* counted(environ: WSGIEnvironment, startResponse: StartResponse): Generator<Uint8Array> {
  void note(environ, 'called');
  startResponse('200 OK', plain());
  yield bytes('once');
}

/** What has been looked at of {@link opaque} since it was last called. */
const looks: string[] = [];

/** A function that notes what is looked at, instead of showing it. */
const opaque = new Proxy(answer(''), {
  get: (_target, key) => void looks.push(String(key)),
  has: (_target, key) => looks.push(String(key)) === 0,
  ownKeys: () => {
    looks.push('its keys');
    return [];
  },
  getOwnPropertyDescriptor: (_target, key) => void looks.push(String(key)),
  apply: (_target, _this, [, startResponse]: [WSGIEnvironment, StartResponse]) => {
    startResponse('200 OK', plain());
    return [bytes(looks.splice(0).join(', ') || 'nothing')];
  },
});

export const callingCases: readonly ConformanceCase[] = [
  {
    name: 'an application is a function that returns a list of blocks',
    clauses: ['S1', 'A1', 'A4'],
    application: answer('of a function'),
    expected: { code: 200, body: 'of a function' },
  },
  {
    name: 'an application is an async function',
    clauses: ['S1'],
    async application(_environ, startResponse) {
      await Promise.resolve();
      startResponse('200 OK', plain());
      return [bytes('of an async function')];
    },
    expected: { code: 200, body: 'of an async function' },
  },
  {
    name: 'an application is a generator function',
    clauses: ['S1', 'S7'],
    application: stream(['of a ', 'generator']),
    expected: { code: 200, body: 'of a generator' },
  },
  {
    name: 'an application is an async generator function',
    clauses: ['S1', 'S7'],
    async *application(_environ, startResponse) {
      await Promise.resolve();
      startResponse('200 OK', plain());
      yield bytes('of an async ');
      await Promise.resolve();
      yield bytes('generator');
    },
    expected: { code: 200, body: 'of an async generator' },
  },
  {
    name: 'an application is a class, whose instances are iterated over',
    clauses: ['S1', 'S7'],
    application: ClassApplication,
    expected: { code: 200, body: 'of a class' },
  },
  {
    name: 'an application is an object with a method __call__()',
    clauses: ['S1'],
    application: {
      __call__(_environ, startResponse) {
        startResponse('200 OK', plain());
        return [bytes('of an object')];
      },
    },
    expected: { code: 200, body: 'of an object' },
  },
  {
    name: 'the application is called with two arguments, the environ and startResponse()',
    clauses: ['S1'],
    application(...args: unknown[]) {
      const [, startResponse] = args as [WSGIEnvironment, StartResponse];
      startResponse('200 OK', plain());
      return [bytes(args.map((arg) => typeof arg).join(', '))];
    },
    expected: { code: 200, body: 'object, function' },
  },
  {
    name: 'nothing of the application matters but that it can be called',
    clauses: ['S1'],
    application: opaque,
    expected: { code: 200, body: 'nothing' },
  },
  {
    name: 'the application is called once for each request',
    clauses: ['S3', 'A1'],
    times: 2,
    application: counted,
    expected: { code: 200, body: 'once', notes: ['called'] },
  },
  {
    name: 'an application that fails is not called again',
    clauses: ['S3'],
    application(environ) {
      void note(environ, 'called');
      throw new Error('the application has failed');
    },
    expected: { code: 500, notes: ['called'], errors: 'the application has failed' },
  },
  {
    name: 'startResponse() takes its arguments by position: an object in their place is refused',
    clauses: ['S56', 'A2'],
    valid: false,
    application(_environ, startResponse) {
      const byName = startResponse as unknown as (args: {
        status: string;
        headers: HeaderList;
      }) => void;
      let outcome = 'taken';
      try {
        byName({ status: '200 OK', headers: plain() });
      } catch (error) {
        outcome = 'refused';
        startResponse('200 OK', plain(), error);
      }
      return [bytes(outcome)];
    },
    expected: { code: 200, body: 'refused' },
  },
  {
    name: 'a result need be nothing but iterable',
    clauses: ['S8', 'A4'],
    application(_environ, startResponse): WSGIResult {
      startResponse('200 OK', plain());
      return { [Symbol.iterator]: () => [bytes('a bare '), bytes('iterable')].values() };
    },
    expected: { code: 200, body: 'a bare iterable' },
  },
];
