import { describe, expect, test } from '@jest/globals';
import type { ErrorStream } from '@wsgiref/types';
import { isPromiseLike, StringIO } from '@wsgiref/util';
import { ErrorWrapper } from '@wsgiref/validate';
import { Notes, reported, type UntypedStream } from './support.ts';

/** A stream that writes down what is done with it, by promise. */
class SlowErrors implements ErrorStream {
  readonly events: string[] = [];

  async write(s: string): Promise<void> {
    this.events.push(`begin ${s}`);
    await new Promise((resolve) => setImmediate(resolve));
    this.events.push(`end ${s}`);
  }

  async writelines(): Promise<void> {
    throw new Error('not called');
  }

  async flush(): Promise<void> {
    this.events.push('flush');
  }
}

const noted = (
  use: (errors: UntypedStream) => unknown,
  stream: ErrorStream = new StringIO(),
): string[] =>
  reported((report) => use(new ErrorWrapper(stream, report) as unknown as UntypedStream));

describe('ErrorWrapper', () => {
  test('passes on what is written', () => {
    const stream = new StringIO();
    const errors = new ErrorWrapper(stream, new Notes().report);
    expect(errors.write('a\u2603')).toBe(2);
    expect(errors.writelines(['b\n', 'c\n'])).toBeUndefined();
    expect(errors.flush()).toBeUndefined();
    expect(stream.getvalue()).toBe('a\u2603b\nc\n');
  });

  test('writes lines one after the other, and waits for each if the stream is slow', async () => {
    const stream = new SlowErrors();
    const errors = new ErrorWrapper(stream, new Notes().report);
    const written = errors.writelines(['a', 'b']);
    expect(isPromiseLike(written)).toBe(true);
    await written;
    await errors.flush();
    expect(stream.events).toEqual(['begin a', 'end a', 'begin b', 'end b', 'flush']);
  });

  test('takes any iterable of lines', () => {
    const stream = new StringIO();
    void new ErrorWrapper(stream, new Notes().report).writelines(new Set(['a', 'b']));
    expect(stream.getvalue()).toBe('ab');
  });

  test.each<unknown>([5, null, undefined, new Error('no disk'), new Uint8Array(1)])(
    'takes text alone: not %p',
    (value) => {
      const unheard = { write() {}, writelines() {}, flush() {} };
      const message = expect.stringMatching(
        /^errors-string: wsgi\.errors\.write\(\) argument must be a string \(got .+\)$/,
      );
      expect(noted((errors) => errors.write(value), unheard)).toEqual([message]);
      expect(noted((errors) => errors.writelines(['a', value]), unheard)).toEqual([message]);
    },
  );

  test('throws at once, also from within writelines()', () => {
    const errors = new ErrorWrapper(new StringIO(), (rule) => {
      throw new Error(rule.id);
    });
    expect(() => errors.writelines(['a', 5 as never])).toThrow('errors-string');
  });

  test('close() is not for applications', () => {
    expect(noted((errors) => errors.close())).toEqual([
      'errors-close: errors.close() must not be called',
    ]);
  });

  test('has nothing else of the stream', () => {
    const errors = new ErrorWrapper(new StringIO(), new Notes().report) as object;
    expect(['getvalue', 'read', 'seek'].filter((name) => name in errors)).toEqual([]);
  });
});
