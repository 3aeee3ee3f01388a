import type {
  Awaitable,
  StartResponse,
  WSGIApplication,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { andThen, closeResult, isPromiseLike, iterate } from '@wsgiref/util';
import type { Bridge } from './bridge.ts';
import { forPython } from './for-python.ts';
import { HostedInput, type ReadPython } from './hosted-input.ts';
import { Later } from './later.ts';
import type { PythonObject } from './pyodide.ts';
import { Thrown } from './thrown.ts';
import { toError } from './to-error.ts';

/** What Python calls an application with. */
export type HostArguments = [
  waits: boolean,
  variables: string,
  names: string,
  exchangeAndValues: readonly [exchange: PythonObject, ...values: unknown[]],
];

/** What an operation has come to, for Python. */
interface Outcome {
  /** `raised`: the application has let go on what Python has raised. */
  readonly kind: 'result' | 'measured' | 'value' | 'block' | 'end' | 'closed' | 'raised';
  /** The number of blocks of what is measured; a block, or what is no result at all. */
  readonly value: unknown;
}

type Step = Iterator<unknown> | AsyncIterator<unknown>;

/** One call of an application of ours by a server of Python's. */
export class HostedCall {
  readonly #application: WSGIApplication;
  readonly #bridge: Bridge;
  /** Python's half of this call. */
  readonly #exchange: PythonObject;
  /** Whether Python can wait for promises in this call. */
  readonly #waits: boolean;
  readonly #environ: WSGIEnvironment;
  /** What has gone wrong in Python, until it is thrown. */
  #failure: { readonly error: unknown } | null = null;
  /** What has been thrown last for something that Python has raised. */
  #raised: { readonly error: unknown } | null = null;
  #result: WSGIResult | null = null;
  #iterator: Step | null = null;
  /** The iterator, while it stands in the middle: it has not ended, nor thrown. */
  #abandoned: Step | null = null;

  /**
   * @param application what is called
   * @param bridge the way into Python
   * @param args what Python says of the request
   */
  constructor(application: WSGIApplication, bridge: Bridge, ...args: HostArguments) {
    const [waits, variables, names, [exchange, ...values]] = args;
    this.#application = application;
    this.#bridge = bridge;
    this.#exchange = exchange;
    this.#waits = waits;
    const environ = JSON.parse(variables) as WSGIEnvironment;
    for (const [i, name] of (JSON.parse(names) as string[]).entries()) environ[name] = values[i];
    environ['wsgi.version'] = [1, 0];
    environ['wsgi.input'] = new HostedInput(this.#read as ReadPython);
    environ['wsgi.errors'] = {
      write: (text) => void this.#ask('log', text),
      writelines: (lines) => {
        for (const line of lines) this.#ask('log', line);
      },
      flush: () => void this.#ask('flushLog'),
    };
    this.#environ = environ;
  }

  /** Calls the application. */
  begin(): Outcome | Later<Outcome> {
    return this.#settle(() =>
      andThen(this.#application(this.#environ, this.#startResponse), (result) =>
        this.#returned(result),
      ),
    );
  }

  /** Asks for the next block. */
  next(): Outcome | Later<Outcome> {
    return this.#settle(() => {
      const iterator = (this.#iterator ??= this.#iterate());
      this.#abandoned = null;
      return andThen(
        iterator.next() as Awaitable<IteratorResult<unknown>>,
        ({ done, value }): Outcome => {
          if (done) return { kind: 'end', value: undefined };
          this.#abandoned = iterator;
          return { kind: 'block', value: forPython(value) };
        },
      );
    });
  }

  /** Closes the result, once. */
  close(): Outcome | Later<Outcome> {
    const result = this.#result;
    const abandoned = this.#abandoned;
    this.#result = null;
    this.#abandoned = null;
    return this.#settle(() =>
      andThen(result ? this.#close(result, abandoned) : undefined, () => ({
        kind: 'closed',
        value: undefined,
      })),
    );
  }

  /**
   * Leaves alone what Python cannot wait for; a result that comes of it is closed.
   *
   * @param outcome the operation
   * @returns what to tell whoever wanted to know
   */
  abandon(outcome: Promise<Outcome>): string {
    outcome.then(() => this.close()).catch(() => {});
    return this.#asynchronous();
  }

  /** Waits without keeping others from Python. */
  outside(outcome: Promise<Outcome>): Later<Outcome> {
    return new Later(this.#bridge.outside(outcome));
  }

  readonly #startResponse: StartResponse = (status, headers, excInfo) => {
    const error =
      excInfo === undefined || excInfo === null
        ? []
        : [excInfo === this.#raised?.error || new Thrown(excInfo)];
    this.#ask('start', status, JSON.stringify(headers), ...error);
    return (data) => void this.#ask('write', forPython(data));
  };

  readonly #read = (method: string, ...size: unknown[]): unknown => {
    if (!this.#waits) return this.#ask('read', method, ...size);
    // It takes no turn: whoever has it may be waiting for what is read here.
    return this.#bridge.functions.hosted
      .callPromising(this.#server, this.#exchange, 'read', method, ...size)
      .then((value) => this.#check(value));
  };

  readonly #server = {
    threw: (outward: unknown): void => {
      this.#failure = this.#raised = { error: toError(outward) };
    },
  };

  #ask(...operation: [name: string, ...args: unknown[]]): unknown {
    return this.#check(this.#bridge.functions.hosted(this.#server, this.#exchange, ...operation));
  }

  #check(value: unknown): unknown {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
    return value;
  }

  #returned(result: WSGIResult): Awaitable<Outcome> {
    const {
      length,
      [Symbol.iterator]: now,
      [Symbol.asyncIterator]: later,
    } = Object(result) as Some;
    // Python's server says what is wrong with it.
    if (!now && !later) return { kind: 'value', value: result ?? undefined };
    if (!now && !this.#waits) {
      return andThen(closeNow(result, null), () => {
        throw new TypeError(this.#asynchronous());
      });
    }
    this.#result = result;
    return typeof length === 'number'
      ? { kind: 'measured', value: length }
      : { kind: 'result', value: undefined };
  }

  #iterate(): Step {
    const result = this.#result!;
    return this.#waits ? iterate(result) : (result as Iterable<unknown>)[Symbol.iterator]();
  }

  #close(result: WSGIResult, abandoned: Step | null): Awaitable<unknown> {
    return this.#waits ? closeResult(result, abandoned) : closeNow(result, abandoned);
  }

  #settle(operation: () => Awaitable<Outcome>): Outcome | Later<Outcome> {
    const fail = (error: unknown): Outcome => {
      if (this.#raised && error === this.#raised.error) return { kind: 'raised', value: undefined };
      throw new Thrown(error);
    };
    try {
      const outcome = operation();
      return isPromiseLike(outcome) ? new Later(Promise.resolve(outcome).catch(fail)) : outcome;
    } catch (error) {
      return fail(error);
    }
  }

  #asynchronous(): string {
    const advice = this.#bridge.suspends
      ? 'enter Python by runPythonAsync() or callPromising()'
      : 'make it synchronous, or run it where WebAssembly can be suspended, in Node 26 for one';
    return `the application is asynchronous, and Python cannot wait for it here: ${advice}`;
  }
}

/** What a result may have. */
type Some = Partial<Iterable<unknown> & AsyncIterable<unknown>> & { readonly length?: unknown };

/** The same as `closeResult()`, without waiting. */
function closeNow(result: WSGIResult, abandoned: Step | null): unknown {
  const closable = result as { close?(): unknown; return?(): unknown };
  try {
    void abandoned?.return?.();
  } finally {
    if (!closable.close && closable !== abandoned) closable.return?.();
  }
  return closable.close?.();
}
