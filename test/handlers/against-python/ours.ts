// Performs the cases with our handlers, as theirs.py does with Python's; case.ts describes their
// language.

import { jest } from '@jest/globals';
import { BaseCGIHandler, SimpleHandler } from '@wsgiref/handlers';
import { ServerHandler } from '@wsgiref/simple-server';
import type {
  Awaitable,
  FileLike,
  OutputStream,
  StartResponse,
  WriteCallable,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, StringIO } from '@wsgiref/util';
import {
  type Answer,
  type Application,
  type Case,
  type HandlerName,
  METHODS,
  type Output,
  REQUEST,
  type Step,
  type Value,
} from './case.ts';

const handlers: Readonly<Record<HandlerName, typeof SimpleHandler>> = {
  SimpleHandler,
  BaseCGIHandler,
  ServerHandler,
};

const DISCONNECTED = new Set<unknown>(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
}

function makeError(message: string, code?: string): Error {
  if (code === undefined) return new ApplicationError(message);
  return Object.assign(new Error(message), { code });
}

function describe(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (DISCONNECTED.has(code)) return 'SystemError: disconnected';
  return typeof code === 'string' ? `SystemError: ${code}` : `${name}: ${message}`;
}

function asBytes(value: Value): unknown {
  if (typeof value === 'string') return encodeLatin1(value);
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
}

function asText(value: Value): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'bytes' in value;
  return isBytes ? encodeLatin1(value.bytes) : value;
}

function asHeaders(value: Value): unknown {
  if (!Array.isArray(value)) return asText(value);
  return value.map((item: Value) => (Array.isArray(item) ? item.map(asText) : asText(item)));
}

/** What happens; output that nothing has come between is one event. */
class Events {
  readonly list: string[] = [];

  add(event: string): void {
    this.list.push(event);
  }

  sent(data: string): void {
    if (this.list.at(-1)?.startsWith('out ')) this.list.push(this.list.pop()! + data);
    else this.list.push(`out ${data}`);
  }
}

class RecordedOutput implements OutputStream {
  text = '';
  readonly #events: Events;
  readonly #output: Output;

  constructor(events: Events, output: Output) {
    this.#events = events;
    this.#output = output;
  }

  write(data: Uint8Array): number | void {
    const { failsAt, error, takes = Infinity } = this.#output;
    const text = decodeLatin1(data);
    if (failsAt !== undefined && text.includes(failsAt)) {
      this.#events.add('output fails');
      throw makeError('the output fails', error);
    }
    this.text += text.slice(0, takes);
    this.#events.sent(text.slice(0, takes));
    if (takes !== Infinity) return Math.min(takes, text.length);
  }

  flush(): void {
    this.#events.add('flush');
  }
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** A handler that notes the calls of its methods. */
function recording(base: typeof SimpleHandler, events: Events): typeof SimpleHandler {
  class Recording extends base {
    declare stderr: StringIO;

    override async logException(error: unknown): Promise<void> {
      events.add(`log_exception ${describe(error)}`);
      const before = this.stderr.getvalue().length;
      await super.logException(error);
      const logged = this.stderr.getvalue().slice(before);
      if (!/\n +at /.test(logged) || !logged.includes((error as Error).message)) {
        throw new Error(`no stack was logged: ${logged}`);
      }
      this.stderr.seek(before);
      this.stderr.truncate();
      this.stderr.write(`[${describe(error)}]\n`);
    }
  }
  const inherited = base.prototype as unknown as Methods;
  for (const name of METHODS) {
    if (name === 'log_exception') continue;
    const method = camelCase(name);
    Object.defineProperty(Recording.prototype, method, {
      value(this: SimpleHandler, ...args: unknown[]): unknown {
        events.add(name);
        return inherited[method]!.apply(this, args);
      },
    });
  }
  return Recording;
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What the steps need done: a block is yielded, or a value is waited for. */
type Request = { readonly block: unknown } | { readonly wait: Awaitable<unknown> };
type Performance = Generator<Request, void, unknown>;

/** Does what an application is to do. */
class Performer {
  readonly application: Application;
  readonly events: Events;
  environ: WSGIEnvironment | null = null;
  #startResponse!: (...args: unknown[]) => WriteCallable;
  #write!: WriteCallable;

  constructor(application: Application, events: Events) {
    this.application = application;
    this.events = events;
  }

  /** Begins: what the application does before it does anything of its own. */
  begin(environ: WSGIEnvironment, startResponse: StartResponse): void {
    this.environ = environ;
    this.#startResponse = startResponse as (...args: unknown[]) => WriteCallable;
    this.events.add('called');
  }

  /** What is returned once the steps have been performed. */
  resultOf(list: Uint8Array[], asynchronous: boolean): unknown {
    const { form, value = null, blockSize, iteration = [] } = this.application;
    if (form === 'list') return list;
    if (form === 'iterable') return this.iterable(iteration, asynchronous);
    if (form === 'value') return asBytes(value);
    const file = new File(asBytes(value) as Uint8Array, this.events);
    return this.environ!['wsgi.file_wrapper']!(file, blockSize);
  }

  /** An object that can be iterated over, and may have a length and a `close()`. */
  iterable(steps: readonly Step[], asynchronous: boolean): unknown {
    const { length, close } = this.application;
    const iterate = (): unknown => {
      this.events.add('iter');
      return blocksOf(this.perform(steps), asynchronous);
    };
    const closing = (): void => {
      this.events.add('result.close');
      for (const _ of blocks(this.perform(close!)));
    };
    return {
      [asynchronous ? Symbol.asyncIterator : Symbol.iterator]: iterate,
      ...(length !== undefined && { length }),
      ...(close && { close: closing }),
    };
  }

  *perform(steps: readonly Step[], caught: unknown = null): Performance {
    for (const step of steps) {
      switch (step[0]) {
        case 'yield':
          yield { block: asBytes(step[1]) };
          break;
        case 'try':
          try {
            yield* this.perform(step[1], caught);
          } catch (error) {
            this.events.add(`caught ${describe(error)}`);
            yield* this.perform(step[2], error);
          }
          break;
        case 'finally':
          try {
            yield* this.perform(step[1], caught);
          } finally {
            yield* this.perform(step[2], caught);
          }
          break;
        case 'start': {
          const [, status, headers, excInfo] = step;
          const args = {
            none: [],
            null: [null],
            extra: [null, null],
            caught: [caught],
            made: [new ApplicationError('made')],
          }[excInfo ?? 'none'];
          this.#write = this.#startResponse(asText(status), asHeaders(headers), ...args);
          break;
        }
        case 'write':
          yield { wait: this.#write(asBytes(step[1]) as Uint8Array) };
          this.events.add('written');
          break;
        case 'raise':
          this.events.add('raises');
          throw makeError(step[1], step[2]);
        case 'read':
        case 'readline': {
          const [name, size] = step;
          const data = yield { wait: this.environ!['wsgi.input'][name](size!) };
          this.events.add(`${name} ${decodeLatin1(data as Uint8Array)}`);
          break;
        }
        case 'readlines': {
          const read = this.environ!['wsgi.input'].readlines(step[1]!);
          const lines = (yield { wait: read }) as Uint8Array[];
          this.events.add(`readlines ${lines.map(decodeLatin1).join('|')}`);
          break;
        }
        case 'variable':
          this.events.add(`${step[1]} = ${JSON.stringify(this.environ![step[1]] ?? null)}`);
          break;
        case 'set':
          this.environ![step[1]] = step[2];
          break;
        case 'log':
          yield { wait: this.environ!['wsgi.errors'].write(step[1]) };
          break;
        case 'note':
          this.events.add(step[1]);
      }
    }
  }
}

/** The blocks of a performance, in which nothing has to be waited for. */
function* blocks(performance: Performance): Generator<Uint8Array, void> {
  let answer: unknown;
  try {
    for (;;) {
      const { done, value } = performance.next(answer);
      if (done) return;
      answer = undefined;
      if ('block' in value) yield value.block as Uint8Array;
      else answer = value.wait;
    }
  } finally {
    performance.return();
  }
}

/** The same, where everything is waited for. */
async function* blocksAsync(performance: Performance): AsyncGenerator<Uint8Array, void> {
  try {
    let step = performance.next();
    while (!step.done) {
      if ('block' in step.value) {
        yield step.value.block as Uint8Array;
        step = performance.next();
      } else {
        step = await settle(step.value.wait).then(
          (answer) => performance.next(answer),
          (error: unknown) => performance.throw(error),
        );
      }
    }
  } finally {
    performance.return();
  }
}

async function settle(value: Awaitable<unknown>): Promise<unknown> {
  return value;
}

function blocksOf(
  performance: Performance,
  asynchronous: boolean,
): Generator<Uint8Array> | AsyncGenerator<Uint8Array> {
  return asynchronous ? blocksAsync(performance) : blocks(performance);
}

class File implements FileLike {
  readonly #stream: BytesIO;
  readonly #events: Events;

  constructor(data: Uint8Array, events: Events) {
    this.#stream = new BytesIO(data);
    this.#events = events;
  }

  read(size: number): Uint8Array {
    const block = this.#stream.read(size);
    this.#events.add(`file.read ${size}: ${block.length}`);
    return block;
  }

  close(): void {
    this.#events.add('file.close');
  }
}

/** The application of a case: a function, sync or async, a class, or no application at all. */
function applicationOf(
  { application }: Case,
  performer: Performer,
  asynchronous: boolean,
): WSGIApplicationLike {
  const { form, steps, value = null } = application;
  switch (form) {
    case 'none':
      return asBytes(value) as WSGIApplicationLike;
    case 'generator':
      return (environ, startResponse) => {
        performer.begin(environ, startResponse);
        return blocksOf(performer.perform(steps), asynchronous);
      };
    case 'class':
      return class {
        constructor(environ: WSGIEnvironment, startResponse: StartResponse) {
          performer.begin(environ, startResponse);
          return performer.iterable(steps, asynchronous) as this;
        }

        declare [Symbol.iterator]: () => Iterator<Uint8Array>;
      };
    default:
      if (!asynchronous) {
        return (environ, startResponse) => {
          performer.begin(environ, startResponse);
          const list = [...blocks(performer.perform(steps))];
          return performer.resultOf(list, asynchronous) as WSGIResult;
        };
      }
      return async (environ, startResponse) => {
        performer.begin(environ, startResponse);
        const list: Uint8Array[] = [];
        for await (const block of blocksAsync(performer.perform(steps))) list.push(block);
        return performer.resultOf(list, asynchronous) as WSGIResult;
      };
  }
}

/**
 * Performs a case.
 *
 * @param one the case
 * @param asynchronous whether its application is
 */
export async function ourAnswer(one: Case, asynchronous: boolean): Promise<Answer> {
  const events = new Events();
  const variables = Object.entries({ ...REQUEST, ...one.environ });
  const environ = Object.fromEntries(variables.filter(([, value]) => value !== null));
  const output = new RecordedOutput(events, one.output ?? {});
  const stderr = new StringIO();
  const input = new BytesIO(encodeLatin1(one.input ?? ''));
  const Recording = recording(handlers[one.handler ?? 'SimpleHandler'], events);
  const handler = new Recording(input, output, stderr, environ as Partial<WSGIEnvironment>, {
    ...one.options,
  });
  Object.assign(handler, {
    requestHandler: {
      logRequest: (code: string, size: number) => events.add(`log_request ${code} ${size}`),
    },
  });
  for (const [name, value] of Object.entries(one.attributes ?? {})) {
    if (value === 'its own') continue;
    const ours = name === 'error_body' ? asBytes(value as Value) : value;
    Object.assign(handler, { [camelCase(name)]: ours });
  }

  const performer = new Performer(one.application, events);
  const warnings: string[] = [];
  const spy = jest
    .spyOn(process, 'emitWarning')
    .mockImplementation(
      (message, category) => void warnings.push(`${String(category)}: ${message}`),
    );
  let raised: string | null = null;
  try {
    await handler.run(applicationOf(one, performer, asynchronous));
  } catch (error) {
    raised = describe(error);
  } finally {
    spy.mockRestore();
  }
  return {
    output: output.text,
    log: stderr.getvalue(),
    events: events.list,
    raised,
    environ: shown(performer.environ),
    warnings,
  };
}

function shown(environ: WSGIEnvironment | null): Record<string, unknown> {
  if (!environ) return { 'wsgi.file_wrapper': false };
  const {
    'wsgi.input': _input,
    'wsgi.errors': _errors,
    'wsgi.file_wrapper': wrapper,
    ...others
  } = environ;
  return { ...others, 'wsgi.file_wrapper': wrapper !== undefined };
}
