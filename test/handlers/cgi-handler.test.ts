// CGI scripts as processes of their own: what a web server would see of them.

import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { allDone, ERROR_PAGE } from './support.ts';

// Starting a process takes its time, above all the first, for which the sources are compiled.
jest.setTimeout(60_000);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsgiref-cgi-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What runs a script on the packages' own sources. */
function command(script: string, ...args: string[]): [command: string, ...args: string[]] {
  return [
    process.execPath,
    '--conditions=@wsgiref/source',
    `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
    fileURLToPath(new URL(`fixtures/${script}`, import.meta.url)),
    ...args,
  ];
}

interface Script {
  child: ChildProcess;
  stdin: Writable;
  stdout: Readable;
  /** What comes on standard error, and on descriptor 3. */
  stderr: Promise<string>;
  notes: Promise<string>;
  /** The exit status. */
  status: Promise<number | null>;
}

type Variables = Record<string, string>;

function start([file, ...args]: [string, ...string[]], options: SpawnOptions = {}): Script {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], ...options });
  const [stdin, stdout, stderr, notes] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Readable,
  ];
  // A script need not read what it is sent.
  stdin.on('error', () => {});
  return {
    child,
    stdin,
    stdout,
    stderr: collect(stderr).then(String),
    notes: collect(notes).then(String),
    status: once(child, 'close').then(([status]) => status as number | null),
  };
}

/** Starts the CGI script with an application, in an environment of its own. */
function cgi(application: string, variables: Variables = {}, argument = ''): Script {
  return start(command('cgi.ts', application, argument), {
    env: { GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', ...variables },
  });
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Takes what a script sends a little at a time, with all the rest of the world in between. */
async function collectSlowly(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    for (let i = 0; i < 20; i++) await allDone();
  }
  return Buffer.concat(chunks);
}

interface Answer {
  output: string;
  log: string;
  status: number | null;
}

async function answer(script: Script, body: Uint8Array | string = ''): Promise<Answer> {
  script.stdin.end(body);
  const [output, log, status] = await Promise.all([
    collect(script.stdout),
    script.stderr,
    script.status,
  ]);
  return { output: output.toString('latin1'), log, status };
}

const HEAD = 'Status: 200 OK\r\nContent-Type: text/plain\r\n';
const MEBIBYTE = 2 ** 20;

describe('The environment', () => {
  test('is the request, and the response is on standard output', async () => {
    expect(await answer(cgi('hello'))).toEqual({
      output: `${HEAD}Content-Length: 5\r\n\r\nhello`,
      log: '',
      status: 0,
    });
  });

  test('of UTF-8 comes as its bytes', async () => {
    const { output } = await answer(cgi('variable', { PATH_INFO: '/caf\xe9/\u2603' }, 'PATH_INFO'));
    expect(output).toBe(`${HEAD}Content-Length: 10\r\n\r\n/caf\xc3\xa9/\xe2\x98\x83`);
  });

  test.each([
    ['PATH_INFO', '/caf\\351/\\377\\200'],
    ['HTTP_COOKIE', 'a=\\351; b=\\303\\251'],
    ['HOME', '/home/\\351'],
  ])('that is not UTF-8 comes as its bytes, in %s', async (name, octal) => {
    // A shell makes bytes that Node would not pass on.
    const script = `export ${name}="$(printf '${octal}')"; exec "$@"`;
    const { output, status } = await answer(
      start(['/bin/sh', '-c', script, 'sh', ...command('cgi.ts', 'variable', name)], {
        env: { LC_ALL: 'C' },
      }),
    );
    const bytes = octal.replace(/\\(\d{3})/g, (_, digits: string) =>
      String.fromCharCode(parseInt(digits, 8)),
    );
    expect(output.slice(output.indexOf('\r\n\r\n') + 4)).toBe(bytes);
    expect(status).toBe(0);
  });

  test.each([
    [{ IIS: '1', SCRIPT_NAME: '/app', PATH_INFO: '/app/page' }, '/page'],
    [{ IIS: '1', SCRIPT_NAME: '/app', PATH_INFO: '/application' }, '/application'],
    [{ SCRIPT_NAME: '/app', PATH_INFO: '/app/page' }, '/app/page'],
  ])('%j has the path %s', async (variables, path) => {
    const { output } = await answer(cgi('variable', variables, 'PATH_INFO'));
    expect(output.endsWith(`\r\n\r\n${path}`)).toBe(true);
  });
});

describe('The output', () => {
  test.each(['blocks', 'unawaited'])(
    'of 10 MiB is complete before run() resolves, with a slow reader (%s)',
    async (application) => {
      const script = cgi(application, {}, '160');
      script.stdin.end();
      const output = await collectSlowly(script.stdout);
      expect(await script.status).toBe(0);
      expect(output.length).toBe(`${HEAD}\r\n`.length + 10 * MEBIBYTE);
      expect(output.subarray(0, 100).toString('latin1').startsWith(`${HEAD}\r\n0123`)).toBe(true);
      const body = output.subarray(`${HEAD}\r\n`.length);
      expect(body.equals(Buffer.alloc(10 * MEBIBYTE, '0123456789abcdef'))).toBe(true);
      expect(await script.stderr).toBe('');
    },
  );

  test('waits for room where it must not block', async () => {
    const script = cgi('blocks', { NONBLOCKING: '1' }, '160');
    script.stdin.end();
    const output = await collectSlowly(script.stdout);
    expect(await script.status).toBe(0);
    expect(output.length).toBe(`${HEAD}\r\n`.length + 10 * MEBIBYTE);
    expect(await script.stderr).toBe('');
  });

  test('may be a file', () => {
    const path = join(folder, 'output');
    const fd = openSync(path, 'w');
    const [file, ...args] = command('cgi.ts', 'unawaited', '2');
    const { status } = spawnSync(file, args, { env: {}, stdio: ['ignore', fd, 'inherit'] });
    closeSync(fd);
    expect(status).toBe(0);
    expect(readFileSync(path).length).toBe(`${HEAD}\r\n`.length + 131_072);
  });

  test('that nobody reads any more ends the application, in silence and with status 0', async () => {
    const script = cgi('blocks', {}, '1000000');
    await once(script.stdout, 'data');
    script.stdout.destroy();
    expect(await script.status).toBe(0);
    expect(await script.stderr).toBe('');
    expect(await script.notes).toBe('closed');
  });
});

describe('The input', () => {
  const body = Buffer.alloc(10 * MEBIBYTE, 'what the client sends\n');
  const hash = createHash('sha256').update(body).digest('hex');

  test.each([{}, { NONBLOCKING: '1' }])(
    'of 10 MiB is read to its end and no further, with %j',
    async (variables) => {
      const script = cgi('digest', { CONTENT_LENGTH: String(body.length), ...variables });
      const { output, log, status } = await answer(script, Buffer.concat([body, body]));
      expect(output.slice(output.indexOf('\r\n\r\n') + 4)).toBe(`${body.length} ${hash} 0`);
      expect([log, status]).toEqual(['', 0]);
    },
  );

  test('may come while the output goes', async () => {
    const script = cgi('echo', { CONTENT_LENGTH: String(body.length) });
    const { output, status } = await answer(script, body);
    expect(output.length).toBe(`${HEAD}\r\n`.length + body.length);
    expect(output.endsWith(body.toString('latin1'))).toBe(true);
    expect(status).toBe(0);
  });

  test('that comes late is waited for', async () => {
    const script = cgi('echo', { CONTENT_LENGTH: '200000', NONBLOCKING: '1' });
    // Half of the body, and the rest only once half of the answer is there.
    script.stdin.write('x'.repeat(100_000));
    let received = '';
    for await (const chunk of script.stdout) {
      received += String(chunk);
      if (received.length === `${HEAD}\r\n`.length + 100_000) script.stdin.end('y'.repeat(100_000));
    }
    expect(received).toBe(`${HEAD}\r\n${'x'.repeat(100_000)}${'y'.repeat(100_000)}`);
    expect(await script.status).toBe(0);
  });

  test('without CONTENT_LENGTH goes to the end of the stream', async () => {
    const { output } = await answer(cgi('echo'), 'all of it');
    expect(output).toBe(`${HEAD}\r\nall of it`);
  });

  test('that ends before CONTENT_LENGTH is the fault of the request', async () => {
    const message = 'the request body ended after 5 of the 10 bytes of its Content-Length';
    expect(await answer(cgi('digest', { CONTENT_LENGTH: '10' }), 'short')).toEqual({
      output:
        'Status: 400 Bad Request\r\nContent-Type: text/plain\r\n' +
        `Content-Length: ${message.length}\r\n\r\n${message}`,
      log: '',
      status: 0,
    });
  });

  test('may be a file', () => {
    const path = join(folder, 'input');
    writeFileSync(path, 'from a file');
    const fd = openSync(path, 'r');
    const [file, ...args] = command('cgi.ts', 'echo');
    const { stdout } = spawnSync(file, args, {
      env: { CONTENT_LENGTH: '4' },
      stdio: [fd, 'pipe', 'inherit'],
    });
    closeSync(fd);
    expect(String(stdout)).toBe(`${HEAD}\r\nfrom`);
  });

  test.each([{}, { IIS: '1' }])(
    'that the application does not read is read all the same, with %j: DIFFERS(60)',
    async (variables) => {
      // More than a socket holds: unread, it cannot be written.
      const short = body.subarray(0, 262_144);
      const script = cgi('hello', { CONTENT_LENGTH: String(short.length), ...variables });
      const written = finished(script.stdin);
      const { output, status } = await answer(script, short);
      await written;
      expect(output.endsWith('\r\n\r\nhello')).toBe(true);
      expect(status).toBe(0);
    },
  );

  test('that the application does not read is left where it is if it is long', async () => {
    const script = cgi('hello', { CONTENT_LENGTH: String(body.length) });
    const { output, status } = await answer(script, body);
    expect(output.endsWith('\r\n\r\nhello')).toBe(true);
    expect(status).toBe(0);
  });
});

describe('An error', () => {
  test('is logged with its stack and its causes, answered, and no failure of the script', async () => {
    const { output, log, status } = await answer(cgi('fails'));
    expect(output).toBe(ERROR_PAGE);
    expect(log).toMatch(
      /^Error: it fails\n +at .*cgi\.ts[^]*\nCaused by: TypeError: for a reason\n +at [^]*\n$/,
    );
    expect(status).toBe(0);
  });

  test('after output ends it', async () => {
    const { output, log, status } = await answer(cgi('failsLate'));
    expect(output).toBe(`${HEAD}\r\nso far`);
    expect(log).toMatch(/^Error: it fails late\n/);
    expect(status).toBe(0);
  });

  test('in the error page is one of the script', async () => {
    const { output, log, status } = await answer(cgi('failsTwice'));
    expect(output).toBe('');
    expect(log).toMatch(/^Error: it fails\n[^]*Error: it fails twice\n/);
    expect(status).toBe(1);
  });
});

test('writes that nobody waits for leave no rejection unhandled', async () => {
  const script = start(command('unawaited.ts'));
  const { output, log, status } = await answer(script);
  expect(log).toBe('');
  expect(status).toBe(0);
  expect(output.split('\n')).toEqual([
    '',
    '',
    'Error: no',
    'Error: full',
    'Error: full',
    'Error: no',
    '',
  ]);
});
