// Applications of Python's, called by our servers and clients, wherever Python runs.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientDisconnected, SimpleHandler } from '@wsgiref/handlers';
import { type Python, PythonException } from '@wsgiref/python';
import { client } from '@wsgiref/testing';
import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import {
  BytesIO,
  closeResult,
  decodeLatin1,
  encodeLatin1,
  iterate,
  setupTestingDefaults,
  StringIO,
} from '@wsgiref/util';
import { Pieces } from '../support/pieces.ts';
import { exchange } from '../support/raw-client.ts';
import { count, load, serve, takeEvents, type TestRunner } from './support.ts';

/** An environ, over the testing defaults. */
function environOf(over: Record<string, unknown> = {}): WSGIEnvironment {
  const environ = { ...over } as Partial<WSGIEnvironment>;
  setupTestingDefaults(environ);
  return environ;
}

/** A server's start_response() that takes everything, and what it has been told. */
function recorder(): { told: unknown[]; startResponse: StartResponse } {
  const told: unknown[] = [];
  const startResponse: StartResponse = (...args) => {
    told.push(args);
    return (data) => void told.push(decodeLatin1(data));
  };
  return { told, startResponse };
}

/**
 * Declares the tests.
 *
 * @param runner what runs them
 * @param suspends whether WebAssembly can be suspended here
 */
export function describeApplications(runner: TestRunner, suspends: boolean): void {
  const { afterAll, beforeAll, beforeEach, describe, expect, test } = runner;

  let python: Python;
  let temporaryFolder: string;

  beforeAll(async () => {
    temporaryFolder = await mkdtemp(join(tmpdir(), 'wsgiref-python-'));
    python = await load({ maxBodyInMemory: 100_000, temporaryFolder });
    python.pyodide.runPython('import plain');
    expect(python.suspends).toBe(suspends);
  });

  beforeEach(() => {
    takeEvents(python);
  });

  afterAll(async () => {
    await rm(temporaryFolder, { recursive: true });
  });

  /** Has our SimpleHandler run an application of plain.py. */
  async function run(
    name: string,
    path: string = '/',
    body: string = '',
  ): Promise<[string, string]> {
    const [stdout, stderr] = [new BytesIO(), new StringIO()];
    const environ = {
      REQUEST_METHOD: body === '' ? 'GET' : 'POST',
      SCRIPT_NAME: '',
      PATH_INFO: path,
      QUERY_STRING: '',
      CONTENT_LENGTH: body === '' ? '' : String(body.length),
      SERVER_NAME: 'localhost',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.0',
    };
    const input = new Pieces(encodeLatin1(body), [7, 1]);
    const handler = new SimpleHandler(input, stdout, stderr, environ);
    await handler.run(python.application(`plain:${name}`));
    const output = decodeLatin1(stdout.getvalue()).replace(/^Date: .*\r\n/m, '');
    return [output, stderr.getvalue()];
  }

  const OK = 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n';
  const NOT_OK = expect.stringMatching(/^HTTP\/1\.0 500 Internal Server Error\r\n/);

  describe('the environ', () => {
    test('is a dict of native strings, with the streams of Python', async () => {
      const response = await client(python.application('plain:environ_app')).post(
        '/caf%C3%A9?q=1',
        {
          body: 'body',
          headers: { 'X-Name': 'Zo\xeb' },
        },
      );
      expect(response.json()).toMatchObject({
        'type of environ': ['dict', ''],
        REQUEST_METHOD: ['str', 'POST'],
        PATH_INFO: ['str', '/caf\xc3\xa9'],
        QUERY_STRING: ['str', 'q=1'],
        CONTENT_LENGTH: ['str', '4'],
        HTTP_X_NAME: ['str', 'Zo\xeb'],
        'wsgi.version': ['tuple', '(1, 0)'],
        'wsgi.url_scheme': ['str', 'http'],
        'wsgi.input': ['BufferedReader', expect.any(String)],
        'wsgi.input_terminated': ['bool', 'True'],
        'wsgi.errors': ['Errors', expect.any(String)],
        'wsgi.multithread': ['bool', 'False'],
        'wsgi.multiprocess': ['bool', 'False'],
        'wsgi.run_once': ['bool', 'False'],
      });
    });

    test('has what middleware has put there, and no file wrapper that the server has not', async () => {
      const { startResponse } = recorder();
      const environ = environOf({
        'my.number': 42,
        'my.null': null,
        'my.undefined': undefined,
        'my.object': { a: 1 },
        'wsgi.file_wrapper': undefined,
      });
      const result = await python.application('plain:environ_app')(environ, startResponse);
      const { value } = await iterate(result).next();
      const described = JSON.parse(decodeLatin1(value as Uint8Array)) as object;
      expect(described).toMatchObject({
        'my.number': ['int', '42'],
        'my.null': ['NoneType', 'None'],
        'my.object': ['JsProxy', '[object Object]'],
      });
      expect(described).not.toHaveProperty(['my.undefined']);
      expect(described).not.toHaveProperty(['wsgi.file_wrapper']);
      await closeResult(result);
    });

    test("satisfies CPython's validator, in whose demo_app nothing is amiss", async () => {
      const [output, errors] = await run('checked_demo', '/path');
      expect(output).toMatch(/^HTTP\/1\.0 200 OK\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
      expect(output).toContain("\nPATH_INFO = '/path'\n");
      expect(errors).toBe('');
    });
  });

  describe('wsgi.input', () => {
    test.each([
      ['/read-3/read/read', "[b'one', b'\\ntwo\\nthree', b'']"],
      ['/readline/readline-2/readline', "[b'one\\n', b'tw', b'o\\n']"],
      ['/readlines-4/readlines', "[[b'one\\n', b'two\\n'], [b'three']]"],
      ['/readline/lines/lines', "[b'one\\n', [b'two\\n', b'three'], []]"],
    ])('is read by %s', async (path, expected) => {
      const [output, errors] = await run('reading', path, 'one\ntwo\nthree');
      expect([output.split('\r\n\r\n')[1], errors]).toEqual([expected, '']);
    });

    test("is what CPython's validator wants", async () => {
      const [output, errors] = await run('reading_checked', '/', 'caf\xe9');
      expect([output.split('\r\n\r\n')[1], errors]).toEqual(['CAF\xe9', '']);
    });

    test('ends where CONTENT_LENGTH says, whatever the server says', async () => {
      const { startResponse } = recorder();
      const environ = environOf({
        CONTENT_LENGTH: '5',
        PATH_INFO: '/read',
        'wsgi.input': new BytesIO(encodeLatin1('body, and more')),
      });
      const result = await python.application('plain:reading')(environ, startResponse);
      expect(decodeLatin1((await iterate(result).next()).value as Uint8Array)).toBe("[b'body,']");
    });

    test.each([
      [{ CONTENT_LENGTH: '' }, "[b'']"],
      [{ CONTENT_LENGTH: 'many' }, "[b'']"],
      [{ 'wsgi.input_terminated': true }, "[b'body']"],
    ])('without a length, %p, is read to its end if it has one: %s', async (over, expected) => {
      const { startResponse } = recorder();
      const input = new BytesIO(encodeLatin1('body'));
      const environ = environOf({ PATH_INFO: '/read', 'wsgi.input': input, ...over });
      const result = await python.application('plain:reading')(environ, startResponse);
      expect(decodeLatin1((await iterate(result).next()).value as Uint8Array)).toBe(expected);
    });

    test('may be longer than memory has room for, and leaves no file behind', async () => {
      await using running = await serve(python.application('plain:counting'));
      const url = `http://127.0.0.1:${running.port}/`;
      const size = 1_000_003;
      const response = await fetch(url, { method: 'POST', body: new Uint8Array(size) });
      expect(await response.text()).toBe(String(size));
      expect(await readdir(temporaryFolder)).toEqual([]);
    });

    test('that fails is an OSError, and goes on as the very error', async () => {
      const error = new ClientDisconnected();
      const input = {
        read: () => Promise.reject(error),
        readline: () => Promise.reject(error),
      };
      const environ = environOf({ CONTENT_LENGTH: '4', 'wsgi.input': input });
      const { startResponse } = recorder();
      const called = python.application('plain:input_failing')(environ, startResponse);
      await expect(called).rejects.toBe(error);
      expect(takeEvents(python)).toEqual(suspends ? [`OSError: ${error.message}`] : []);
    });

    test('that fails behind what is in a file leaves no file behind', async () => {
      const blocks = [new Uint8Array(200_000)];
      const input = {
        read: () => {
          const block = blocks.shift();
          if (!block) throw 'no more';
          return block;
        },
      };
      const environ = environOf({ CONTENT_LENGTH: '400000', 'wsgi.input': input });
      const { startResponse } = recorder();
      const called = python.application('plain:counting')(environ, startResponse);
      await expect(called).rejects.toBe('no more');
      expect(await readdir(temporaryFolder)).toEqual([]);
    });

    test(`is read ${suspends ? 'while it comes' : 'when all of it is there'}`, async () => {
      let readAll = (): void => {};
      const rest = new Promise<Uint8Array>((resolve) => {
        readAll = () => resolve(encodeLatin1('two\n'));
      });
      const blocks: (Uint8Array | Promise<Uint8Array>)[] = [encodeLatin1('one\n'), rest];
      const input = { read: () => blocks.shift() ?? new Uint8Array(0) };
      const environ = environOf({ 'wsgi.input_terminated': true, 'wsgi.input': input });
      const { told, startResponse } = recorder();
      const called = python.application('plain:echoing')(environ, startResponse);
      if (suspends) {
        const iterator = iterate(await called);
        expect(decodeLatin1((await iterator.next()).value as Uint8Array)).toBe('one\n');
        const next = iterator.next();
        readAll();
        expect(decodeLatin1((await next).value as Uint8Array)).toBe('two\n');
        expect((await iterator.next()).done).toBe(true);
      } else {
        expect(told).toEqual([]);
        readAll();
        const lines: string[] = [];
        for await (const line of await called) lines.push(decodeLatin1(line));
        expect(lines).toEqual(['one\n', 'two\n']);
      }
    });
  });

  describe('wsgi.errors', () => {
    test('takes any text, and no bytes', async () => {
      expect(await run('logging')).toEqual([
        `${OK}\r\nwrite() argument must be str, not bytes True`,
        'caf\u00e9 \u2713\none\ntwo\n',
      ]);
    });

    test('may be asynchronous, and is heard to the end', async () => {
      const { startResponse } = recorder();
      const heard: string[] = [];
      const later = async (text: string): Promise<void> => {
        await Promise.resolve();
        heard.push(text);
      };
      const errors = { write: later, writelines: () => {}, flush: () => later('flushed') };
      const environ = environOf({ 'wsgi.errors': errors });
      await closeResult(await python.application('plain:logging')(environ, startResponse));
      expect(heard).toEqual(['caf\u00e9 \u2713', '\n', 'one\n', 'two\n', 'flushed']);
    });
  });

  describe('start_response()', () => {
    test('hands on status and headers as they are, and all bytes', async () => {
      const [output] = await run('headers');
      const [head, body] = output.split(/\r\n\r\n([^]*)/);
      expect(head).toBe(
        'HTTP/1.0 299 Zo\xeb\r\nContent-Type: text/plain\r\nX-A: \xe9\r\nX-A: 2\r\nContent-Length: 256',
      );
      expect(body).toBe(String.fromCharCode(...Array(256).keys()));
    });

    test('replaces a response that has not been sent', async () => {
      const response = 'HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain\r\n';
      expect(await run('replaced')).toEqual([`${response}Content-Length: 8\r\n\r\nreplaced`, '']);
    });

    test('is refused as ever when it replaces one', async () => {
      const [output, errors] = await run('replaced_wrongly');
      expect(output).toEqual(NOT_OK);
      expect(errors).toContain('AssertionError: Status must be at least 4 characters');
    });

    test('raises the very exception if it is too late for that', async () => {
      const [output, errors] = await run('too_late');
      expect(output).toBe(`${OK}\r\nsent`);
      expect(errors).toMatch(/^Traceback [^]*in too_late\n[^]*\nValueError: the reason\n\n*$/);
      expect(takeEvents(python)).toEqual([true]);
    });

    test('is an AssertionError the second time, which goes on as the very error', async () => {
      const [output, errors] = await run('twice');
      expect(output).toEqual(NOT_OK);
      expect(errors).toMatch(/^AssertionError: Headers already set!\n {4}at /);
      expect(takeEvents(python)).toEqual(['AssertionError: Headers already set!']);
      expect((await run('twice', '/caught'))[0]).toContain('\r\n\r\ntwice');
    });

    test.each([
      ['/status', "AssertionError: Status must be of type str (got b'200 OK')"],
      ['/headers', "TypeError: Headers should be a list (got (('Content-Type', 'text/plain'),))"],
      ['/name', "AssertionError: Header name must be of type str (got b'Content-Type')"],
      ['/value', 'AssertionError: Header value must be of type str (got 3)'],
      ['/pair', 'ValueError: not enough values to unpack (expected 2, got 1)'],
      ['/status-control', 'control character'],
    ])('refuses what is wrong with the %s', async (path, message) => {
      const [output, errors] = await run('wrong', path);
      expect(output).toEqual(NOT_OK);
      expect(errors.toLowerCase()).toContain(message.toLowerCase());
    });
  });

  describe('write()', () => {
    test('comes before what is returned', async () => {
      expect(await run('writing')).toEqual([`${OK}\r\nwritten 0, returned`, '']);
    });

    test('refuses what is no bytes', async () => {
      const [output, errors] = await run('wrong_write');
      expect(output).toEqual(NOT_OK);
      expect(errors).toContain(
        "AssertionError: write() argument must be a bytes instance (got 'text')",
      );
    });

    test(`${suspends ? 'waits' : 'does not wait'} for its client`, async () => {
      const written: string[] = [];
      const startResponse: StartResponse = () => async (data) => {
        await Promise.resolve();
        written.push(decodeLatin1(data), ...takeEvents(python).map(String));
      };
      const environ = environOf({ QUERY_STRING: '2' });
      const result = await python.application('plain:writing')(environ, startResponse);
      expect(written).toEqual(
        suspends
          ? ['written 0, ', 'writes 0', 'written 1, ', 'writes 1']
          : ['written 0, ', 'writes 0', 'writes 1', 'written 1, '],
      );
      await closeResult(result);
    });

    test('that fails later is an error of the application all the same', async () => {
      const error = new ClientDisconnected();
      const startResponse: StartResponse = () => () => Promise.reject(error);
      const environ = environOf({ QUERY_STRING: '2' });
      await expect(
        (async () => python.application('plain:writing')(environ, startResponse))(),
      ).rejects.toBe(error);
    });
  });

  describe('the result', () => {
    test('is handed on block by block, and no block before it is asked for', async () => {
      const { told, startResponse } = recorder();
      const result = await python.application('plain:yielding')(environOf(), startResponse);
      expect(told).toEqual([]);
      const iterator = iterate(result);
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const { value } = await iterator.next();
        seen.push(decodeLatin1(value as Uint8Array), takeEvents(python));
      }
      expect(seen).toEqual([
        'one',
        ["yields b'one'"],
        '',
        ["yields b''"],
        'two',
        ["yields b'two'"],
      ]);
      expect((await iterator.next()).done).toBe(true);
      await closeResult(result);
      expect(takeEvents(python)).toEqual(['closed']);
    });

    test('is closed once, whoever closes it', async () => {
      const { startResponse } = recorder();
      const result = await python.application('plain:Closing')(environOf(), startResponse);
      await result.close!();
      await result.close!();
      expect(takeEvents(python)).toEqual(['closed']);
      expect((await iterate(result).next()).done).toBe(true);
    });

    test('is closed when the client goes away in the middle', async () => {
      const { startResponse } = recorder();
      const result = await python.application('plain:yielding')(environOf(), startResponse);
      const iterator = iterate(result);
      await iterator.next();
      takeEvents(python);
      await closeResult(result, iterator);
      expect(takeEvents(python)).toEqual(['closed']);
    });

    test('has a length if it has one in Python', async () => {
      const { startResponse } = recorder();
      const lengths: unknown[] = [];
      for (const name of ['headers', 'replaced', 'yielding']) {
        const result = await python.application(`plain:${name}`)(environOf(), startResponse);
        lengths.push((result as { length?: number }).length);
        await closeResult(result);
      }
      expect(lengths).toEqual([1, 1, undefined]);
    });

    test.each([
      ['nothing', "TypeError: 'NoneType' object is not iterable"],
      ['wrong_block', "AssertionError: write() argument must be a bytes instance (got 'text')"],
    ])('of %s is refused', async (name, message) => {
      const [output, errors] = await run(name);
      expect(output).toEqual(NOT_OK);
      expect(errors).toContain(message);
    });

    test('of a file wrapper is the file wrapper of the server', async () => {
      expect(await run('file')).toEqual([`${OK}\r\n0123456789`, '']);
      expect(takeEvents(python)).toEqual(['file closed']);
      const seen: unknown[] = [];
      const environ = environOf({
        'wsgi.file_wrapper': (file: unknown, size: number) => {
          seen.push(size);
          return { file, [Symbol.iterator]: () => [][Symbol.iterator]() };
        },
      });
      const { startResponse } = recorder();
      const result = await python.application('plain:file')(environ, startResponse);
      const { file } = result as unknown as {
        file: { read(size: number): Promise<Uint8Array>; close(): Promise<void> };
      };
      seen.push(decodeLatin1(await file.read(3)), decodeLatin1(await file.read(30)));
      await file.close();
      expect(seen).toEqual([4, '012', '3456789']);
      expect(takeEvents(python)).toEqual(['file closed']);
    });

    test('of a file that cannot be read is an error', async () => {
      const [output, errors] = await run('file_failing');
      expect(output).toEqual(NOT_OK);
      expect(errors).toContain('ValueError: I/O operation on closed file.');
    });

    test('has a context of its own, from call to close', async () => {
      const application = python.application('plain:contextual');
      const { startResponse } = recorder();
      const results = [];
      for (const path of ['/a', '/b']) {
        const environ = environOf({ PATH_INFO: path });
        results.push(iterate(await application(environ, startResponse)));
      }
      const seen: string[] = [];
      for (let i = 0; i < 4; i++) {
        const { value } = await results[i % 2]!.next();
        seen.push(decodeLatin1(value as Uint8Array));
      }
      expect(seen).toEqual(['/a', '/b', '/a', '/b']);
    });
  });

  describe('an exception', () => {
    test("is thrown with Python's traceback, without the bridge's frames", async () => {
      const { startResponse } = recorder();
      const called = (async () =>
        python.application('plain:failing')(environOf(), startResponse))();
      const error = await called.catch((caught: unknown) => caught as Error);
      expect(error).toBeInstanceOf(PythonException);
      expect(error).toMatchObject({ name: 'RuntimeError', message: 'oops' });
      expect((error as Error).stack).toMatch(
        /^Traceback [^]*KeyError: 'key'\n\nThe above exception was the direct cause [^]*\/plain\.py", line \d+, in failing\n[^]*RuntimeError: oops\n$/,
      );
      expect((error as Error).stack).not.toContain('<@wsgiref/python>');
    });

    test('is named with its module, and may have no text', async () => {
      const { startResponse } = recorder();
      const called = python.application('plain:failing_unspeakably')(environOf(), startResponse);
      await expect(called).rejects.toMatchObject({ name: 'plain.Unspeakable', message: '' });
    });

    test('may be one to exit, which does not end the process', async () => {
      const [output, errors] = await run('exiting');
      expect(output).toEqual(NOT_OK);
      expect(errors).toContain('SystemExit: enough');
    });

    test.each([
      ['/call', NOT_OK, []],
      ['/iter', NOT_OK, ['closed']],
      ['/next', NOT_OK, ['closed']],
      ['/close', `${OK}\r\nab`, ['closed']],
    ])('at %s is logged, and the result closed', async (path, expected, events) => {
      const [output, errors] = await run('Closing', path);
      expect(output).toEqual(expected);
      expect(errors).toContain('LookupError: in ');
      expect(takeEvents(python)).toEqual(events);
    });
  });

  describe('application()', () => {
    test.each(['plain', 'plain:make_app()', 'plain:Namespace.app'])('finds %s', async (name) => {
      const response = await client(python.application(name)).get('/');
      expect(response.text()).toMatch(/^Hello world!/);
    });

    test('takes what Pyodide shows of an application', async () => {
      const app = python.pyodide.runPython('import plain; plain.demo_app');
      expect((await client(python.application(app as never)).get('/')).statusCode).toBe(200);
    });

    test.each([
      ['no_such_module:app', Error, "Python finds no module 'no_such_module' for the application"],
      ['plain.deeper:app', Error, "Python finds no module 'plain.deeper' for the application"],
      ['no_such.package:app', Error, "Python finds no module 'no_such' for the application"],
      [
        'plain:no_such',
        Error,
        "there is no 'no_such' in Python for the application 'plain:no_such'",
      ],
      ['plain:Namespace.no', Error, "there is no 'no' in Python for the application"],
      ['plain:not_callable', TypeError, 'is nothing that Python can call (it is 42)'],
      ['broken', PythonException, 'this module is broken'],
      ['wanting:app', PythonException, "No module named 'no_such_dependency'"],
    ])('says what is wrong with %s', (name, ErrorClass, message) => {
      const attempt = (): unknown => python.application(name);
      expect(attempt).toThrow(ErrorClass);
      expect(attempt).toThrow(
        expect.objectContaining({ message: expect.stringContaining(message) }),
      );
    });
  });

  test('nothing is left of requests, whatever has become of them', async () => {
    const requests = async (): Promise<void> => {
      await run('headers');
      await run('writing');
      await run('file');
      await run('too_late');
      await run('Closing', '/call');
      await run('Closing', '/next');
      await run('Closing', '/close');
      await run('reading', '/read', 'body');
    };
    await requests();
    const before = count(python);
    await requests();
    const names = 8; // An application lasts as long as Python does.
    expect(count(python)).toEqual({ ...before, proxies: before.proxies + names });
  });

  test('a server serves it', async () => {
    await using running = await serve(python.application('plain:echoing'));
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n';
    const reply = await exchange({ port: running.port }, `${head}one\ntwo\n`);
    expect(reply).toContain('\r\n\r\none\ntwo\n');
  });
}
