// Lets applications of Python meet our servers, and our applications the servers of Python, which
// run as WebAssembly: no sockets, and nothing that Python could wait for.

import type {
  HeaderList,
  StartResponse,
  WriteCallable,
  WSGIApplication,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { asApplication, decodeLatin1, encodeLatin1, isBytes, isPromiseLike } from '@wsgiref/util';
import { loadPyodide, runFile } from './pyodide.ts';

/** The applications of python-bridge.py, each in CPython's validator. */
export type PythonApplication =
  | 'demo_app'
  | 'generator_app'
  | 'reading_app'
  | 'writing_app'
  | 'recovering_app'
  | 'failing_app'
  | 'broken_app';

/** What a server of Python has made of a request. */
export interface PythonResponse {
  readonly output: Uint8Array;
  /** What it has logged, and its warnings. */
  readonly errors: string;
}

type PythonWrite = (data: string) => void;

/** `Call` of python-bridge.py. */
interface Call {
  next(): string | undefined;
  close(): void;
}

type MakeCall = (
  name: PythonApplication,
  environ: string,
  body: string,
  writeError: (text: string) => void,
  startResponse: (status: string, headers: string, error: string | undefined) => PythonWrite,
) => Call;

type PythonStart = (
  status: string,
  headers: string,
  error: string | undefined,
  ...more: unknown[]
) => (data: Uint8Array) => void;

type JavaScriptCall = (
  variables: string,
  read: (method: 'read' | 'readline' | 'readlines', size?: number) => never,
  writeError: (text: string) => void,
  start: PythonStart,
) => unknown;

/** What a synchronous application returns. */
interface Result extends Partial<Iterable<unknown, undefined>> {
  readonly length?: number;
  close?(): unknown;
}

/** Python would have to wait, which it cannot do here. */
export class AsynchronousError extends Error {}

type Host = (call: JavaScriptCall, environ: string, body: string, checked: boolean) => string;

/** Both ways between the two languages. */
export interface PythonBridge {
  /** An application of Python's, for our servers. */
  application(name: PythonApplication): WSGIApplication;
  /**
   * Has CPython's `SimpleHandler` run an application of ours.
   *
   * @param application what answers the request; it must be synchronous
   * @param environ the request
   * @param body its body
   * @param checked whether the application is in CPython's validator
   * @throws {AsynchronousError} if the application makes Python wait
   */
  host(
    application: WSGIApplicationLike,
    environ: Record<string, string>,
    body: Uint8Array,
    checked: boolean,
  ): PythonResponse;
}

/** Starts a Python, which takes some seconds. */
export async function startPython(): Promise<PythonBridge> {
  const python = runFile(await loadPyodide(), new URL('python-bridge.py', import.meta.url));
  const makeCall = python.get('Call') as MakeCall;
  const host = python.get('host') as Host;
  return {
    application: (name) => async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      const call = makeCall(
        name,
        JSON.stringify(environ),
        decodeLatin1(body),
        (text) => void environ['wsgi.errors'].write(text),
        (status, headers, error) => {
          const excInfo = error === undefined ? null : new Error(error);
          const write = startResponse(status, JSON.parse(headers) as HeaderList, excInfo);
          return (data) => void write(encodeLatin1(data));
        },
      );
      return { [Symbol.iterator]: () => blocksOf(call), close: () => call.close() };
    },
    host(application, environ, body, checked) {
      let asynchronous: AsynchronousError | null = null;
      const call = javaScriptCall(application, (error) => {
        throw (asynchronous = error);
      });
      const answer = host(call, JSON.stringify(environ), decodeLatin1(body), checked);
      if (asynchronous) throw asynchronous;
      const [output, errors] = JSON.parse(answer) as [string, string];
      return { output: encodeLatin1(output), errors };
    },
  };
}

function* blocksOf(call: Call): Generator<Uint8Array, void> {
  for (;;) {
    const block = call.next();
    if (block === undefined) return;
    yield encodeLatin1(block);
  }
}

/** An application of ours, as `python_application` calls it. */
function javaScriptCall(
  application: WSGIApplicationLike,
  refuse: (error: AsynchronousError) => never,
): JavaScriptCall {
  const plain = asApplication(application);
  return (variables, read, writeError, start) => {
    const environ = JSON.parse(variables) as WSGIEnvironment;
    environ['wsgi.input'] = {
      read: (...size) => read('read', ...size),
      readline: (...size) => read('readline', ...size),
      readlines: (...hint) => read('readlines', ...hint),
      async *[Symbol.asyncIterator]() {
        yield* read('readlines') as Uint8Array[];
      },
    };
    environ['wsgi.errors'] = {
      write: (text) => writeError(text),
      writelines: (lines) => [...lines].forEach((line) => writeError(line)),
      flush: () => {},
    };
    const startResponse = (...args: Parameters<StartResponse>): WriteCallable => {
      const [status, headers, excInfo, ...more] = args;
      const error = excInfo === undefined || excInfo === null ? undefined : String(excInfo);
      return start(status, JSON.stringify(headers), error, ...more);
    };
    const result = plain(environ, startResponse) as Result | null;
    if (!result) return null;
    // Nobody waits for it: it must not end the process when it fails for want of its server.
    if (isPromiseLike(result)) result.then(undefined, () => {});
    if (!result[Symbol.iterator]) refuse(new AsynchronousError('the application is asynchronous'));
    return steps(result as Iterable<unknown, undefined> & Result);
  };
}

/** What Python can iterate over, measure and close. */
function steps(result: Iterable<unknown, undefined> & Result): unknown {
  const iterator = result[Symbol.iterator]();
  const { length } = result;
  const close = result.close?.bind(result) ?? iterator.return?.bind(iterator);
  return {
    next: () => {
      const { done = false, value } = iterator.next();
      // Python takes bytes of Uint8Array itself, and not of Buffer, but also of ArrayBuffer.
      return { done, value: isBytes(value) ? Uint8Array.from(value) : String(value) };
    },
    ...(typeof length === 'number' && { length }),
    ...(close && { close: () => void close() }),
  };
}
