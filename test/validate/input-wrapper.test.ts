import { describe, expect, test } from '@jest/globals';
import type { InputStream, StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, isPromiseLike } from '@wsgiref/util';
import { InputWrapper } from '@wsgiref/validate';
import {
  broken,
  bytes,
  caught,
  environ,
  helloApp,
  Notes,
  reported,
  serve,
  text,
  type UntypedStream,
} from './support.ts';

const BODY = 'one\ntwo\nthree';

const strict = (input: InputStream, contentLength?: string): InputWrapper =>
  new InputWrapper(input, contentLength, (rule, message) => {
    throw new Error(`${rule.id}: ${message}`);
  });

/** What is reported while an input is used. */
function noted(
  use: (input: UntypedStream) => unknown,
  input: object = new BytesIO(bytes(BODY)),
  contentLength?: string,
): string[] {
  return reported((report) =>
    use(new InputWrapper(input as InputStream, contentLength, report) as unknown as UntypedStream),
  );
}

/** A stream all of whose methods return the same. */
function returning(value: unknown): object {
  const method = (): unknown => value;
  return { read: method, readline: method, readlines: method };
}

describe('InputWrapper', () => {
  describe('passes on what the stream returns', () => {
    test('from read(), DIFFERS(38): also without a size', () => {
      const input = strict(new BytesIO(bytes(BODY)));
      expect(text(input.read(4) as Uint8Array)).toBe('one\n');
      expect(text(input.read() as Uint8Array)).toBe('two\nthree');
      expect(input.read()).toHaveLength(0);
    });

    test('from readline(), with and without a size', () => {
      const input = strict(new BytesIO(bytes(BODY)));
      expect(text(input.readline(2) as Uint8Array)).toBe('on');
      expect(text(input.readline() as Uint8Array)).toBe('e\n');
      expect(text(input.readline(100) as Uint8Array)).toBe('two\n');
    });

    test('from readlines(), with and without a hint', () => {
      const input = strict(new BytesIO(bytes(BODY)));
      expect((input.readlines(1) as Uint8Array[]).map(text)).toEqual(['one\n']);
      expect((input.readlines() as Uint8Array[]).map(text)).toEqual(['two\n', 'three']);
    });

    test('line by line', async () => {
      const lines: string[] = [];
      for await (const line of strict(new BytesIO(bytes(BODY)))) lines.push(text(line));
      expect(lines).toEqual(['one\n', 'two\n', 'three']);
    });

    test('by promise, if the stream does', async () => {
      const stream = new BytesIO(bytes(BODY));
      const slow = {
        read: async (size?: number) => stream.read(size),
        readline: async (size?: number) => stream.readline(size),
        readlines: async (hint?: number) => stream.readlines(hint),
      };
      const input = strict(slow as unknown as InputStream);
      const results = [input.read(4), input.readline(), input.readlines()];
      expect(results.map((result) => isPromiseLike(result as Promise<unknown>))).toEqual([
        true,
        true,
        true,
      ]);
      expect(text((await results[0]) as Uint8Array)).toBe('one\n');
      expect(text((await results[1]) as Uint8Array)).toBe('two\n');
      expect(((await results[2]) as Uint8Array[]).map(text)).toEqual(['three']);
    });

    test('and passes on the arguments, and only those', () => {
      const calls: unknown[][] = [];
      const record = (...args: unknown[]): Uint8Array => {
        calls.push(args);
        return bytes('');
      };
      const lines = (...args: unknown[]): Uint8Array[] => [record(...args)];
      const input = strict({ read: record, readline: record, readlines: lines } as never);
      void [input.read(), input.read(5), input.readline(), input.readline(6)];
      void [input.readlines(), input.readlines(7)];
      expect(calls).toEqual([[], [5], [], [6], [], [7]]);
    });
  });

  test('iterates by means of its own readline(), so that every line is checked (45)', async () => {
    const lines = ['one\n', 'two\n', ''].map(bytes);
    const { lines: notes, report } = new Notes();
    const input = new InputWrapper(
      { readline: () => lines.shift() ?? 'text' } as never,
      undefined,
      report,
    );
    const iterator = input[Symbol.asyncIterator]();
    expect(text((await iterator.next()).value!)).toBe('one\n');
    lines.length = 0;
    await iterator.next();
    expect(notes).toEqual(["input-bytes: wsgi.input.readline() returned no bytes: 'text'"]);
  });

  test.each(['read', 'readline', 'readlines'] as const)(
    '%s() takes one whole number at most',
    (method) => {
      const wrong: unknown[][] = [[0, 0], ['5'], [1.5], [NaN], [true], [Infinity]];
      const said = (args: unknown[]): string[] => noted((input) => input[method](...args));
      for (const args of wrong) {
        expect(said(args)).toContainEqual(
          expect.stringMatching(
            `^input-arguments: wsgi.input.${method}\\(\\) was called with \\[.+\\]$`,
          ),
        );
      }
      for (const args of [[], [0], [5], [-1], [null], [undefined]]) expect(said(args)).toEqual([]);
    },
  );

  test.each(['read', 'readline'] as const)('%s() must return bytes', (method) => {
    expect(noted((input) => input[method](4), returning('text'))).toEqual([
      `input-bytes: wsgi.input.${method}() returned no bytes: 'text'`,
    ]);
  });

  test('readlines() must return a list of bytes', () => {
    expect(noted((input) => input.readlines(), returning('text'))).toEqual([
      "input-bytes: wsgi.input.readlines() returned no list: 'text'",
    ]);
    expect(noted((input) => input.readlines(), returning([bytes('a'), 'b', 'c']))).toEqual([
      "input-bytes: wsgi.input.readlines() returned no bytes: 'b'",
      "input-bytes: wsgi.input.readlines() returned no bytes: 'c'",
    ]);
  });

  test('a promise that resolves to text is checked as text is', async () => {
    const { lines, report } = new Notes();
    const stream = returning(Promise.resolve('text')) as InputStream;
    const input = new InputWrapper(stream, undefined, report);
    expect(await input.read()).toBe('text');
    expect(lines).toEqual(["input-bytes: wsgi.input.read() returned no bytes: 'text'"]);
  });

  test.each(['read', 'readline'] as const)('%s(size) must return no more than that', (method) => {
    const four = returning(bytes('four'));
    expect(noted((input) => input[method](4), four)).toEqual([]);
    expect(noted((input) => input[method](-1), four)).toEqual([]);
    expect(noted((input) => input[method](3), four)).toEqual([
      `input-size: wsgi.input.${method}(3) returned 4 bytes`,
    ]);
    expect(noted((input) => input[method](0), four)).toHaveLength(1);
  });

  describe('what is asked for beyond CONTENT_LENGTH', () => {
    test('is a warning, and counted down', () => {
      const use = (input: UntypedStream): void => {
        void input.read(4);
        void input.readline();
        void input.read(6);
        void input.readlines();
        void input.read(1);
        void input.read(0);
      };
      expect(noted(use, new BytesIO(bytes(BODY)), String(BODY.length))).toEqual([
        'input-past-end: wsgi.input.read(6) asks for more than the 5 bytes that are left',
        'input-past-end: wsgi.input.read(1) asks for more than the 0 bytes that are left',
      ]);
    });

    test('is nothing where read() has no size, and lines have an end of their own', () => {
      const use = (input: UntypedStream): unknown => [
        input.readline(99),
        input.readlines(99),
        input.read(),
      ];
      expect(noted(use, new BytesIO(bytes(BODY)), String(BODY.length))).toEqual([]);
    });

    test.each([undefined, '', 'many'])('is nothing where CONTENT_LENGTH is %j', (length) => {
      expect(noted((input) => input.read(9999), new BytesIO(bytes(BODY)), length)).toEqual([]);
    });

    test('is nothing where the input ends by itself', async () => {
      const change = { CONTENT_LENGTH: '3', 'wsgi.input_terminated': true };
      const read = async (variables: WSGIEnvironment, start: StartResponse) => {
        await variables['wsgi.input'].read(4096);
        return helloApp(variables, start);
      };
      expect(await broken((options) => serve(read, options, environ(change)))).toEqual([]);
      expect(
        await broken((options) => serve(read, options, environ({ CONTENT_LENGTH: '3' }))),
      ).toEqual(['input-past-end']);
    });
  });

  test('an input that goes on after CONTENT_LENGTH is a warning of the server', () => {
    const use = (input: UntypedStream): unknown => [input.read(), input.read()];
    const four = returning(bytes('four'));
    expect(noted(use, four, '8')).toEqual([]);
    expect(noted(use, four, '5')).toEqual([
      'input-end: wsgi.input goes on for 3 bytes after CONTENT_LENGTH',
    ]);
  });

  test('close() is not for applications', async () => {
    const stream = new BytesIO(bytes(BODY));
    expect(noted((input) => input.close(), stream)).toEqual([
      'input-close: input.close() must not be called',
    ]);
    expect(stream.closed).toBe(false);
    expect(String(await caught(() => strict(stream).close()))).toContain('input-close');
  });

  test('has nothing else of the stream', () => {
    const input = strict(new BytesIO(bytes(BODY))) as object;
    expect(['seek', 'tell', 'getvalue', 'write', 'closed'].filter((name) => name in input)).toEqual(
      [],
    );
  });
});
