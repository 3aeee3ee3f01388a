// Where a gateway server listens. SCGI stands for all of them.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { makeServer, SCGIRequestHandler, SCGIServer } from '@wsgiref/scgi';
import type { WSGIApplication } from '@wsgiref/types';
import { ask, scgiRequest } from '../support/gateway-clients.mjs';

jest.setTimeout(60_000);

const hello: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.from('hello')];
};
const REQUEST = scgiRequest({ REQUEST_METHOD: 'GET' });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsgiref-gateway-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('on a host and a port', async () => {
  const httpd = await makeServer('127.0.0.1', 0, hello);
  const serving = httpd.serveForever();
  const reply = await ask({ host: '127.0.0.1', port: httpd.serverPort }, REQUEST);
  expect(reply.toString()).toMatch(/hello$/);
  expect(httpd.multiprocess).toBe(false);
  expect(httpd.serverAddress).toEqual(['127.0.0.1', httpd.serverPort]);
  await httpd.serverClose();
  await serving;
});

test('on a Unix domain socket, with the permissions that are asked for', async () => {
  const path = join(folder, 'mode.sock');
  await using httpd = await makeServer(`unix:${path}`, 0, hello, { mode: 0o600 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(httpd.serverPort).toBe(0);
  const served = httpd.handleRequest();
  expect((await ask({ path }, REQUEST)).toString()).toMatch(/hello$/);
  await served;
  await httpd.serverClose();
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('on a Unix domain socket that a killed server has left behind', async () => {
  const path = join(folder, 'stale.sock');
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => {
    process.kill(process.pid, 'SIGKILL');
  });`;
  await once(spawn(process.execPath, ['--eval', code]), 'exit');
  expect((await stat(path)).isSocket()).toBe(true);
  await using httpd = await makeServer(`unix:${path}`, 0, hello);
  const served = httpd.handleRequest();
  expect((await ask({ path }, REQUEST)).toString()).toMatch(/hello$/);
  await served;
});

test('not on one that another server listens on, nor in the place of a file', async () => {
  const path = join(folder, 'live.sock');
  await using httpd = await makeServer(`unix:${path}`, 0, hello);
  await expect(makeServer(`unix:${path}`, 0, hello)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const served = httpd.handleRequest();
  // The first is the other server's question whether anybody is there.
  await served;
  const file = join(folder, 'a file');
  await writeFile(file, 'precious');
  await expect(makeServer(`unix:${file}`, 0, hello)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(await readFile(file, 'utf8')).toBe('precious');
  await expect(makeServer(`unix:${join(folder, 'no/such/folder')}`, 0, hello)).rejects.toThrow(
    'listen',
  );
});

test('on the descriptor that it was started with', async () => {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  const { fd } = (listening as Server & { _handle: { fd: number } })._handle;
  const options = [
    '--conditions=@wsgiref/source',
    `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
  ];
  const script = fileURLToPath(new URL('fixtures/descriptor.mjs', import.meta.url));
  const child = spawn(process.execPath, [...options, script], { stdio: [fd, 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  await once(child.stdout!, 'data');
  listening.close();
  const reply = await ask({ host: '127.0.0.1', port }, REQUEST);
  expect(reply.toString()).toMatch(new RegExp(`\r\n\r\nmultiprocess: true, port: ${port}$`));
  expect(await exit).toEqual([0, null]);
});

test('not on a descriptor that is no listening socket', async () => {
  await expect(makeServer('fd:99', 0, hello)).rejects.toThrow(
    'descriptor 99 is no listening socket: let a web server or systemd open it and start this program',
  );
});

test('by the classes that it is given', async () => {
  class MyServer extends SCGIServer {
    override maxBodySize = 3;
  }
  class MyHandler extends SCGIRequestHandler {
    override disableNagleAlgorithm = false;
  }
  const options = { serverClass: MyServer, handlerClass: MyHandler };
  await using httpd = await makeServer('127.0.0.1', 0, hello, options);
  httpd.errorLog = { write() {}, writelines() {}, flush() {} };
  expect(httpd).toBeInstanceOf(MyServer);
  const served = httpd.handleRequest();
  const request = scgiRequest({ REQUEST_METHOD: 'POST' }, Buffer.from('four'));
  const reply = await ask({ host: '127.0.0.1', port: httpd.serverPort }, request);
  expect(reply.toString()).toMatch(/^Status: 413 Content Too Large\r\n/);
  await served;
});

test('a value that is no application is refused', async () => {
  await expect(makeServer('127.0.0.1', 0, 'app' as never)).rejects.toThrow(TypeError);
});

test('a server without an application can be given one', async () => {
  const httpd = new SCGIServer(['127.0.0.1', 0], SCGIRequestHandler);
  expect(httpd.getApp()).toBeNull();
  httpd.setApp(hello);
  expect(httpd.getApp()).toBe(hello);
  httpd.setApp(null);
  expect(httpd.getApp()).toBeNull();
  await httpd.serverClose();
});

test('a connection that is closed without a word is nothing to log', async () => {
  await using httpd = await makeServer('127.0.0.1', 0, hello);
  const written: string[] = [];
  httpd.errorLog = { write: (s) => void written.push(s), writelines() {}, flush() {} };
  const served = httpd.handleRequest();
  connect({ host: '127.0.0.1', port: httpd.serverPort }).end();
  await served;
  expect(written).toEqual([]);
});
