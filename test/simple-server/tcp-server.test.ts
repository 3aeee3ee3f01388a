// How servers bind, what they are called, and what is left when they are closed.

import { once } from 'node:events';
import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import {
  BaseRequestHandler,
  HTTPServer,
  makeServer,
  StreamRequestHandler,
  TCPServer,
  UnixStreamServer,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { requestUri } from '@wsgiref/util';
import { exchange, RawClient } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { openResources, serve } from '../support/serve.ts';
import { captureStandardError } from '../support/standard-error.ts';
import { gate, GET, helloApp } from './apps.ts';

const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

describe('binding', () => {
  test('DIFFERS(19): the constructor does not bind, serverBind() does', async () => {
    const httpd = new TCPServer(['127.0.0.1', 0], BaseRequestHandler);
    expect(httpd.socket.listening).toBe(false);
    expect(httpd.serverAddress).toEqual(['127.0.0.1', 0]);
    await httpd.serverBind();
    await using _closed = httpd;
    const [host, port] = httpd.serverAddress;
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    expect(httpd.socket.address()).toMatchObject({ address: host, port });

    // Clients may connect before serverActivate(); they wait.
    await using client = await RawClient.connect({ port });
    await httpd.serverActivate();
    const handled = httpd.handleRequest();
    expect(await client.reply()).toBe('');
    client.end();
    await handled;
  });

  test('a port that is in use is reported, and nothing is left open', async () => {
    await using first = await makeServer('127.0.0.1', 0, helloApp);
    const { sockets } = await openResources();
    await expect(makeServer('127.0.0.1', first.serverPort, helloApp)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    expect(await openResources()).toMatchObject({ sockets });
  });

  test('a server that fails when it listens already is closed', async () => {
    const { sockets } = await openResources();
    class Failing extends WSGIServer {
      override setupEnviron(): never {
        throw new Error('no environ');
      }
    }
    const options = { serverClass: Failing };
    await expect(makeServer('127.0.0.1', 0, helloApp, options)).rejects.toThrow('no environ');
    expect(await openResources()).toMatchObject({ sockets });
  });

  test('a host that is none of this machine is reported', async () => {
    await expect(makeServer('192.0.2.1', 0, helloApp)).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });

  test('what is no application is refused before anything is bound', async () => {
    const { sockets } = await openResources();
    const application = 'hello' as unknown as WSGIApplicationLike;
    await expect(makeServer('127.0.0.1', 0, application)).rejects.toThrow(
      'application must be a function, a class or an object with a __call__() method',
    );
    expect(await openResources()).toMatchObject({ sockets });
  });

  test.each([
    ['127.0.0.1', '127.0.0.1', 'localhost'],
    ['127.0.0.2', '127.0.0.2', 'localhost'],
    ['localhost', '127.0.0.1', 'localhost'],
    ['', '0.0.0.0', hostname()],
    ...(HAS_IPV6
      ? [
          ['::1', '::1', 'localhost'],
          ['::', '::', hostname()],
        ]
      : []),
  ])('DIFFERS(24): host %j is bound to %s and called %s', async (host, address, name) => {
    await using httpd = await makeServer(host, 0, helloApp);
    expect(httpd.serverAddress).toEqual([address, httpd.serverPort]);
    expect(httpd.serverName).toBe(name);
    expect(httpd.baseEnviron).toEqual({
      SERVER_NAME: name,
      SERVER_PORT: String(httpd.serverPort),
      GATEWAY_INTERFACE: 'CGI/1.1',
      SCRIPT_NAME: '',
      CONTENT_LENGTH: '',
    });
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['fe80::1%eth0', '[fe80::1]'],
  ])('DIFFERS(24): %s is called %s, as it stands in a URL', async (host, name) => {
    class Named extends WSGIServer {
      protected override async _listen(where: { host: string; port: number }) {
        await super._listen({ ...where, host: '127.0.0.1' });
        // As if it were an address of this machine.
        const { port } = this.socket.address() as { port: number };
        jest
          .spyOn(this.socket, 'address')
          .mockReturnValue({ address: where.host, port, family: '' });
      }
    }
    await using httpd = await makeServer(host, 0, helloApp, { serverClass: Named });
    expect(httpd.serverName).toBe(name);
    const environ = { ...httpd.baseEnviron, 'wsgi.url_scheme': 'http', PATH_INFO: '/a' };
    const uri = requestUri(environ);
    expect(new URL(uri).href).toBe(`http://${name}:${httpd.serverPort}/a`);
  });

  test('DIFFERS(20): requestQueueSize is 511, and goes to the system', async () => {
    class Queueing extends TCPServer {
      override requestQueueSize = 7;
      override allowReusePort = true;
    }
    for (const [Server, options] of [
      [TCPServer, { backlog: 511 }],
      [Queueing, { backlog: 7, reusePort: true }],
    ] as const) {
      const httpd = new Server(['127.0.0.1', 0], BaseRequestHandler);
      const listen = jest.spyOn(httpd.socket, 'listen');
      await httpd.serverBind();
      await httpd.serverClose();
      expect(listen.mock.calls).toMatchObject([[{ host: '127.0.0.1', port: 0, ...options }]]);
    }
  });

  test.each([true, false])(
    'DIFFERS(35): with allowReuseAddress %s a port is free at once',
    async (allowReuseAddress) => {
      using _stderr = captureStandardError();
      const first = await makeServer('127.0.0.1', 0, helloApp);
      const { serverPort } = first;
      const serving = first.serveForever();
      // The server closes first, so that the connection lingers on its side.
      expect(body(await exchange({ port: serverPort }, GET))).toBe('hello');
      await first.serverClose();
      await serving;
      class Reusing extends WSGIServer {
        override allowReuseAddress = allowReuseAddress;
      }
      await using second = await makeServer('127.0.0.1', serverPort, helloApp, {
        serverClass: Reusing,
      });
      expect(second.serverPort).toBe(serverPort);
    },
  );

  test('getRequest() without a client that waits is an error', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    expect(() => httpd.getRequest()).toThrow('no connection is waiting');
  });
});

describe('closing', () => {
  test('serverClose() may be called twice, and before anything is bound', async () => {
    const httpd = new HTTPServer(['127.0.0.1', 0], BaseRequestHandler);
    await httpd.serverClose();
    const bound = await makeServer('127.0.0.1', 0, helloApp);
    await Promise.all([bound.serverClose(), bound.serverClose()]);
    await bound.serverClose();
    expect(bound.socket.listening).toBe(false);
  });

  test('DIFFERS(37): serverClose() while serving ends connections and serveForever()', async () => {
    let called!: () => void;
    const inFlight = new Promise<void>((resolve) => (called = resolve));
    const { promise, open } = gate();
    await using server = await serve(async (environ, startResponse) => {
      called();
      await promise;
      return helloApp(environ, startResponse);
    });
    await using client = await RawClient.connect(server);
    await client.send(GET);
    await inFlight;
    const closed = server.httpd.serverClose();
    expect(await client.reply()).toBe('');
    await closed;
    open();
    await server.serving;
    expect(server.log).toBe('');
  });

  test('DIFFERS(37): serverClose() closes connections that nobody has taken', async () => {
    const httpd = await makeServer('127.0.0.1', 0, helloApp);
    const accepted = once(httpd.socket, 'connection');
    await using client = await RawClient.connect({ port: httpd.serverPort });
    await accepted;
    await httpd.serverClose();
    expect(await client.reply()).toBe('');
    expect(() => httpd.getRequest()).toThrow('no connection is waiting');
  });

  test('serverClose() from within serviceActions() ends serveForever()', async () => {
    class Closing extends WSGIServer {
      override async serviceActions() {
        await this.serverClose();
      }
    }
    const httpd = await makeServer('127.0.0.1', 0, helloApp, { serverClass: Closing });
    await httpd.serveForever({ pollInterval: 0 });
    expect(httpd.socket.listening).toBe(false);
  });

  test('`await using` closes the server', async () => {
    let inner: WSGIServer;
    {
      await using httpd = await makeServer('127.0.0.1', 0, helloApp);
      inner = httpd;
      expect(inner.socket.listening).toBe(true);
    }
    expect(inner.socket.listening).toBe(false);
  });

  test('closeRequest() may be overridden to know when a connection is over', async () => {
    const { promise, open } = gate();
    class Knowing extends WSGIServer {
      override closeRequest(request: Parameters<WSGIServer['closeRequest']>[0]) {
        super.closeRequest(request);
        if (request.destroyed) open();
      }
    }
    await using server = await serve(helloApp, { serverClass: Knowing });
    await exchange(server, GET);
    await promise;
  });
});

describe('makeServer()', () => {
  test('makes the classes that it is given', async () => {
    class Server extends WSGIServer {
      override setupEnviron() {
        super.setupEnviron();
        this.baseEnviron['example.tenant'] = 'a';
        this.baseEnviron.HTTPS = 'on';
      }
    }
    class Handler extends WSGIRequestHandler {
      override serverVersion = 'Example/1';
    }
    await using server = await serve(
      (environ, startResponse) => {
        const { SERVER_SOFTWARE, HTTPS } = environ;
        startResponse('200 OK', []);
        return [
          Buffer.from(
            `${environ['example.tenant'] as string} ${SERVER_SOFTWARE as string} ` +
              `${HTTPS as string} ${environ['wsgi.url_scheme']}`,
          ),
        ];
      },
      { serverClass: Server, handlerClass: Handler },
    );
    expect(server.httpd).toBeInstanceOf(Server);
    expect(server.httpd.RequestHandlerClass).toBe(Handler);
    expect(body(await exchange(server, GET))).toBe('a Example/1 on https');
  });

  test('setApp() changes the application, of any form, while the server runs', async () => {
    await using server = await serve(helloApp);
    const { httpd } = server;
    expect(httpd.getApp()).toBe(helloApp);
    httpd.setApp({
      __call__: (_environ, startResponse) => {
        startResponse('200 OK', []);
        return [Buffer.from('other')];
      },
    });
    expect(body(await exchange(server, GET))).toBe('other');
    httpd.setApp(null);
    expect(httpd.getApp()).toBeNull();
  });
});

describe('UnixStreamServer', () => {
  test('serves on a path, and removes it', async () => {
    using _stderr = captureStandardError();
    const folder = mkdtempSync(join(tmpdir(), 'wsgiref-'));
    try {
      const path = join(folder, 'socket');
      const addresses: unknown[] = [];
      class Echo extends StreamRequestHandler {
        override async handle() {
          addresses.push(this.clientAddress);
          await this.wfile.write(await this.rfile.readline());
        }
      }
      const server = new UnixStreamServer(path, Echo);
      expect(server.path).toBe(path);
      await server.serverBind();
      await server.serverActivate();
      const serving = server.serveForever();
      expect(await exchange({ path }, 'hi\n')).toBe('hi\n');
      expect(addresses).toEqual([['', 0]]);
      await server.shutdown();
      await serving;
      await server.serverClose();
      expect(existsSync(path)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what goes wrong after the server has been set up', () => {
  test('nothing can be served after shutdown(): the listening socket is closed', async () => {
    await using httpd = await makeServer('127.0.0.1', 0, helloApp);
    const serving = httpd.serveForever();
    await httpd.shutdown();
    await serving;
    await expect(httpd.serveForever()).rejects.toThrow('the server does not listen');
    await expect(httpd.handleRequest()).rejects.toThrow('the server does not listen');
  });

  test('an error of the listening socket does not end the process', async () => {
    await using server = await serve(helloApp);
    server.httpd.socket.emit('error', new Error('accept EMFILE'));
    expect(body(await exchange(server, GET))).toBe('hello');
  });

  test('a handleError() that fails does not leave the connection open', async () => {
    class Failing extends WSGIServer {
      override handleError(): never {
        throw new Error('no disk for the log');
      }
    }
    class Broken extends WSGIRequestHandler {
      override getEnviron(): never {
        throw new Error('broken');
      }
    }
    await using server = await serve(helloApp, { serverClass: Failing, handlerClass: Broken });
    // The connection ends: otherwise this would wait for ever.
    expect(await exchange(server, GET)).toBe('');
  });

  test('without a lingerTimeout the connection is closed at once', async () => {
    await using server = await serve(helloApp);
    server.httpd.lingerTimeout = 0;
    await using client = await RawClient.connect(server);
    const closed = new Promise<void>((resolve) => {
      const { closeRequest } = server.httpd;
      server.httpd.closeRequest = (request) => {
        resolve();
        return closeRequest.call(server.httpd, request);
      };
    });
    await client.send(GET);
    await closed;
    expect(body(await client.reply())).toBe('hello');
  });
});
