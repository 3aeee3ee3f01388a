// HTTPS: the same servers over TLS, asked by clients that check the certificate.

import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientDisconnected } from '@wsgiref/handlers';
import {
  BaseHTTPRequestHandler,
  HTTPSServer,
  makeServer,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import type { WSGIApplication } from '@wsgiref/types';
import { encodeLatin1, requestUri } from '@wsgiref/util';
import { type Address, exchange, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { openResources, Running, serve } from '../support/serve.ts';
import { GET, helloApp } from './apps.ts';

/** Key and certificate of `localhost`, made for tests, good until 2126. */
const PEM = fileURLToPath(new URL('../node-http/fixtures/localhost.pem', import.meta.url));
const PASSWORD = 'open sesame';

let folder: string;
let certfile: string;
let keyfile: string;
let lockedKeyfile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsgiref-tls-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const pem = readFileSync(PEM, 'utf8');
  const [key, certificate] = pem.split(/(?<=-----END PRIVATE KEY-----\n)/);
  certfile = file('certificate.pem', certificate!);
  keyfile = file('key.pem', key!);
  const locked = createPrivateKey(key!).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: PASSWORD,
  });
  lockedKeyfile = file('locked-key.pem', String(locked));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Where a server over TLS is, for a client that trusts no other. */
const secure = ({ port }: { port: number }, ALPNProtocols?: string[]): Address => ({
  port,
  tls: {
    ca: readFileSync(PEM),
    servername: 'localhost',
    ...(ALPNProtocols ? { ALPNProtocols } : {}),
  },
});

class Handler extends WSGIRequestHandler {
  override protocolVersion = 'HTTP/1.1';
}
const options = { handlerClass: Handler };

const get = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');

const showScheme: WSGIApplication = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const { SERVER_NAME: name, HTTPS: https = '-' } = environ;
  return [
    encodeLatin1(
      `${environ['wsgi.url_scheme']} ${name} HTTPS=${String(https)} ${requestUri(environ)}`,
    ),
  ];
};

describe('makeServer() over TLS', () => {
  test('tells the application so: wsgi.url_scheme is https', async () => {
    await using server = await serve(showScheme, { certfile: PEM });
    const { port } = server;
    expect(body(await exchange(secure(server), 'GET /a HTTP/1.0\r\n\r\n'))).toBe(
      `https localhost HTTPS=on https://localhost:${port}/a`,
    );
    expect(server.httpd.isSecure).toBe(true);
    expect(server.log).toBe('127.0.0.1 - - [-] "GET /a HTTP/1.0" 200 50\n');
  });

  test('takes certificate and key from two files, and a password', async () => {
    const key = { certfile, keyfile: lockedKeyfile };
    for (const tls of [
      { certfile, keyfile },
      { ...key, password: PASSWORD },
      { ...key, password: () => PASSWORD },
    ]) {
      await using server = await serve(helloApp, tls);
      expect(body(await exchange(secure(server), GET))).toBe('hello');
    }
  });

  test('drops a client that does not finish the handshake in time', async () => {
    await using server = await serve(helloApp, { certfile: PEM, handshakeTimeout: 0.05 });
    const client = connect(server.port, '127.0.0.1');
    client.on('error', () => {}).resume();
    await once(client, 'close');
    expect(server.log).toBe('');
  });

  test('says what is wrong with the files', async () => {
    const missing = join(folder, 'missing.pem');
    const attempt = (tls: object): Promise<unknown> =>
      makeServer('127.0.0.1', 0, helloApp, tls).then(async (httpd) => httpd.serverClose());
    await expect(attempt({ certfile: missing })).rejects.toThrow(missing);
    await expect(attempt({ certfile, keyfile: missing })).rejects.toThrow(missing);
    await expect(attempt({ certfile })).rejects.toThrow(
      `'${certfile}' holds no private key that goes with the certificate '${certfile}'`,
    );
    await expect(attempt({ certfile: keyfile, keyfile })).rejects.toThrow(
      `'${keyfile}' holds no certificate`,
    );
    for (const password of [undefined, 'wrong']) {
      await expect(
        attempt({ certfile, keyfile: lockedKeyfile, ...(password ? { password } : {}) }),
      ).rejects.toThrow(`the private key in '${lockedKeyfile}' has another password`);
    }
    await expect(attempt({ keyfile })).rejects.toThrow(
      'a keyfile is nothing without a certfile: name that of the certificate',
    );
  });

  test.each([
    [undefined, ['h2', 'http/1.1'], 'http/1.1'],
    [['http/1.0'], ['http/1.1', 'http/1.0'], 'http/1.0'],
    [null, ['http/1.1'], false],
  ])('offers by alpnProtocols %j, to a client of %j: %j', async (offered, asked, chosen) => {
    const alpn = offered === undefined ? {} : { alpnProtocols: offered };
    await using server = await serve(helloApp, { certfile: PEM, ...alpn });
    await using client = await RawClient.connect(secure(server, asked));
    expect((client.socket as TLSSocket).alpnProtocol).toBe(chosen);
    await client.send(GET);
    expect(body(await client.reply())).toBe('hello');
  });

  test('refuses a client that speaks none of the protocols', async () => {
    await using server = await serve(helloApp, { certfile: PEM });
    await expect(RawClient.connect(secure(server, ['h2']))).rejects.toThrow(/no application prot/);
    expect(body(await exchange(secure(server, ['http/1.1']), GET))).toBe('hello');
  });

  test('answers requests one after the other, and pipelined ones', async () => {
    await using server = await serve(showScheme, { ...options, certfile: PEM });
    await using client = await RawClient.connect(secure(server));
    await client.send(get('/1'));
    await client.waitFor('localhost/1');
    await client.send(get('/2') + get('/3') + get('/4', 'Connection: close'));
    expect((await client.reply()).match(/localhost\/\d/g)).toEqual(
      ['1', '2', '3', '4'].map((n) => `localhost/${n}`),
    );
  });

  test('carries long bodies both ways, with a length and in chunks', async () => {
    const echo: WSGIApplication = async function* (environ, startResponse) {
      startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      const input = environ['wsgi.input'];
      for (let block; (block = await input.read(100_000)).length > 0;) yield block;
    };
    await using server = await serve(echo, { ...options, certfile: PEM });
    const long = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789 ');
    const line = `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n`;
    const reply = exchange(
      secure(server),
      Buffer.concat([Buffer.from(`${line}Content-Length: ${long.length}\r\n\r\n`), long]),
    );
    expect(dechunk(body(await reply))).toBe(long.toString('latin1'));
    const chunked = exchange(
      secure(server),
      Buffer.concat([
        Buffer.from(`${line}Transfer-Encoding: chunked\r\n\r\n${long.length.toString(16)}\r\n`),
        long,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    );
    expect(dechunk(body(await chunked))).toBe(long.toString('latin1'));
  });

  test('answers a client that has closed its side', async () => {
    await using server = await serve(helloApp, { certfile: PEM });
    expect(body(await exchange(secure(server), GET, { halfClose: true }))).toBe('hello');
  });

  test('tells the application that its client has gone, and closes its result once', async () => {
    let closed = 0;
    let gone!: (reason: unknown) => void;
    const went = new Promise((resolve) => (gone = resolve));
    await using server = await serve(
      async function* (environ, startResponse) {
        const signal = environ['wsgiref.signal']!;
        signal.addEventListener('abort', () => gone(signal.reason));
        startResponse('200 OK', []);
        try {
          for (;;) yield Buffer.alloc(100_000);
        } finally {
          closed++;
        }
      },
      { ...options, certfile: PEM },
    );
    const client = await RawClient.connect(secure(server));
    await client.send(get('/'));
    await client.waitFor('HTTP/1.1 200 OK');
    await client.close();
    expect(await went).toBeInstanceOf(ClientDisconnected);
    await server.httpd.shutdown();
    expect(closed).toBe(1);
    expect(server.log).toBe('');
  });
});

describe('a client that does not get through the handshake', () => {
  test('since it speaks plain HTTP: it is closed, and the next is served', async () => {
    await using server = await serve(helloApp, { certfile: PEM });
    const plain = connect({ port: server.port, host: '127.0.0.1' });
    plain.on('error', () => {}).resume();
    plain.write(GET);
    await once(plain, 'close');
    expect(body(await exchange(secure(server), GET))).toBe('hello');
    expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
  });

  test('since it goes away: nothing is left of it', async () => {
    const before = await openResources();
    {
      await using server = await serve(helloApp, { certfile: PEM });
      // The beginning of a ClientHello.
      const hello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]);
      for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
        const arrived = once(server.httpd.socket, 'connection');
        const client = connect({ port: server.port, host: '127.0.0.1' }).on('error', () => {});
        client.write(hello);
        const [connection] = (await arrived) as [Socket];
        const gone = new Promise((resolve) => connection.once('close', resolve));
        client.resume()[leave]();
        await gone;
        client.destroy();
      }
      expect(body(await exchange(secure(server), GET))).toBe('hello');
      expect(server.log).toBe('127.0.0.1 - - [-] "GET / HTTP/1.0" 200 5\n');
    }
    expect(await openResources()).toEqual(before);
  });

  test('before the server has shut down: its connection is closed then', async () => {
    await using server = await serve(helloApp, { certfile: PEM });
    const arrived = once(server.httpd.socket, 'connection');
    const client = connect({ port: server.port, host: '127.0.0.1' }).on('error', () => {});
    // The beginning of a ClientHello.
    client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]));
    const [connection] = (await arrived) as [Socket];
    const gone = once(client.resume(), 'close');
    await server.httpd.shutdown();
    expect(connection.destroyed).toBe(true);
    await gone;
  });

  test('since it says nothing: serverClose() does not wait for it', async () => {
    const server = await serve(helloApp, { certfile: PEM });
    const arrived = once(server.httpd.socket, 'connection');
    await using client = await RawClient.connect(server);
    await arrived;
    await server[Symbol.asyncDispose]();
    expect(await client.reply()).toBe('');
  });

  test('counts as a connection, and one too many is closed before its handshake', async () => {
    await using server = await serve(helloApp, { certfile: PEM });
    server.httpd.maxConnections = 1;
    const arrived = once(server.httpd.socket, 'connection');
    const silent = await RawClient.connect(server);
    const [connection] = (await arrived) as [Socket];
    await expect(RawClient.connect(secure(server))).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN|^EPIPE/) as unknown,
    });
    const gone = new Promise((resolve) => connection.once('close', resolve));
    await silent.close();
    await gone;
    expect(body(await exchange(secure(server), GET))).toBe('hello');
  });
});

describe('shutdown() over TLS', () => {
  test('closes a connection on which nothing has been said, and one that idles', async () => {
    await using server = await serve(helloApp, { ...options, certfile: PEM });
    await using silent = await RawClient.connect(secure(server));
    await using idle = await RawClient.connect(secure(server));
    await idle.send(get('/'));
    await idle.waitFor('hello');
    const stopped = server.httpd.shutdown();
    expect(await silent.reply()).toBe('');
    expect(await idle.reply()).toMatch(/hello$/);
    await idle.close();
    await stopped;
  });

  test('lets a request in flight finish', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    await using server = await serve(
      async (environ, startResponse) => {
        begin();
        await released;
        return helloApp(environ, startResponse);
      },
      { ...options, certfile: PEM },
    );
    const reply = exchange(secure(server), get('/'));
    await begun;
    const stopped = server.httpd.shutdown();
    release();
    expect(body(await reply)).toBe('hello');
    await stopped;
  });
});

describe('HTTPSServer', () => {
  class Hello extends BaseHTTPRequestHandler {
    async doGET(): Promise<void> {
      this.sendResponse(200);
      await this.endHeaders();
      await this.wfile.write(encodeLatin1(`hello from ${this.path}`));
    }
  }

  test('serves a request handler that knows nothing of TLS', async () => {
    const httpd = new HTTPSServer(['127.0.0.1', 0], Hello, { certfile, keyfile });
    await httpd.serverBind();
    await httpd.serverActivate();
    await using server = new Running(httpd);
    expect(body(await exchange(secure(server), 'GET /x HTTP/1.0\r\n\r\n'))).toBe('hello from /x');
    expect(httpd).toMatchObject({
      certfile,
      keyfile,
      password: null,
      alpnProtocols: ['http/1.1'],
      handshakeTimeout: 60,
      serverName: 'localhost',
      serverPort: server.port,
    });
  });

  test('keeps what it was given', () => {
    const tls = {
      certfile,
      keyfile: lockedKeyfile,
      password: PASSWORD,
      alpnProtocols: ['x'],
      handshakeTimeout: 5,
    };
    expect(new HTTPSServer(['127.0.0.1', 0], Hello, tls)).toMatchObject(tls);
  });
});

test('WSGIServer takes the same options as a third argument', async () => {
  const httpd = new WSGIServer(['127.0.0.1', 0], WSGIRequestHandler, { certfile, keyfile });
  httpd.setApp(helloApp);
  await httpd.serverBind();
  await httpd.serverActivate();
  await using server = new Running(httpd);
  expect(body(await exchange(secure(server), GET))).toBe('hello');
});

/** The content of a chunked body; of another, itself. */
function dechunk(text: string): string {
  if (!/^[0-9a-f]+\r\n/.test(text)) return text;
  let content = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    const size = parseInt(text.slice(at, end), 16);
    if (size === 0) return content;
    content += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
