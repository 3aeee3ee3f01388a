// The `wsgiref` command as it is installed: a process of its own that runs the built packages.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Child } from '../support/child.ts';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { withoutTimes } from '../support/standard-error.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = join(ROOT, 'packages/wsgiref/dist/command.js');
const GET = 'GET / HTTP/1.0\r\n\r\n';
const USAGE_FIRST_LINE = 'Usage: wsgiref [options] [module[:name]]';

const APPLICATIONS = {
  'named.mjs': `
    export const application = makeApp('application');
    export const other = makeApp('other');
    export const number = 5;
    export default makeApp('default');
    function makeApp(name) {
      return (environ, startResponse) => {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        return [Buffer.from(name)];
      };
    }`,
  'default.mjs': `
    export default class {
      constructor(environ, startResponse) { this.startResponse = startResponse; }
      *[Symbol.iterator]() { this.startResponse('200 OK', []); yield Buffer.from('default'); }
    }`,
  'common.cjs': `
    exports.app = (environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from('common')];
    };`,
  'slow.mjs': `
    export async function app(environ, startResponse) {
      process.stdout.write('called\\n');
      await new Promise((resolve) => process.once('SIGUSR2', resolve));
      startResponse('200 OK', []);
      return [Buffer.from('done')];
    }`,
  'timer.mjs': `
    setInterval(() => {}, 1000);
    export { app } from './common.cjs';`,
  'broken.mjs': 'throw new Error("broken module");',
  'needy.mjs': 'import "no-such-package";',
};

let folder: string;

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], {
    cwd: ROOT,
  });
  folder = mkdtempSync(join(tmpdir(), 'wsgiref-'));
  for (const [name, source] of Object.entries(APPLICATIONS)) {
    writeFileSync(join(folder, name), source);
  }
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const children = new Set<Child>();

afterEach(() => {
  // A test that ran out of time has not got that far.
  for (const child of children) child.process.kill('SIGKILL');
  children.clear();
});

/** Starts the command in the folder of the applications. */
function run(...args: string[]): Child {
  const child = new Child(COMMAND, args, { cwd: folder });
  children.add(child);
  return child;
}

/** Waits for the banner; returns where the server listens. */
async function listening(child: Child): Promise<{ port: number }> {
  const [, port] = await child.waitFor(/^Serving HTTP on \S+ port (\d+) \.\.\.\n/);
  return { port: Number(port) };
}

describe('wsgiref', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'serves the demo application until %s: banner, access lines, exit status 0',
    async (signal) => {
      await using child = run('--port', '0');
      const address = await listening(child);
      expect(child.stdout).toBe(`Serving HTTP on 127.0.0.1 port ${address.port} ...\n`);
      expect(body(await exchange(address, GET))).toMatch(/^Hello world!\n\nCONTENT_LENGTH = ''\n/);
      await exchange(address, 'BAD\r\n');
      child.process.kill(signal);
      expect(await child.exit).toBe(0);
      expect(withoutTimes(child.stderr)).toMatch(
        /^127\.0\.0\.1 - - \[-\] "GET \/ HTTP\/1\.0" 200 \d+\n127\.0\.0\.1 - - \[-\] code 400, message Bad request syntax \('BAD'\)\n127\.0\.0\.1 - - \[-\] "BAD" 400 -\n$/,
      );
      expect(child.stdout.split('\n')).toHaveLength(2);
    },
  );

  test('lets requests finish when it is told to stop', async () => {
    await using child = run('--port', '0', 'slow.mjs');
    const address = await listening(child);
    const reply = exchange(address, GET);
    await child.waitFor(/called/);
    child.process.kill('SIGINT');
    // The signal has come when nobody can connect any more.
    for (let refused = false; !refused;) {
      const client = await RawClient.connect(address).catch(() => (refused = true));
      if (client instanceof RawClient) await client.close();
    }
    child.process.kill('SIGUSR2');
    expect(body(await reply)).toBe('done');
    expect(await child.exit).toBe(0);
  });

  test.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('%s, then %s: it ends at once, whatever is in flight', async (first, second) => {
    await using child = run('--port', '0', 'slow.mjs');
    const address = await listening(child);
    const reply = exchange(address, GET).catch(() => 'the connection was reset');
    await child.waitFor(/called/);
    child.process.kill(first);
    for (let refused = false; !refused;) {
      const client = await RawClient.connect(address).catch(() => (refused = true));
      if (client instanceof RawClient) await client.close();
    }
    child.process.kill(second);
    expect(await child.exit).toBe(second);
    await reply;
  });

  test('--protocol HTTP/1.1 keeps the connection open, and stops it between requests', async () => {
    await using child = run('--port', '0', '--protocol', 'HTTP/1.1', 'common.cjs');
    await using client = await RawClient.connect(await listening(child));
    for (let count = 0; count < 2; count++) {
      await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await client.waitFor('common');
    }
    child.process.kill('SIGTERM');
    expect(await client.reply()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await client.close();
    expect(await child.exit).toBe(0);
  });

  test('--certfile and --keyfile: HTTPS, and the banner says so', async () => {
    const pem = readFileSync(join(ROOT, 'test/node-http/fixtures/localhost.pem'), 'utf8');
    const [key, certificate] = pem.split(/(?<=-----END PRIVATE KEY-----\n)/);
    writeFileSync(join(folder, 'key.pem'), key!);
    writeFileSync(join(folder, 'cert.pem'), certificate!);
    await using child = run('--port', '0', '--certfile', 'cert.pem', '--keyfile', 'key.pem');
    const [, port] = await child.waitFor(/^Serving HTTPS on 127\.0\.0\.1 port (\d+) \.\.\.\n/);
    const tls = { ca: certificate!, servername: 'localhost' };
    const reply = await exchange({ port: Number(port), tls }, GET);
    expect(body(reply)).toContain("\nwsgi.url_scheme = 'https'\n");
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });

  test('--host unix:<path> listens on a Unix domain socket, and removes it', async () => {
    await using child = run('--host', `unix:${folder}/socket`, 'common.cjs');
    await child.waitFor(/\n/);
    expect(child.stdout).toBe(`Serving HTTP on unix:${folder}/socket ...\n`);
    expect(body(await exchange({ path: `${folder}/socket` }, GET))).toBe('common');
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
    expect(existsSync(join(folder, 'socket'))).toBe(false);
  });

  test.each([
    [['--host', 'unix:named.mjs'], /^wsgiref: 'named\.mjs' is there already: stop what listens/],
    [['--host', 'unix:no/folder/socket'], /^wsgiref: 'no\/folder\/socket' cannot be made a socket/],
    [
      ['--certfile', 'none.pem'],
      /^wsgiref: ENOENT: no such file or directory, open 'none\.pem'\n$/,
    ],
  ])('%j is one sentence, and exit status 1', async (args, message) => {
    await using child = run('--port', '0', ...args);
    expect(await child.exit).toBe(1);
    expect(child.stdout).toBe('');
    expect(child.stderr).toMatch(message);
    expect(child.stderr).not.toMatch(/^ +at /m);
  });

  test('stops although a browser keeps a connection open', async () => {
    await using child = run('--port', '0');
    const address = await listening(child);
    await using _idle = await RawClient.connect(address);
    expect(body(await exchange(address, GET))).toMatch(/^Hello world!/);
    child.process.kill('SIGINT');
    expect(await child.exit).toBe(0);
  });

  test('stops although the application keeps the process going', async () => {
    await using child = run('--port', '0', 'timer.mjs');
    const address = await listening(child);
    expect(body(await exchange(address, GET))).toBe('common');
    child.process.kill('SIGINT');
    expect(await child.exit).toBe(0);
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['', '0.0.0.0'],
  ])('--host %j listens on %s', async (host, address) => {
    await using child = run('--host', host, '--port', '0');
    const { port } = await listening(child);
    expect(child.stdout).toBe(`Serving HTTP on ${address} port ${port} ...\n`);
    expect(body(await exchange({ port }, GET))).toMatch(/^Hello world!/);
  });

  test.each([
    ['named.mjs', 'application'],
    ['named.mjs:other', 'other'],
    ['./named.mjs:default', 'default'],
    ['default.mjs', 'default'],
    ['common.cjs', 'common'],
    ['common.cjs:app', 'common'],
  ])('%s serves that application', async (specifier, answer) => {
    await using child = run('--port=0', specifier);
    expect(body(await exchange(await listening(child), GET))).toBe(answer);
  });

  test('--help shows the usage', async () => {
    await using child = run('--help');
    expect(await child.exit).toBe(0);
    expect(child.stdout.split('\n')[0]).toBe(USAGE_FIRST_LINE);
    for (const option of [
      '--host',
      '--port',
      '--protocol',
      '--certfile',
      '--keyfile',
      '--help',
      '--version',
    ]) {
      expect(child.stdout).toContain(`  ${option} `);
    }
    expect(child.stderr).toBe('');
  });

  test('--version shows the version of the package', async () => {
    await using child = run('--version');
    expect(await child.exit).toBe(0);
    const manifest = JSON.parse(
      readFileSync(join(ROOT, 'packages/wsgiref/package.json'), 'utf8'),
    ) as { version: string };
    expect(child.stdout).toBe(`${manifest.version}\n`);
  });

  test('a port in use is one sentence, and exit status 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    try {
      await using child = run('--port', String(port));
      expect(await child.exit).toBe(1);
      expect(child.stdout).toBe('');
      expect(child.stderr).toBe(
        `wsgiref: port ${port} is in use: stop what listens there, or choose another with --port\n`,
      );
    } finally {
      other.close();
    }
  });

  test('an address of another machine is one sentence, and exit status 1', async () => {
    await using child = run('--host', '192.0.2.1', '--port', '0');
    expect(await child.exit).toBe(1);
    expect(child.stdout).toBe('');
    expect(child.stderr).toBe(
      "wsgiref: '192.0.2.1' is no address of this machine: choose one with --host\n",
    );
  });

  test('a module that is not there is one sentence, and exit status 1', async () => {
    await using child = run('--port', '0', 'missing.mjs');
    expect(await child.exit).toBe(1);
    expect(child.stdout).toBe('');
    expect(child.stderr).toMatch(/^wsgiref: Cannot find module '.*missing\.mjs'.*\n$/);
  });

  test('a package that the module wants and is not there is one sentence, too', async () => {
    await using child = run('--port', '0', 'needy.mjs');
    expect(await child.exit).toBe(1);
    expect(child.stderr).toMatch(/^wsgiref: Cannot find package 'no-such-package'.*\n$/);
  });

  test('a module that fails shows where', async () => {
    await using child = run('--port', '0', 'broken.mjs');
    expect(await child.exit).toBe(1);
    expect(child.stderr).toMatch(/^wsgiref: Error: broken module\n +at .*broken\.mjs/);
  });

  test.each([
    [['--port', 'http'], "--port takes a number from 0 to 65535 (got 'http')"],
    [['--port', '65536'], "--port takes a number from 0 to 65535 (got '65536')"],
    [['--port', '-1'], /^Option '--port' argument is ambiguous/],
    [['--port=-1'], "--port takes a number from 0 to 65535 (got '-1')"],
    [['--port'], /^Option '--port <value>' argument missing/],
    [['--prot', '1'], /^Unknown option '--prot'/],
    [['--protocol', '1.1'], "--protocol takes HTTP/1.0 or HTTP/1.1 (got '1.1')"],
    [['--keyfile', 'a.pem'], /^--keyfile is nothing without --certfile/],
    [['--port', '0', 'a.mjs', 'b.mjs'], 'one application at a time: b.mjs is a second'],
    [['--port', '0', 'named.mjs:missing'], 'named.mjs exports no missing'],
    [['--port', '0', ''], /module/],
    [['--port', '0', 'named.mjs:number'], /application must be a function/],
  ])('%j is bad usage: what is wrong, the usage, and exit status 1', async (args, message) => {
    await using child = run(...args);
    expect(await child.exit).toBe(1);
    expect(child.stdout).toBe('');
    const [first, ...rest] = child.stderr.split('\n\n');
    expect(first!.slice(0, 'wsgiref: '.length)).toBe('wsgiref: ');
    const said = first!.slice('wsgiref: '.length);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(rest.join('\n\n')).toMatch(USAGE_FIRST_LINE);
    expect(child.stderr).not.toMatch(/^ +at /m);
  });
});
