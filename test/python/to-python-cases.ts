// Applications of ours, called by Python's servers and test clients, wherever Python runs.

import type { Python, PythonCallable } from '@wsgiref/python';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1, FileWrapper } from '@wsgiref/util';
import { count, fixture, load, type TestRunner } from './support.ts';

const PLAIN: [string, string][] = [['Content-Type', 'text/plain']];

/** What a server of Python's has made of a request, by servers.py. */
interface Served {
  output: string;
  errors: string;
}

/**
 * Declares the tests.
 *
 * @param runner what runs them
 * @param suspends whether WebAssembly can be suspended here
 */
export function describeToPython(runner: TestRunner, suspends: boolean): void {
  const { beforeAll, describe, expect, test } = runner;
  let python: Python;
  let host: PythonCallable;

  beforeAll(async () => {
    python = await load({ paths: [fixture('modules')] });
    host = python.pyodide.runPython('import servers; servers.host') as PythonCallable;
  });

  /** Has CPython's SimpleHandler run an application, within CPython's validator if it is to be checked. */
  async function serve(
    application: WSGIApplicationLike,
    { body = '', checked = true, promising = suspends } = {},
  ): Promise<Served> {
    const app = python.toPython(application);
    const args = [app, '/path', body, checked];
    try {
      const said = promising ? await host.callPromising(...args) : host(...args);
      const { output, errors } = JSON.parse(said as string) as Served;
      return { output: output.replace(/^Date: .*\r\n/m, ''), errors };
    } finally {
      app.destroy();
    }
  }

  const OK = 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n';

  describe("CPython's SimpleHandler, with its validator, runs", () => {
    test('a function, and gives it an environ that is right', async () => {
      const seen: unknown[] = [];
      const { output, errors } = await serve((environ, startResponse) => {
        seen.push({ ...environ, 'my.object': String(environ['my.object']) });
        startResponse('200 OK', PLAIN);
        return [encodeLatin1(`caf\xe9 ${environ.PATH_INFO}`)];
      });
      expect([output, errors]).toEqual([`${OK}\r\ncaf\xe9 /path`, '']);
      expect(seen).toEqual([
        expect.objectContaining({
          REQUEST_METHOD: 'GET',
          PATH_INFO: '/path',
          QUERY_STRING: 'q=caf\xc3\xa9',
          'wsgi.version': [1, 0],
          'wsgi.url_scheme': 'http',
          'wsgi.multithread': true,
          'wsgi.run_once': false,
          'my.number': 42,
          'my.none': undefined,
          'my.object': "{'a': 1}",
        }),
      ]);
      expect(seen[0]).not.toHaveProperty(['wsgi.file_wrapper']);
    });

    test('a generator, block by block, and its finally', async () => {
      const events: string[] = [];
      const answer = await serve(function* (_environ, startResponse) {
        try {
          startResponse('200 OK', PLAIN);
          yield encodeLatin1('one, ');
          yield Buffer.from('two');
        } finally {
          events.push('closed');
        }
      });
      expect(answer).toEqual({ output: `${OK}\r\none, two`, errors: '' });
      expect(events).toEqual(['closed']);
    });

    test('a result with a close(), called once', async () => {
      const events: string[] = [];
      await serve((_environ, startResponse) => {
        startResponse('200 OK', PLAIN);
        return {
          ...[encodeLatin1('x')],
          [Symbol.iterator]: () => [encodeLatin1('x')].values(),
          close: () => void events.push('closed'),
        };
      });
      expect(events).toEqual(['closed']);
    });

    test('a single block, whose length it tells', async () => {
      const { output } = await serve(
        (_environ, startResponse) => {
          startResponse('200 OK', PLAIN);
          return [encodeLatin1('four')];
        },
        { checked: false },
      );
      expect(output).toBe(`${OK}Content-Length: 4\r\n\r\nfour`);
    });

    test('one that reads its input, in all ways', async () => {
      const answer = await serve(
        async (environ, startResponse) => {
          const input = environ['wsgi.input'];
          const seen = [
            await input.read(3),
            await input.readline(),
            await input.readline(2),
            ...(await input.readlines(1)),
          ];
          for await (const line of input) seen.push(line);
          seen.push(await input.read(1));
          startResponse('200 OK', PLAIN);
          return [encodeLatin1(JSON.stringify(seen.map(decodeLatin1)))];
        },
        { body: 'one, 1\ntwo\nthree\nfour\n' },
      );
      if (suspends) {
        expect(answer).toEqual({
          output: `${OK}\r\n["one",", 1\\n","tw","o\\n","three\\n","four\\n",""]`,
          errors: '',
        });
      } else {
        expect(answer.errors).toContain('RuntimeError: the application is asynchronous');
      }
    });

    test('one that reads, at once where Python does', async () => {
      const answer = await serve(
        (environ, startResponse) => {
          const read = environ['wsgi.input'].read(4);
          const respond = (body: Uint8Array): Uint8Array[] => {
            startResponse('200 OK', PLAIN);
            return [body];
          };
          return read instanceof Uint8Array ? respond(read) : read.then(respond);
        },
        { body: 'body' },
      );
      expect(answer).toEqual({ output: `${OK}\r\nbody`, errors: '' });
    });

    test('one that uses write(), and the log', async () => {
      const answer = await serve((environ, startResponse) => {
        const write = startResponse('200 OK', PLAIN);
        void write(encodeLatin1('written, '));
        void environ['wsgi.errors'].write('caf\u00e9 \u2713\n');
        void environ['wsgi.errors'].writelines(['one\n', 'two\n']);
        void environ['wsgi.errors'].flush();
        return [encodeLatin1('returned')];
      });
      expect(answer).toEqual({
        output: `${OK}\r\nwritten, returned`,
        errors: 'caf\u00e9 \u2713\none\ntwo\n',
      });
    });

    test('one that replaces its response', async () => {
      const { output } = await serve((_environ, startResponse) => {
        startResponse('200 OK', PLAIN);
        startResponse('503 Service Unavailable', PLAIN, new Error('the reason'));
        return [encodeLatin1('later')];
      });
      expect(output).toMatch(/^HTTP\/1\.0 503 Service Unavailable\r\n[^]*\r\n\r\nlater$/);
    });

    test.each([[new RangeError('the reason')], ['no error at all']])(
      'one that is too late for that, and gets %p again',
      async (reason) => {
        const seen: unknown[] = [];
        const { output, errors } = await serve((_environ, startResponse) => {
          void startResponse('200 OK', PLAIN)(encodeLatin1('sent'));
          try {
            startResponse('503 Service Unavailable', PLAIN, reason);
          } catch (error) {
            seen.push(error === reason);
            throw error;
          }
          return [];
        });
        expect([output, seen]).toEqual([`${OK}\r\nsent`, [true]]);
        expect(errors).toContain(reason instanceof Error ? 'RangeError: the reason' : reason);
      },
    );

    test('one that hands on what Python has raised, which Python knows again', async () => {
      const { errors } = await serve(
        (_environ, startResponse) => {
          startResponse('200 OK', PLAIN);
          startResponse('200 OK', PLAIN);
          return [];
        },
        { checked: false },
      );
      expect(errors).toMatch(/\nAssertionError: Headers already set!\n$/);
      const late = await serve(
        (_environ, startResponse) => {
          const write = startResponse('200 OK', PLAIN);
          void write(encodeLatin1('sent'));
          try {
            startResponse('200 OK', PLAIN);
          } catch (error) {
            startResponse('500 Oops', PLAIN, error);
          }
          return [];
        },
        { checked: false },
      );
      expect(late.errors).toMatch(/\nAssertionError: Headers already set!\n$/);
    });

    test('one that throws, whose stack is in the log', async () => {
      const { output, errors } = await serve(() => {
        throw new RangeError('oops');
      });
      expect(output).toMatch(/^HTTP\/1\.0 500 Internal Server Error\r\n/);
      expect(errors).toMatch(/^Traceback [^]*RangeError: oops/);
    });

    test.each([
      [
        'no result',
        (() => null) as never,
        'AssertionError: The application must return an iterator',
      ],
      [
        'text',
        ((_environ: never, startResponse: (...args: unknown[]) => void) => {
          startResponse('200 OK', PLAIN);
          return ['hello'];
        }) as never,
        "AssertionError: Iterator yielded non-bytestring ('hello')",
      ],
      [
        'no list',
        ((_environ: never, startResponse: (...args: unknown[]) => void) => {
          startResponse('200 OK', { a: 1 });
          return [];
        }) as never,
        'must be of type',
      ],
      [
        'no pairs',
        ((_environ: never, startResponse: (...args: unknown[]) => void) => {
          startResponse('200 OK', ['ab']);
          return [];
        }) as never,
        'AssertionError',
      ],
    ])('and says what is wrong with %s', async (_what, application, message) => {
      const { errors } = await serve(application);
      expect(errors).toMatch(
        message === 'must be of type'
          ? /AssertionError/
          : new RegExp(message.replace(/[()]/g, '\\$&')),
      );
    });

    test('an iterator that fails in the middle, and leaves nothing open', async () => {
      const events: string[] = [];
      const iterator = {
        next: () => ({ done: false as const, value: 'no bytes' as never }),
        return: () => {
          events.push('returned');
          return { done: true as const, value: undefined };
        },
      };
      await serve((_environ, startResponse) => {
        startResponse('200 OK', PLAIN);
        return { [Symbol.iterator]: () => iterator, close: () => void events.push('closed') };
      });
      expect(events).toEqual(['returned', 'closed']);
    });
  });

  describe('an asynchronous application', () => {
    const asynchronous: WSGIApplicationLike = async (_environ, startResponse) => {
      await Promise.resolve();
      startResponse('200 OK', PLAIN);
      return (async function* () {
        await Promise.resolve();
        yield encodeLatin1('later, ');
        yield encodeLatin1('and later');
      })();
    };

    test(`is ${suspends ? 'waited for' : 'refused at once'}`, async () => {
      const { output, errors } = await serve(asynchronous);
      if (suspends) expect([output, errors]).toEqual([`${OK}\r\nlater, and later`, '']);
      else {
        expect(output).toMatch(/^HTTP\/1\.0 500 /);
        expect(errors).toMatch(
          /RuntimeError: the application is asynchronous[^]*make it synchronous/,
        );
      }
    });

    test('is refused where Python was entered so that it cannot wait', async () => {
      const { errors } = await serve(asynchronous, { promising: false });
      expect(errors).toContain(suspends ? 'runPythonAsync() or callPromising()' : 'in Node 26');
    });

    test('is refused also if only its result is, which is closed', async () => {
      const events: string[] = [];
      const { errors } = await serve(
        (_environ, startResponse) => {
          startResponse('200 OK', PLAIN);
          return {
            [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
            close: () => void events.push('closed'),
          };
        },
        { promising: false },
      );
      expect(errors).toContain('the application is asynchronous');
      expect(events).toEqual(['closed']);
    });

    test('that is refused is closed when it has come to a result', async () => {
      const closed = new Promise<void>((resolve) => {
        void serve(
          async () => ({ [Symbol.iterator]: () => [][Symbol.iterator](), close: resolve }),
          { promising: false },
        );
      });
      await closed;
      await serve(async () => Promise.reject(new Error('heard by nobody')), { promising: false });
    });

    test('may throw', async () => {
      const { errors } = await serve(async () => {
        throw new RangeError('oops');
      });
      expect(errors).toContain(suspends ? 'RangeError: oops' : 'the application is asynchronous');
    });

    if (suspends) {
      test('may ask applications of Python, while Python waits for it', async () => {
        const inner = python.application('plain:echoing');
        const outer = python.application(
          python.toPython(async (environ, startResponse) => {
            await Promise.resolve();
            return inner(environ, startResponse);
          }),
        );
        const answers = await Promise.all(
          ['one\n', 'two\n'].map(async (body) => {
            const blocks: string[] = [];
            const environ = {
              ...JSON.parse(python.pyodide.runPython('servers.environ()') as string),
              CONTENT_LENGTH: '4',
              'wsgi.input': { read: async () => encodeLatin1(body) },
              'wsgi.errors': { write() {}, flush() {} },
            };
            const result = await outer(environ, () => () => {});
            for await (const block of result) blocks.push(decodeLatin1(block));
            await result.close!();
            return blocks;
          }),
        );
        expect(answers).toEqual([['one\n'], ['two\n']]);
      });
    }
  });

  test('a file wrapper of ours is an iterable like any other', async () => {
    const blocks = ['one', 'two', ''];
    const { output } = await serve((_environ, startResponse) => {
      startResponse('200 OK', PLAIN);
      return new FileWrapper({ read: () => encodeLatin1(blocks.shift()!) });
    });
    expect(output).toBe(`${OK}\r\nonetwo`);
  });

  test('what is no application is refused', () => {
    expect(() => python.toPython(42 as never)).toThrow('application must be a function');
  });

  test('nothing is left of requests, closed or not', async () => {
    const requests = async (): Promise<void> => {
      const app: WSGIApplicationLike = (environ, startResponse) => {
        void environ['wsgi.errors'].write('x');
        startResponse('200 OK', PLAIN);
        return [encodeLatin1('x')];
      };
      await serve(app);
      await serve(() => {
        throw new Error('x');
      });
      await serve(() => null as never);
      const callable = python.toPython(app);
      (python.pyodide.runPython('servers.abandon') as PythonCallable)(callable);
      callable.destroy();
    };
    await requests();
    const before = count(python);
    await requests();
    expect(count(python)).toEqual({ ...before, proxies: before.proxies + 1 });
  });
}
