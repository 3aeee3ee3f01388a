// PEP 3333: "If the iterable returned by the application has a close() method, the server or gateway
// must call that method upon completion of the current request, whether the request was completed
// normally, or terminated early due to an application error during iteration or an early disconnect
// of the browser." Here: once, and a generator's return() likewise.

import { Readable } from 'node:stream';
import { describe, expect, jest, test } from '@jest/globals';
import { BaseCGIHandler } from '@wsgiref/handlers';
import type { HeaderList, WSGIResult } from '@wsgiref/types';
import { BytesIO, FileWrapper, StringIO } from '@wsgiref/util';
import {
  allDone,
  bytes,
  ERROR_PAGE,
  ErrorHandler,
  Recorder,
  SlowRecorder,
  systemError,
  text,
} from './support.ts';

/** A block of a body; null, where the iteration fails. */
type Block = string | null;

/** Makes a result of the blocks that reports how it is closed. */
type Form = (blocks: Block[], closed: (how: string) => void) => WSGIResult;

function* each(blocks: Block[]): Generator<Uint8Array, undefined> {
  for (const block of blocks) {
    if (block === null) throw new Error('in the middle');
    yield bytes(block);
  }
}

/** An iterator that has nothing but what every iterator has. */
function iterator(blocks: Block[]): Iterator<Uint8Array> & Iterable<Uint8Array> {
  const source = each(blocks);
  return {
    next: () => source.next(),
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** The forms of a result, and how each is closed after an iteration that has begun. */
const forms: [string, how: string[], Form][] = [
  [
    'an array with close()',
    ['close'],
    (blocks, closed) =>
      // An array cannot fail; a block that is none makes the sending of it fail.
      Object.assign(
        blocks.map((block) => (block === null ? (null as never) : bytes(block))),
        { close: () => closed('close') },
      ),
  ],
  [
    'a generator',
    ['finally'],
    function* (blocks, closed) {
      try {
        yield* each(blocks);
      } finally {
        closed('finally');
      }
    },
  ],
  [
    'an async generator',
    ['finally'],
    async function* (blocks, closed) {
      try {
        yield* each(blocks);
      } finally {
        await allDone();
        closed('finally');
      }
    },
  ],
  [
    'an instance with a generator method and close()',
    ['finally', 'close'],
    (blocks, closed) => ({
      *[Symbol.iterator]() {
        try {
          yield* each(blocks);
        } finally {
          closed('finally');
        }
      },
      close: () => closed('close'),
    }),
  ],
  [
    'an instance with an async generator method and an async close()',
    ['finally', 'close'],
    (blocks, closed) => ({
      async *[Symbol.asyncIterator]() {
        try {
          yield* each(blocks);
        } finally {
          closed('finally');
        }
      },
      async close() {
        await allDone();
        closed('close');
      },
    }),
  ],
  [
    'an iterator with close()',
    ['close'],
    (blocks, closed) => ({
      ...iterator(blocks),
      close: () => closed('close'),
    }),
  ],
  [
    'an iterator with return()',
    ['return'],
    (blocks, closed) => ({
      ...iterator(blocks),
      return() {
        closed('return');
        return { done: true, value: undefined };
      },
    }),
  ],
  [
    'an async iterator with close()',
    ['close'],
    (blocks, closed) => {
      const source = each(blocks);
      const result: AsyncIterator<Uint8Array> & AsyncIterable<Uint8Array> = {
        next: async () => source.next(),
        [Symbol.asyncIterator]: () => result,
      };
      return { ...result, close: () => closed('close') };
    },
  ],
  [
    'a stream of Node',
    ['destroy'],
    (blocks, closed) => {
      const source = each(blocks);
      return new Readable({
        // One block at a time, as the reader asks.
        highWaterMark: 1,
        read() {
          try {
            const { done, value } = source.next();
            this.push(done ? null : value);
          } catch (error) {
            this.destroy(error as Error);
          }
        },
        destroy(error, callback) {
          closed('destroy');
          callback(error);
        },
      });
    },
  ],
  [
    'a wrapped file',
    ['close'],
    (blocks, closed) => {
      const source = each(blocks);
      return new FileWrapper({
        read: () => source.next().value ?? new Uint8Array(),
        close: () => closed('close'),
      });
    },
  ],
];

interface Situation {
  blocks?: Block[];
  headers?: HeaderList;
  method?: string;
  stdout?: Recorder;
  /** What is logged; nothing unless it is given. */
  log?: string;
}

/** An output that fails at the first block of the body. */
function failing(stdout: Recorder, fail: () => unknown): Recorder {
  const { write } = stdout;
  return Object.assign(stdout, {
    write: (data: Uint8Array) => (text(data) === 'one' ? fail() : write.call(stdout, data)),
  });
}

function raise(code: string): () => never {
  return () => {
    throw systemError(code);
  };
}

const situations: [string, () => Situation][] = [
  ['a normal end', () => ({})],
  ['a normal end on a slow transport', () => ({ stdout: new SlowRecorder() })],
  [
    'an error in the middle of the iteration',
    () => ({ blocks: ['one', null, 'two'], log: 'Error' }),
  ],
  ['an error at the first block', () => ({ blocks: [null, 'one'], log: 'Error' })],
  [
    'an error on a slow transport',
    () => ({ blocks: ['one', null], stdout: new SlowRecorder(), log: 'Error' }),
  ],
  ['a client that goes away', () => ({ stdout: failing(new Recorder(), raise('EPIPE')) })],
  [
    'a client that goes away from a slow transport',
    () => ({
      stdout: failing(new SlowRecorder(), () => Promise.reject(systemError('ECONNRESET'))),
    }),
  ],
  [
    'a transport that fails',
    () => ({ stdout: failing(new Recorder(), raise('ENOSPC')), log: 'ENOSPC' }),
  ],
  [
    'a slow transport that fails',
    () => ({
      stdout: failing(new SlowRecorder(), () => Promise.reject(systemError('ENOSPC'))),
      log: 'ENOSPC',
    }),
  ],
  ['a HEAD request', () => ({ method: 'HEAD' })],
  ['a HEAD request on a slow transport', () => ({ method: 'HEAD', stdout: new SlowRecorder() })],
  [
    'a body that is too long',
    () => ({ headers: [['Content-Length', '4']], log: 'sent more than the 4 bytes' }),
  ],
  [
    'a body that is too short',
    () => ({ headers: [['Content-Length', '40']], log: 'sent 6 of the 40 bytes' }),
  ],
];

describe.each(forms)('%s', (form, how, make) => {
  test.each(situations)('is closed once after %s', async (_situation, situation) => {
    const { blocks = ['one', 'two'], headers = [], log, ...rest } = situation();
    const { method = 'GET', stdout = new Recorder() } = rest;
    const stderr = new StringIO();
    const closings: string[] = [];
    const handler = new BaseCGIHandler(new BytesIO(), stdout, stderr, { REQUEST_METHOD: method });
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', headers);
      return make(blocks, (closing) => closings.push(closing));
    });
    // A stream of Node tells of its end a little later.
    await allDone();
    expect(closings).toEqual(how);
    // Of a file that is longer than its Content-Length a part is sent, and that is no error.
    const part = form === 'a wrapped file' && headers[0]?.[1] === '4';
    if (log === undefined || part) expect(stderr.getvalue()).toBe('');
    else expect(stderr.getvalue()).toContain(log);
  });
});

test('a result is closed at the end, not before its last block has been sent', async () => {
  const events: string[] = [];
  const handler = new BaseCGIHandler(null, new SlowRecorder(events), null, {});
  await handler.run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return Object.assign([bytes('body')], { close: () => void events.push('close') });
  });
  expect(events.slice(-3)).toEqual(['write "body"', 'flush', 'close']);
});

test('an iterator that has thrown has ended: it gets no return(), as in a for loop', async () => {
  const back = jest.fn(() => ({ done: true as const, value: undefined }));
  const handler = new ErrorHandler();
  await handler.run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return {
      [Symbol.iterator]: () => ({ ...iterator(['one', null]), return: back }),
    };
  });
  expect(handler.body).toBe('one');
  expect(back).not.toHaveBeenCalled();
});

test('an iterator that is left in the middle gets return(), though the result has no close()', async () => {
  const back = jest.fn(() => ({ done: true as const, value: undefined }));
  const handler = new ErrorHandler({ REQUEST_METHOD: 'HEAD' });
  await handler.run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return {
      [Symbol.iterator]: () => ({ ...iterator(['one', 'two']), return: back }),
    };
  });
  expect(back).toHaveBeenCalledTimes(1);
});

test('a generator that never began is closed, too', async () => {
  let result: Generator<Uint8Array> | undefined;
  const stdout = new SlowRecorder();
  const failed = jest.fn(() => Promise.reject<void>(systemError('EPIPE')));
  stdout.flush = failed;
  const handler = new BaseCGIHandler(null, stdout, null, {});
  await handler.run((_environ, startResponse) => {
    void startResponse('200 OK', [])(bytes('written'));
    return (result = each(['never']));
  });
  expect(failed).toHaveBeenCalledTimes(1);
  expect(result!.next()).toEqual({ done: true, value: undefined });
});

test('finally runs while the client waits no longer, and may itself wait', async () => {
  const events: string[] = [];
  const stdout = new Recorder(events);
  stdout.flush = raise('ECONNRESET');
  await new BaseCGIHandler(null, stdout, null, {}).run(async function* (_environ, startResponse) {
    startResponse('200 OK', []);
    try {
      yield bytes('one');
      events.push('not reached');
    } finally {
      await allDone();
      events.push('connection given back');
    }
  });
  expect(events.slice(-2)).toEqual(['write "one"', 'connection given back']);
});

describe('DIFFERS(12): a close() that fails after a complete response', () => {
  const results: [string, () => WSGIResult][] = [
    [
      'throws',
      () =>
        Object.assign([bytes('body')], {
          close() {
            throw new Error('cannot close');
          },
        }),
    ],
    [
      'rejects',
      () =>
        Object.assign([bytes('body')], {
          close: () => Promise.reject(new Error('cannot close')),
        }),
    ],
    [
      'is a finally that throws when the generator is left',
      function* () {
        try {
          yield bytes('body');
          yield bytes(' and more');
        } finally {
          // eslint-disable-next-line no-unsafe-finally
          throw new Error('cannot close');
        }
      },
    ],
  ];

  test.each(results)('is logged where it %s, and nothing more is sent', async (_how, make) => {
    const handler = new ErrorHandler({ REQUEST_METHOD: 'HEAD' });
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '4']]);
      return make();
    });
    expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 4\r\n\r\n');
    expect(handler.log).toMatch(/^Error: cannot close\n/);
    expect(handler.log.match(/cannot close/g)).toHaveLength(1);
    expect(handler.environ).toBeNull();
  });

  test('DIFFERS(50): does not hide the error that ended the response', async () => {
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return {
        *[Symbol.iterator]() {
          yield bytes('one');
          throw new Error('the first');
        },
        close() {
          throw new Error('the second');
        },
      };
    });
    expect(handler.body).toBe('one');
    expect(handler.log).toMatch(/^Error: the second\n[^]*Error: the first\n/);
  });

  test('does not keep a close() from being called behind a return() that fails', async () => {
    const close = jest.fn<() => void>();
    const handler = new ErrorHandler({ REQUEST_METHOD: 'HEAD' });
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return {
        [Symbol.iterator]: () => ({
          ...iterator(['one', 'two']),
          return() {
            throw new Error('cannot return');
          },
        }),
        close,
      };
    });
    expect(close).toHaveBeenCalledTimes(1);
    expect(handler.log).toMatch(/^Error: cannot return\n/);
  });

  test('is answered by nothing even where a handler overrides close() and that fails', async () => {
    class Logging extends ErrorHandler {
      override async close(): Promise<void> {
        await super.close();
        throw new Error('cannot write the access log');
      }
    }
    const handler = new Logging();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [bytes('body')];
    });
    expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 4\r\n\r\nbody');
    expect(handler.log).toMatch(/^Error: cannot write the access log\n/);
  });
});

test('S6: a result is closed once although the error of its end cannot be logged', async () => {
  const close = jest.fn<() => void>();
  const handler = new ErrorHandler();
  handler.logException = () => Promise.reject(new Error('the log is full'));
  await expect(
    handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return { [Symbol.iterator]: () => iterator([null]), close };
    }),
  ).rejects.toThrow('the log is full');
  expect(close).toHaveBeenCalledTimes(1);
  expect(handler.environ).toBeNull();
});

test('the error page is a result like any other, and is closed', async () => {
  const closings: string[] = [];
  const handler = new ErrorHandler();
  const { errorOutput } = handler;
  handler.errorOutput = async (...args) => {
    const page = await errorOutput.apply(handler, args);
    return Object.assign(page, { close: () => void closings.push('page') });
  };
  await handler.run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return { [Symbol.iterator]: () => iterator([null]), close: () => void closings.push('result') };
  });
  expect(handler.sent).toBe(ERROR_PAGE);
  expect(closings).toEqual(['result', 'page']);
});

test('a handler that has served is as new, and closes the same result again', async () => {
  const close = jest.fn<() => void>();
  const result = Object.assign([bytes('body')], { close });
  const handler = new ErrorHandler();
  for (const time of [1, 2]) {
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return result;
    });
    expect(close).toHaveBeenCalledTimes(time);
    expect(handler).toMatchObject({
      environ: null,
      result: null,
      headers: null,
      status: null,
      headersSent: false,
      bytesSent: 0,
    });
  }
  const once = 'Status: 200 OK\r\nContent-Length: 4\r\n\r\nbody';
  expect(handler.sent).toBe(once + once);
});
