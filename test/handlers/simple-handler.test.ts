import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { SimpleHandler } from '@wsgiref/handlers';
import { BytesIO, FileWrapper, StringIO } from '@wsgiref/util';
import { fileWrapperFactory } from '../../packages/handlers/src/base/file-wrapper-factory.ts';
import { helloApp, type Variables } from './support.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('SimpleHandler', () => {
  test('keeps its streams and its variables', () => {
    const [stdin, stdout, stderr, environ] = [new BytesIO(), new BytesIO(), new StringIO(), {}];
    const handler = new SimpleHandler(stdin, stdout, stderr, environ);
    expect(handler.stdin).toBe(stdin);
    expect(handler.stdout).toBe(stdout);
    expect(handler.stderr).toBe(stderr);
    expect(handler.baseEnv).toBe(environ);
    expect(handler.getStdin()).toBe(stdin);
    expect(handler.getStderr()).toBe(stderr);
  });

  test.each<[object, boolean, boolean]>([
    [{}, true, false],
    [{ multithread: false }, false, false],
    [{ multiprocess: true }, true, true],
    [{ multithread: false, multiprocess: true }, false, true],
  ])('with %j it is multithread %s and multiprocess %s', async (options, thread, process) => {
    const handler = new SimpleHandler(null, new BytesIO(), null, {}, options);
    await handler.setupEnviron();
    expect(handler.environ).toMatchObject({
      'wsgi.multithread': thread,
      'wsgi.multiprocess': process,
      'wsgi.run_once': false,
    });
  });

  test('copies its variables for each request', async () => {
    const variables: Variables = { PATH_INFO: '/' };
    const handler = new SimpleHandler(null, new BytesIO(), null, variables);
    await handler.setupEnviron();
    handler.environ!.PATH_INFO = '/changed';
    expect(variables).toEqual({ PATH_INFO: '/' });
  });

  test('puts its variables over osEnviron, and what it knows itself over both', async () => {
    const handler = new SimpleHandler(null, new BytesIO(), null, {
      A: 'request',
      'wsgi.run_once': true,
    });
    handler.osEnviron = { A: 'system', B: 'system' };
    await handler.setupEnviron();
    expect(handler.environ).toMatchObject({ A: 'request', B: 'system', 'wsgi.run_once': false });
    expect(handler.osEnviron).toEqual({ A: 'system', B: 'system' });
  });

  test.each<[boolean, string | null, Variables, string | undefined]>([
    [true, 'Mine/1', {}, 'Mine/1'],
    [true, 'Mine/1', { SERVER_SOFTWARE: 'Theirs/2' }, 'Theirs/2'],
    [true, null, {}, undefined],
    [false, 'Mine/1', {}, undefined],
  ])(
    'origin server %s with the software %j and %j has a SERVER_SOFTWARE of %j',
    async (origin, software, variables, expected) => {
      const handler = new SimpleHandler(null, new BytesIO(), null, variables);
      handler.originServer = origin;
      handler.serverSoftware = software;
      await handler.setupEnviron();
      expect(handler.environ!['SERVER_SOFTWARE']).toBe(expected);
      expect('SERVER_SOFTWARE' in handler.environ!).toBe(expected !== undefined);
    },
  );

  describe('DIFFERS(14): an output that takes a part', () => {
    const writer = (...counts: (number | undefined)[]) => {
      const taken: string[] = [];
      return {
        taken,
        write(data: Uint8Array): number | undefined {
          taken.push(String.fromCharCode(...data));
          return counts.shift();
        },
        flush() {},
      };
    };
    const write = async (stdout: ReturnType<typeof writer>): Promise<void> => {
      const data = Uint8Array.from('abcdef', (letter) => letter.charCodeAt(0));
      await new SimpleHandler(null, stdout, null, {})._write(data);
    };

    test('gets the rest, and only the rest, until it answers nothing', async () => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const stdout = writer(2, 1, undefined);
      await write(stdout);
      expect(stdout.taken).toEqual(['abcdef', 'cdef', 'def']);
      expect(warned).toHaveBeenCalledTimes(1);
    });

    test('and took nothing fails, instead of being asked for ever', async () => {
      jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const stdout = writer(2, 0);
      await expect(write(stdout)).rejects.toThrow('stdout.write() took none of the bytes');
      expect(stdout.taken).toEqual(['abcdef', 'cdef']);
    });

    test('and took all of it is asked no more', async () => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
      for (const count of [6, undefined]) {
        const stdout = writer(count);
        await write(stdout);
        expect(stdout.taken).toEqual(['abcdef']);
      }
      expect(warned).not.toHaveBeenCalled();
    });
  });

  test('answers a partial writer warning once a handler', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const stdout = { write: (data: Uint8Array) => Math.min(5, data.length), flush() {} };
    const handler = new SimpleHandler(null, stdout, null, {});
    await handler.run(helloApp);
    await handler.run(helloApp);
    expect(warned).toHaveBeenCalledTimes(1);
  });
});

describe('fileWrapperFactory()', () => {
  test('makes instances without `new`, with the block size that is asked for', () => {
    const wrap = fileWrapperFactory(FileWrapper);
    const file = new BytesIO();
    const [byDefault, small] = [wrap(file), wrap(file, 7)] as FileWrapper[];
    expect(byDefault).toBeInstanceOf(FileWrapper);
    expect([byDefault!.filelike, byDefault!.blksize]).toEqual([file, 8192]);
    expect(small!.blksize).toBe(7);
  });

  test('is the same function for a class each time, and another for another', () => {
    class Own extends FileWrapper {}
    expect(fileWrapperFactory(FileWrapper)).toBe(fileWrapperFactory(FileWrapper));
    expect(fileWrapperFactory(Own)).not.toBe(fileWrapperFactory(FileWrapper));
    expect(fileWrapperFactory(Own)(new BytesIO())).toBeInstanceOf(Own);
  });
});
