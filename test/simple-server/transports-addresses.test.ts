// Where a WSGIServer listens: a Unix domain socket, IPv6, an inherited descriptor.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  makeServer,
  StreamRequestHandler,
  TCPServer,
  UnixStreamServer,
  WSGIRequestHandler,
} from '@wsgiref/simple-server';
import type { WSGIApplication } from '@wsgiref/types';
import { encodeLatin1, requestUri } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { Running } from '../support/serve.ts';

const GET = 'GET /a HTTP/1.0\r\n\r\n';

const showAddress: WSGIApplication = validator((environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const { SERVER_NAME: name, SERVER_PORT: port, REMOTE_ADDR: client } = environ;
  return [encodeLatin1([name, port, client, requestUri(environ)].join(' '))];
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsgiref-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Leaves a socket behind, as a server that is killed does. */
async function leaveBehind(path: string): Promise<void> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => {
    process.kill(process.pid, 'SIGKILL');
  });`;
  await once(spawn(process.execPath, ['--eval', code]), 'exit');
}

describe('a Unix domain socket', () => {
  test('carries HTTP; name and port of the server are not empty', async () => {
    const path = join(folder, 'http');
    const httpd = await makeServer(`unix:${path}`, 0, showAddress);
    {
      await using server = new Running(httpd);
      expect(httpd.serverAddress).toEqual([`unix:${path}`, 0]);
      expect(body(await exchange({ path }, GET))).toBe('localhost 80  http://localhost/a');
      expect(body(await exchange({ path }, 'GET /a HTTP/1.1\r\nHost: example\r\n\r\n'))).toBe(
        'localhost 80  http://example/a',
      );
      expect(server.log).not.toContain('Exception');
    }
    expect(existsSync(path)).toBe(false);
  });

  test('carries HTTP/1.1: several requests on a connection', async () => {
    class Handler extends WSGIRequestHandler {
      override protocolVersion = 'HTTP/1.1';
    }
    const path = join(folder, 'keep-alive');
    const options = { handlerClass: Handler };
    await using _server = new Running(await makeServer(`unix:${path}`, 0, showAddress, options));
    await using client = await RawClient.connect({ path });
    await client.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.waitFor('http://h/1');
    await client.send('GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(await client.reply()).toMatch(/http:\/\/h\/2$/);
  });

  test('that a killed server has left behind is replaced', async () => {
    const path = join(folder, 'stale');
    await leaveBehind(path);
    expect(existsSync(path)).toBe(true);
    await using _server = new Running(await makeServer(`unix:${path}`, 0, showAddress));
    expect(body(await exchange({ path }, GET))).toMatch(/^localhost /);
  });

  test('that another server listens on is not, nor is a file', async () => {
    const path = join(folder, 'live');
    await using _server = new Running(await makeServer(`unix:${path}`, 0, showAddress));
    const file = join(folder, 'file');
    writeFileSync(file, 'precious');
    for (const taken of [path, file]) {
      await expect(makeServer(`unix:${taken}`, 0, showAddress)).rejects.toMatchObject({
        code: 'EADDRINUSE',
        message: `listen EADDRINUSE: address already in use ${taken}`,
      });
    }
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(body(await exchange({ path }, GET))).toMatch(/^localhost /);
  });

  test('of a UnixStreamServer must not be there yet, as in Python', async () => {
    const path = join(folder, 'exact');
    await leaveBehind(path);
    const server = new UnixStreamServer(path, StreamRequestHandler);
    await expect(server.serverBind()).rejects.toThrow(
      `listen EADDRINUSE: address already in use ${path}`,
    );
    await server.serverClose();
    expect(existsSync(path)).toBe(true);
  });
});

describe('IPv6', () => {
  test('::1 is localhost', async () => {
    const httpd = await makeServer('::1', 0, showAddress);
    await using server = new Running(httpd);
    const { port } = server;
    expect(port).toBeGreaterThan(0);
    expect(httpd.serverAddress).toEqual(['::1', port]);
    expect(body(await exchange({ host: '::1', port }, GET))).toBe(
      `localhost ${port} ::1 http://localhost:${port}/a`,
    );
    const reply = await fetch(`http://[::1]:${port}/b`);
    expect(await reply.text()).toBe(`localhost ${port} ::1 http://[::1]:${port}/b`);
  });

  test(':: serves clients of both kinds', async () => {
    const httpd = await makeServer('::', 0, showAddress);
    await using server = new Running(httpd);
    const { port } = server;
    const name = `${hostname()} ${port}`;
    const uri = `http://${hostname()}:${port}/a`;
    expect(body(await exchange({ host: '::1', port }, GET))).toBe(`${name} ::1 ${uri}`);
    expect(body(await exchange({ host: '127.0.0.1', port }, GET))).toBe(
      `${name} ::ffff:127.0.0.1 ${uri}`,
    );
  });
});

describe('an inherited descriptor', () => {
  /** Starts a program with a listening socket as descriptor 3, as systemd does. */
  async function startWith(listening: Server): Promise<{ end: Promise<unknown> }> {
    const { fd } = (listening as Server & { _handle: { fd: number } })._handle;
    const child = spawn(
      process.execPath,
      [
        '--conditions=@wsgiref/source',
        `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
        fileURLToPath(new URL('fixtures/activated.mjs', import.meta.url)),
      ],
      { stdio: ['ignore', 'pipe', 'inherit', fd], env: { ...process.env, LISTEN_FDS: '1' } },
    );
    const end = once(child, 'exit');
    await once(child.stdout!, 'data');
    // Nobody but the child accepts from here on.
    listening.close();
    return { end };
  }

  test('is served; the port is its own', async () => {
    const listening = createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const { end } = await startWith(listening);
    expect(body(await exchange({ port }, GET))).toBe(`localhost ${port} 127.0.0.1`);
    expect(await end).toEqual([0, null]);
  });

  test.each(['fd:99', 'fd:x'])('that is none is an error: %s', async (host) => {
    const server = new TCPServer([host, 0], StreamRequestHandler);
    await expect(server.serverBind()).rejects.toThrow(/^descriptor \w+ is no listening socket: /);
    await server.serverClose();
  });
});
