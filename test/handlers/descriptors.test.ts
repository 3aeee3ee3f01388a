// Standard input and output of a CGI script, in this process and on real files and pipes.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CGIHandler, IISCGIHandler, StandardError } from '@wsgiref/handlers';
import type { WSGIApplication } from '@wsgiref/types';
import { BytesIO, encodeLatin1 } from '@wsgiref/util';
import { DescriptorReader } from '../../packages/handlers/src/descriptor-reader.ts';
import { DescriptorWriter } from '../../packages/handlers/src/descriptor-writer.ts';
import { allDone, bytes, caught, text } from './support.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsgiref-descriptors-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileWith(content: string): string {
  const path = join(folder, `file-${content.length}`);
  const fd = openSync(path, 'w');
  writeSync(fd, content);
  closeSync(fd);
  return path;
}

async function withFile<T>(fd: number, use: (fd: number) => Promise<T>): Promise<T> {
  try {
    return await use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The two ends of a pipe that does not block: what is not there, or has no room, is EAGAIN. */
class Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  readonly #open = new Set<number>();

  constructor() {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    this.readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writeEnd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#open.add(this.readEnd).add(this.writeEnd);
    rmSync(path);
  }

  close(...ends: number[]): void {
    for (const end of ends) if (this.#open.delete(end)) closeSync(end);
  }

  [Symbol.dispose](): void {
    this.close(this.readEnd, this.writeEnd);
  }
}

/** Writes to a pipe until there is no room. */
function fill(pipe: Pipe): void {
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(pipe.writeEnd, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

/** Resolves once an operation has been told to come again, and has waited for it. */
async function retried(): Promise<void> {
  const setTimer = jest.spyOn(globalThis, 'setTimeout');
  try {
    await new Promise<void>((resolve) => {
      setTimer.mockImplementation(((callback: (value: null) => void) => {
        setTimer.mockRestore();
        resolve();
        return setImmediate(callback, null);
      }) as never);
    });
  } finally {
    setTimer.mockRestore();
  }
}

describe('DescriptorReader', () => {
  test('reads a file in pieces and in lines, to its end and no further', async () => {
    await withFile(openSync(fileWith('one\ntwo\nthree'), 'r'), async (fd) => {
      const reader = new DescriptorReader(fd);
      expect(text(await reader.read(2))).toBe('on');
      expect(text(await reader.readline())).toBe('e\n');
      expect((await reader.readlines()).map(text)).toEqual(['two\n', 'three']);
      expect(text(await reader.read())).toBe('');
    });
  });

  test('reads more than fits into its buffer', async () => {
    const content = '0123456789'.repeat(30_000);
    await withFile(openSync(fileWith(content), 'r'), async (fd) => {
      expect(text(await new DescriptorReader(fd).read())).toBe(content);
    });
  });

  test('waits for what a pipe that does not block has not got yet', async () => {
    using pipe = new Pipe();
    const again = retried();
    const reader = new DescriptorReader(pipe.readEnd);
    const line = reader.readline();
    await again;
    writeSync(pipe.writeEnd, 'late\nmore');
    expect(text(await line)).toBe('late\n');
    pipe.close(pipe.writeEnd);
    expect(text(await reader.read())).toBe('more');
  });

  test('passes on what the system says', async () => {
    await withFile(openSync(folder, 'r'), async (fd) => {
      const error = await caught(() => new DescriptorReader(fd).read());
      expect(error).toMatchObject({ code: 'EISDIR' });
    });
  });
});

describe('DescriptorWriter', () => {
  test('has written when its promise resolves', async () => {
    const path = join(folder, 'written');
    await withFile(openSync(path, 'w'), async (fd) => {
      const writer = new DescriptorWriter(fd);
      await writer.write(bytes('one '));
      await writer.write(new Uint8Array());
      await writer.write(bytes('two'));
      writer.flush();
      expect(readFileSync(path, 'utf8')).toBe('one two');
    });
  });

  test('writes what a full pipe takes in parts, all of it and in order', async () => {
    using pipe = new Pipe();
    const content = Buffer.alloc(300_000, '0123456789abcdef');
    const again = retried();
    let written = false;
    const writer = new DescriptorWriter(pipe.writeEnd);
    const writing = (async () => await writer.write(content))().then(() => (written = true));
    await again;
    expect(written).toBe(false);
    const received = Buffer.alloc(content.length);
    for (let offset = 0; offset < received.length;) {
      try {
        offset += readSync(pipe.readEnd, received, offset, received.length - offset, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await allDone();
      }
    }
    await writing;
    expect(received.equals(content)).toBe(true);
  });

  test('waits for a small response, too, if the pipe is full', async () => {
    using pipe = new Pipe();
    fill(pipe);
    const again = retried();
    const writing = new DescriptorWriter(pipe.writeEnd).write(bytes('late'));
    await again;
    const received = Buffer.alloc(1_000_000);
    const before = readSync(pipe.readEnd, received);
    await writing;
    expect(readSync(pipe.readEnd, received)).toBe(4);
    expect(received.toString('latin1', 0, 4)).toBe('late');
    expect(before).toBeGreaterThanOrEqual(4096);
  });

  test.each([1, 5000])('tells when nobody reads any more, of %d bytes', async (size) => {
    using pipe = new Pipe();
    const writer = new DescriptorWriter(pipe.writeEnd);
    await writer.write(bytes('x'));
    pipe.close(pipe.readEnd);
    const rest = new Uint8Array(size);
    expect(await caught(async () => await writer.write(rest))).toMatchObject({ code: 'EPIPE' });
  });
});

test('StandardError writes to the standard error of the process, lines and all', () => {
  const write = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    process.stderr.removeAllListeners('error');
    const stream = new StandardError();
    stream.write('caf\xe9 \u2603');
    stream.writelines(['one\n', 'two\n']);
    stream.flush();
    expect(write.mock.calls).toEqual([['caf\xe9 \u2603'], ['one\n'], ['two\n']]);
    // Nobody reads it any more: without a listener this would end the process.
    expect(process.stderr.emit('error', new Error('write EPIPE'))).toBe(true);
  } finally {
    write.mockRestore();
  }
});

describe('A body that the application has left: DIFFERS(60)', () => {
  const half: WSGIApplication = async (environ, startResponse) => {
    await environ['wsgi.input'].read(5);
    startResponse('200 OK', []);
    return [];
  };

  /** How much of `0123456789` has been read when a script ends. */
  async function bytesRead(
    Handler: typeof CGIHandler | typeof IISCGIHandler,
    contentLength: string | undefined,
    maxUnreadBody?: number,
    application = half,
  ): Promise<number> {
    return await withFile(openSync(fileWith('0123456789'), 'r'), async (fd) => {
      const handler = new Handler();
      const stdin = (handler.stdin = new DescriptorReader(fd));
      handler.stdout = new BytesIO();
      handler.baseEnv = { REQUEST_METHOD: 'POST' };
      if (contentLength !== undefined) handler.baseEnv.CONTENT_LENGTH = contentLength;
      if (maxUnreadBody !== undefined) handler.maxUnreadBody = maxUnreadBody;
      await handler.run(application);
      return stdin.bytesRead;
    });
  }

  test.each([[CGIHandler], [IISCGIHandler]])('is read by %p, and no more', async (Handler) => {
    expect(await bytesRead(Handler, '8')).toBe(8);
  });

  test('is read as far as there is anything', async () => {
    expect(await bytesRead(CGIHandler, '12')).toBe(10);
  });

  test('is not read if nothing says how long it is', async () => {
    expect(await bytesRead(CGIHandler, undefined)).toBe(5);
    expect(await bytesRead(CGIHandler, '')).toBe(5);
  });

  test('is not read if more is left than maxUnreadBody', async () => {
    expect(await bytesRead(CGIHandler, '10', 5)).toBe(10);
    expect(await bytesRead(CGIHandler, '10', 4)).toBe(5);
  });

  test('is read, too, if the application fails in such a way that the handler does', async () => {
    const handler = new CGIHandler();
    await withFile(openSync(fileWith('0123456789'), 'r'), async (fd) => {
      const stdin = (handler.stdin = new DescriptorReader(fd));
      handler.stdout = new BytesIO();
      handler.stderr = null;
      handler.baseEnv = { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' };
      handler.errorOutput = () => {
        throw new Error('twice');
      };
      expect(await caught(() => handler.run(() => [] as never))).toMatchObject({
        message: 'twice',
      });
      expect(stdin.bytesRead).toBe(10);
    });
  });

  test('that cannot be read does no harm', async () => {
    const handler = new CGIHandler();
    await withFile(openSync(folder, 'r'), async (fd) => {
      handler.stdin = new DescriptorReader(fd);
      const stdout = (handler.stdout = new BytesIO());
      handler.baseEnv = { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' };
      await handler.run((_environ, startResponse) => {
        startResponse('200 OK', []);
        return [encodeLatin1('hello')];
      });
      expect(text(stdout.getvalue())).toMatch(/hello$/);
    });
  });

  test("is none of the handler's business if it comes from elsewhere", async () => {
    const handler = new CGIHandler();
    const stdin = new BytesIO(encodeLatin1('0123456789'));
    handler.stdin = stdin;
    handler.stdout = new BytesIO();
    handler.baseEnv = { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' };
    await handler.run(half);
    expect(stdin.tell()).toBe(5);
  });
});
