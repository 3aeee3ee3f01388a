// PEP 3333, "Optional Platform-Specific File Handling". A server need not have `wsgi.file_wrapper`:
// then these applications read their files by themselves.

import type { FileLike, WSGIApplication, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { BytesIO } from '@wsgiref/util';
import type { ConformanceCase } from '../case.ts';
import { note } from '../notes.ts';
import { bytes, plain } from './applications.ts';

const TEXT = 'a file of twenty-six bytes';

/** Returns a file as a result, the way PEP 3333 shows. */
function wrap(environ: WSGIEnvironment, file: FileLike, size: number): WSGIResult {
  const wrapper = environ['wsgi.file_wrapper'];
  if (wrapper) return wrapper(file, size);
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const block = await file.read(size);
        if (block.length === 0) return;
        yield block;
      }
    },
    async close() {
      await file.close?.();
    },
  };
}

/** A file that notes that it is closed. */
class NotedFile extends BytesIO {
  readonly #environ: WSGIEnvironment;

  constructor(environ: WSGIEnvironment) {
    super(bytes(TEXT));
    this.#environ = environ;
  }

  override close(): void {
    void note(this.#environ, 'closed');
    super.close();
  }
}

/** An application that answers with a file. */
function file(make: (environ: WSGIEnvironment) => FileLike): WSGIApplication {
  return (environ, startResponse) => {
    startResponse('200 OK', plain());
    return wrap(environ, make(environ), 7);
  };
}

/** What a file needs to have, and no more. */
function bareFile(): FileLike {
  const content = new BytesIO(bytes(TEXT));
  return { read: (size) => content.read(size) };
}

export const fileWrapperCases: readonly ConformanceCase[] = [
  {
    name: 'a file is sent to its end, and closed',
    clauses: ['S53', 'S54'],
    application: file((environ) => new NotedFile(environ)),
    expected: { code: 200, body: TEXT, notes: ['closed'] },
  },
  {
    name: 'a file without close() is sent',
    clauses: ['S53'],
    application: file(bareFile),
    expected: { code: 200, body: TEXT },
  },
  {
    name: 'the result has close() only if the file has',
    clauses: ['S53'],
    application(environ, startResponse) {
      const results = [bareFile(), new NotedFile(environ)].map((one) => wrap(environ, one, 7));
      const [without, having] = results.map((result) => typeof result.close);
      startResponse('200 OK', plain());
      // One that is wrapped by the application has close() whatever its file has.
      const isRight = !environ['wsgi.file_wrapper'] || without === 'undefined';
      return [bytes(isRight && having === 'function' ? 'right' : `${without!}, ${having!}`)];
    },
    expected: { code: 200, body: 'right' },
  },
  {
    name: 'a file that reads by promise is sent',
    clauses: ['S53'],
    application: file(() => {
      const content = new BytesIO(bytes(TEXT));
      return {
        async read(size) {
          await Promise.resolve();
          return content.read(size);
        },
      };
    }),
    expected: { code: 200, body: TEXT },
  },
  {
    name: 'the size of the blocks may be left to the server',
    clauses: ['S53'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      const content = bareFile();
      return environ['wsgi.file_wrapper']?.(content) ?? wrap(environ, content, 8192);
    },
    expected: { code: 200, body: TEXT },
  },
  {
    name: 'a file is sent from its position at the time',
    clauses: ['S54'],
    application(environ, startResponse) {
      const content = new BytesIO(bytes(TEXT));
      const result = wrap(environ, content, 7);
      content.seek(10);
      startResponse('200 OK', plain());
      return result;
    },
    expected: { code: 200, body: TEXT.slice(10) },
  },
  {
    name: 'of a file no more is sent than Content-Length says, which is no error',
    clauses: ['S54', 'S37'],
    application(environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '10']));
      const content = new NotedFile(environ);
      // Without a wrapper it is for the application to stop.
      if (!environ['wsgi.file_wrapper']) content.truncate(10);
      return wrap(environ, content, 7);
    },
    expected: {
      code: 200,
      headers: { 'Content-Length': '10' },
      body: TEXT.slice(0, 10),
      notes: ['closed'],
    },
  },
  {
    name: 'a wrapper that the application does not return is not sent, nor closed',
    clauses: ['S53', 'S55'],
    application(environ, startResponse) {
      startResponse('200 OK', plain());
      wrap(environ, new NotedFile(environ), 7);
      return [bytes('something else')];
    },
    expected: { code: 200, body: 'something else' },
  },
  {
    name: 'a middleware may iterate over the wrapper, and send something else',
    clauses: ['S55'],
    async *application(environ, startResponse) {
      startResponse('200 OK', plain());
      const result = wrap(environ, new NotedFile(environ), 7);
      for await (const block of result) yield block.map((byte) => (byte === 0x20 ? 0x5f : byte));
      await result.close?.();
    },
    expected: { code: 200, body: TEXT.replaceAll(' ', '_'), notes: ['closed'] },
  },
  {
    name: 'a file is closed if reading it fails',
    clauses: ['S53', 'S6'],
    application: file((environ) => ({
      read() {
        throw new Error('the disk is gone');
      },
      close: () => void note(environ, 'closed'),
    })),
    expected: { code: 500, notes: ['closed'], errors: 'the disk is gone' },
  },
  {
    name: 'a file is closed if the client wants no body',
    clauses: ['S53', 'S6', 'H1'],
    request: { method: 'HEAD' },
    application: file((environ) => new NotedFile(environ)),
    expected: { code: 200, body: '', notes: ['closed'] },
  },
];
