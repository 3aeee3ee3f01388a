// The same requests to a live server, over a raw socket.

import { once } from 'node:events';
import { createServer } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { Client, client, IncompleteResponse, LiveTransport } from '@wsgiref/testing';
import { demoApp } from '@wsgiref/simple-server';
import { serve } from '../support/serve.ts';
import { answer, echo, rawServer } from './support.ts';

describe('client({ url })', () => {
  test('gets from a server what it gets from the application', async () => {
    await using running = await serve(echo);
    const url = `http://127.0.0.1:${running.port}`;
    const request = { form: { a: '1' }, query: { b: '2' } };
    const [here, there] = await Promise.all(
      [client(echo), client({ url })].map((web) => web.post('/x', request)),
    );
    expect(there!.status).toBe(here!.status);
    expect(there!.body).toEqual(here!.body);
    expect(there!.target).toBe(here!.target);
    const ofServer = ['Date', 'Server'];
    const [mine, its] = [here!, there!].map(({ headers }) =>
      headers.items().filter(([name]) => !ofServer.includes(name)),
    );
    expect(its).toEqual(mine);
    expect(there!.errors).toBe('');
  });

  test('follows redirects, and keeps cookies', async () => {
    await using running = await serve((environ, startResponse) => {
      if (environ.PATH_INFO === '/end') return answer(environ.HTTP_COOKIE!)(environ, startResponse);
      const location = `http://${environ.HTTP_HOST!}/end`;
      startResponse('302 Found', [
        ['Location', location],
        ['Set-Cookie', 'a=1'],
      ]);
      return [];
    });
    const options = { cookies: true, followRedirects: true };
    const web = client({ url: `http://127.0.0.1:${running.port}` }, options);
    expect((await web.get('/')).text()).toBe('a=1');
  });

  test('serves any application, at a loopback address of version 6, too', async () => {
    await using running = await serve(demoApp);
    expect((await client({ url: `http://localhost:${running.port}` }).get('/')).text()).toMatch(
      /^Hello world!/,
    );
    const refused = client({ url: `http://[::1]:${running.port}` }).get('/');
    await expect(refused).rejects.toMatchObject({ address: '::1' });
  });

  test('keeps path, case and order as they are', async () => {
    await using server = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const headers = [
      ['x-B', '1'],
      ['X-a', 'caf\xe9'],
      ['x-B', '2'],
    ] as const;
    await client(server).post('//a/../b%zz?c d#e', { headers, body: '\u00e9' });
    expect(server.received).toBe(
      'POST //a/../b%zz?c%20d#e HTTP/1.1\r\n' +
        `Host: ${server.url.slice(7)}\r\nConnection: close\r\n` +
        'x-B: 1\r\nX-a: caf\xe9\r\nx-B: 2\r\nContent-Length: 2\r\n\r\n\xc3\xa9',
    );
  });

  test('speaks HTTP/1.0 if asked, and leaves Host and Connection to the test', async () => {
    await using server = await rawServer('HTTP/1.0 200 OK\r\n\r\nhello');
    const web = client(server, { httpVersion: '1.0' });
    expect((await web.options('*', { headers: { host: 'x' } })).text()).toBe('hello');
    expect(server.received).toBe('OPTIONS * HTTP/1.0\r\nhost: x\r\n\r\n');
    await client(server).get('/', { headers: { connection: 'Close' } });
    expect(server.received).toBe(
      `GET / HTTP/1.1\r\nHost: ${server.url.slice(7)}\r\nconnection: Close\r\n\r\n`,
    );
  });

  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more'],
    [
      'the same length twice',
      'HTTP/1.1 200\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
    ],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n03 ;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n',
    ],
    [
      'an interim response',
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello',
    ],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'],
  ])('reads a response with %s, though the connection stays open', async (_, reply) => {
    await using server = await rawServer(reply, true);
    const response = await client(server).get('/');
    expect([response.statusCode, response.text()]).toEqual([200, 'hello']);
  });

  test.each(['204 No Content', '304 Not Modified', '101 Switching Protocols'])(
    'reads no body of a %s',
    async (status) => {
      await using server = await rawServer(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\n`, true);
      expect(await client(server).get('/')).toMatchObject({ status, body: new Uint8Array(0) });
    },
  );

  test('reads no body for HEAD', async () => {
    await using server = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', true);
    expect((await client(server).head('/')).headers.get('Content-Length')).toBe('5');
  });

  test('reads a body of many blocks', async () => {
    const body = 'x'.repeat(300_000);
    await using server = await rawServer(
      `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${body}`,
    );
    expect((await client(server).get('/')).text()).toBe(body);
  });

  test.each([
    ['Content-Length: 5\r\n\r\nhel', 'hel', '3 of the 5 bytes of its Content-Length'],
    ['Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n', 'hel', 'chunks, and not the last'],
    ['Transfer-Encoding: chunked\r\n\r\n5\r\nhel', 'hel', '3 of the 5 bytes of a chunk'],
  ])('says that %j is incomplete', async (rest, body, missing) => {
    await using server = await rawServer(`HTTP/1.1 200 OK\r\n${rest}`);
    const error: unknown = await client(server)
      .get('/')
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(IncompleteResponse);
    expect((error as Error).message).toBe(`the response has ended after ${missing}`);
    expect((error as IncompleteResponse).response.text()).toBe(body);
  });

  test.each([
    ['', 'the server has closed the connection without a response'],
    ['hello\r\n', "'hello' is no status line of HTTP/1"],
    ['HTTP/2 200 OK\r\n', "'HTTP/2 200 OK' is no status line of HTTP/1"],
    ['HTTP/1.1 200 O', "a line of the response is cut off: 'HTTP/1.1 200 O'"],
    ['HTTP/1.1 200 OK\r\n', 'the response has ended in the middle of its head'],
    ['HTTP/1.1 200 OK\r\nX : y\r\n\r\n', "'X : y' is no header"],
    ['HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n', "' z' is no header"],
    [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(65536)}\r\n\r\n`, 'is longer than 65536 bytes'],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', "the response has a bad Content-Length: 'x'"],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      "a bad Content-Length: '1', '2'",
    ],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', "the transfer coding 'gzip' is unknown"],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', "'x' is no size of a chunk"],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
      "a chunk of 1 bytes goes on with 'b'",
    ],
  ])('refuses the response %j', async (reply, message) => {
    await using server = await rawServer(reply);
    await expect(client(server).get('/')).rejects.toThrow(message);
  });

  test('is a client of a transport', async () => {
    await using server = await rawServer('HTTP/1.1 200 OK\r\n\r\nhello');
    expect((await new Client(new LiveTransport(server.url)).get('/')).text()).toBe('hello');
  });

  test('waits for a silent server no longer than it was told', async () => {
    await using server = await rawServer(null);
    await expect(client(server, { timeout: 50 }).get('/')).rejects.toThrow(
      new Error('the server has been silent for 50 ms'),
    );
  });

  test('speaks TLS', async () => {
    // A key that both know, so that no certificate is needed.
    const key = { psk: Buffer.from('a key for this test'), identity: 'test' };
    const tls = {
      ciphers: 'PSK-AES128-GCM-SHA256',
      maxVersion: 'TLSv1.2',
      pskCallback: () => key,
      checkServerIdentity: () => undefined,
    } as const;
    const options = { ...tls, pskCallback: () => key.psk };
    const httpd = createServer(options, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    httpd.listen(0, '127.0.0.1');
    await once(httpd, 'listening');
    try {
      const url = `https://127.0.0.1:${(httpd.address() as { port: number }).port}`;
      expect((await client({ url }, { tls }).get('/')).text()).toBe('hello');
      await expect(client({ url }).get('/')).rejects.toThrow(/handshake failure/);
    } finally {
      httpd.close();
      await once(httpd, 'close');
    }
  });

  test.each(['http://localhost/a', 'http://localhost/?a', 'ftp://localhost', 'http://a@localhost'])(
    'refuses %s',
    (url) => {
      expect(() => client({ url })).toThrow(
        new RangeError(
          `'${url}' should be no more than scheme, host and port, as 'http://localhost:8000'`,
        ),
      );
    },
  );

  test('refuses what is no URL', () => {
    const error = expect.objectContaining({ code: 'ERR_INVALID_URL' });
    expect(() => client({ url: 'localhost' })).toThrow(error);
  });

  test('asks the port of the scheme where there is none', async () => {
    // Nothing listens there; what it was tried at is in the error.
    await expect(client({ url: 'http://127.0.0.1' }).get('/')).rejects.toMatchObject({ port: 80 });
    await expect(client({ url: 'https://127.0.0.1' }).get('/')).rejects.toMatchObject({
      port: 443,
    });
  });
});
