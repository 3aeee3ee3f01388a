import type {
  HeaderList,
  StartResponse,
  WriteCallable,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { andThen } from '@wsgiref/util';
import type { Bridge } from './bridge.ts';
import { carrying } from './carrying.ts';
import { forPython } from './for-python.ts';
import type { PythonCallable, PythonObject } from './pyodide.ts';
import type { RequestBody } from './request-body.ts';
import { Thrown } from './thrown.ts';
import { toError } from './to-error.ts';

/** What Python gets in a form of its own. */
const OWN: ReadonlySet<string> = new Set([
  'wsgi.version',
  'wsgi.input',
  'wsgi.input_terminated',
  'wsgi.errors',
  'wsgi.file_wrapper',
  'wsgi.multithread',
]);

/**
 * One call of an application of Python's, which is also what it has returned: blocks, as Python
 * yields them, and `close()`.
 */
export class PythonCall implements AsyncIterable<Uint8Array> {
  /** How many blocks there are, if Python's `len()` says so. */
  declare length?: number;
  readonly #bridge: Bridge;
  readonly #environ: WSGIEnvironment;
  readonly #startResponse: StartResponse;
  readonly #body: RequestBody;
  /** Python's half of this call; null before and after. */
  #call: PythonObject | null = null;
  #write: WriteCallable | null = null;
  /** What has gone wrong in Python, until it is thrown. */
  #failure: { readonly error: unknown } | null = null;
  /** What Python has not waited for. */
  #later: Promise<unknown> | null = null;
  /** Bytes to read at a time, if the result is a file. */
  #blockSize: number | null = null;

  /**
   * @param bridge the way into Python
   * @param environ the request
   * @param startResponse the server's
   * @param body the request body
   */
  constructor(
    bridge: Bridge,
    environ: WSGIEnvironment,
    startResponse: StartResponse,
    body: RequestBody,
  ) {
    this.#bridge = bridge;
    this.#environ = environ;
    this.#startResponse = startResponse;
    this.#body = body;
  }

  /**
   * Calls the application.
   *
   * @param application what Python calls
   * @returns the result: this call, or what the server's file wrapper makes of it
   * @throws {PythonException} what the application raises
   */
  async begin(application: PythonCallable): Promise<WSGIResult> {
    try {
      this.#call = (await this.#bridge.enter(
        'begin',
        application,
        this.#server(),
        ...this.#divideEnviron(),
      )) as PythonObject;
      await this.#check();
    } catch (error) {
      await this.close();
      throw error;
    }
    const blockSize = this.#blockSize;
    if (blockSize === null) return this;
    const file = {
      read: async (size: number) => (await this.#ask('readFile', size)) as Uint8Array,
      close: () => this.close(),
    };
    return this.#environ['wsgi.file_wrapper']!(file, blockSize);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: async () => {
        if (!this.#call) return { done: true, value: undefined };
        const value = (await this.#ask('step')) as Uint8Array | undefined;
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    };
  }

  /**
   * Closes Python's result, and forgets it.
   *
   * @throws {PythonException} what its `close()` raises
   */
  async close(): Promise<void> {
    const call = this.#call;
    this.#call = null;
    this.#body.close();
    if (!call) return;
    try {
      await this.#bridge.enter('finish', call);
      await this.#check();
    } finally {
      call.destroy();
    }
  }

  /** @returns the environ: what JSON can say, and the names and values of the rest */
  #divideEnviron(): [variables: string, names: string, values: unknown[]] {
    const variables: Record<string, unknown> = { 'wsgi.multithread': this.#bridge.concurrent };
    const names: string[] = [];
    const values: unknown[] = [];
    for (const [name, value] of Object.entries(this.#environ)) {
      if (OWN.has(name) || value === undefined) continue;
      if (typeof value === 'string' || typeof value === 'boolean') {
        variables[name] = value;
      } else {
        names.push(name);
        // Python's None is undefined on the other side.
        values.push(value ?? undefined);
      }
    }
    return [JSON.stringify(variables), JSON.stringify(names), values];
  }

  /** What Python calls, and what it tells of what has become of the call. */
  #server(): object {
    const errors = this.#environ['wsgi.errors'];
    return {
      hasFileWrapper: this.#environ['wsgi.file_wrapper'] !== undefined,
      /** @returns whether the server has thrown that very error */
      startResponse: carrying((status: string, headers: string, outward: unknown): boolean =>
        this.#start(status, JSON.parse(headers) as HeaderList, outward),
      ),
      write: carrying((data: Uint8Array) => this.#write!(data)),
      read: carrying((size: number) => andThen(this.#body.read(size), forPython)),
      log: carrying((text: string) => andThen(errors.write(text), () => undefined)),
      flushLog: carrying(() => errors.flush()),
      returned: (length: number): void => void (this.length = length),
      returnedFile: (blockSize: number): void => void (this.#blockSize = blockSize),
      threw: (outward: unknown): void => void (this.#failure = { error: toError(outward) }),
      later: (promise: Promise<unknown>): void => {
        this.#later = Promise.all([this.#later, promise]);
        this.#later.catch(() => {}); // Whoever waits for it is told.
      },
    };
  }

  #start(status: string, headers: HeaderList, outward: unknown): boolean {
    if (outward === undefined) {
      this.#write = this.#startResponse(status, headers);
      return false;
    }
    const error = toError(outward);
    try {
      this.#write = this.#startResponse(status, headers, error);
      return false;
    } catch (thrown) {
      if (thrown === error) return true;
      throw thrown;
    }
  }

  async #ask(name: 'step' | 'readFile', ...args: unknown[]): Promise<unknown> {
    const value = await this.#bridge.enter(name, this.#call, ...args);
    await this.#check();
    return value;
  }

  /** Throws what has gone wrong, and waits for what Python has not waited for. */
  async #check(): Promise<void> {
    const failure = this.#failure;
    const later = this.#later;
    this.#failure = null;
    this.#later = null;
    if (failure) throw failure.error;
    try {
      await later;
    } catch (error) {
      throw Thrown.unwrap(error);
    }
  }
}
