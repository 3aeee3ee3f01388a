// A FastCGI server and a web server, over sockets.

import type { Socket } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { FastCGIServer, FastCGIRequestHandler, makeServer } from '@wsgiref/fastcgi';
import type { WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import {
  ask,
  fcgi,
  fcgiBegin,
  fcgiPairs,
  fcgiRecord,
  fcgiRequest,
  fcgiResponse,
  fcgiStream,
  splitFcgi,
} from '../support/gateway-clients.mjs';
import { defer, serveGateway, type ServingGateway } from '../support/serve-gateway.ts';
import { FcgiClient } from './client.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

const GET = { REQUEST_METHOD: 'GET', PATH_INFO: '/a' };
const POST = { REQUEST_METHOD: 'POST', PATH_INFO: '/a' };
const COMPLETE = 0;
const CANT_MULTIPLEX = 1;
const OVERLOADED = 2;
const UNKNOWN_ROLE = 3;

/** Answers with method, path and body. */
const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', []);
  return [Buffer.from(`${environ.REQUEST_METHOD} ${environ.PATH_INFO} `), body];
};

function signalOf(environ: WSGIEnvironment): AbortSignal {
  return environ['wsgiref.signal']!;
}

function aborted(environ: WSGIEnvironment): Promise<unknown> {
  return new Promise((resolve) => signalOf(environ).addEventListener('abort', resolve));
}

describe('a request', () => {
  test('is answered in records, and the connection closed', async () => {
    await using server = await serveGateway(makeServer, echo);
    const reply = await ask(server.address, fcgiRequest(POST, Buffer.from('body')));
    const { records, rest } = splitFcgi(reply);
    expect(rest).toHaveLength(0);
    expect(records.map(({ type }) => type)).toEqual([
      fcgi.STDOUT,
      fcgi.STDOUT,
      fcgi.STDOUT,
      fcgi.END_REQUEST,
    ]);
    expect(records[2]!.content).toHaveLength(0);
    const { stdout, stderr, status } = fcgiResponse(records);
    expect(stdout.toString()).toBe('Status: 200 OK\r\n\r\nPOST /a body');
    expect([stderr, status]).toEqual(['', COMPLETE]);
    expect(server.log.text).toBe('');
  });

  test.each([
    [1, 0],
    [1, 255],
    [7, 3],
  ])('may be split into records of %d bytes, with %d of padding', async (size, padding) => {
    await using server = await serveGateway(makeServer, echo);
    const request = fcgiRequest({ ...POST, HTTP_LONG: 'x'.repeat(300) }, Buffer.from('the body'), {
      size,
      padding,
    });
    const { stdout } = fcgiResponse(splitFcgi(await ask(server.address, request)).records);
    expect(stdout.toString()).toMatch(/POST \/a the body$/);
  });

  test('may have no parameters and no body, and is refused', async () => {
    await using server = await serveGateway(makeServer, echo);
    const { records } = splitFcgi(await ask(server.address, fcgiRequest({})));
    expect(fcgiResponse(records).stdout.toString()).toMatch(/^Status: 400 Bad Request\r\n/);
    expect(server.log.text).toContain('REQUEST_METHOD');
  });

  test('whose body is longer than its CONTENT_LENGTH has the rest of it cut off', async () => {
    await using server = await serveGateway(makeServer, echo);
    const request = fcgiRequest({ ...POST, CONTENT_LENGTH: '2' }, Buffer.from('body'));
    const { stdout } = fcgiResponse(splitFcgi(await ask(server.address, request)).records);
    expect(stdout.toString()).toMatch(/POST \/a bo$/);
  });

  test('may have megabytes in both directions', async () => {
    await using server = await serveGateway(makeServer, async function* (environ, startResponse) {
      startResponse('200 OK', []);
      for (;;) {
        const block = await environ['wsgi.input'].read(100_000);
        if (block.length === 0) return;
        yield block;
      }
    });
    const body = Buffer.alloc(3_000_000, 'abcdefg');
    const request = fcgiRequest({ ...POST, CONTENT_LENGTH: String(body.length) }, body);
    const { stdout } = fcgiResponse(splitFcgi(await ask(server.address, request)).records);
    expect(stdout.subarray(stdout.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true);
  });

  test('comes and goes as it is read and written: a question for each answer', async () => {
    await using server = await serveGateway(makeServer, async function* (environ, startResponse) {
      startResponse('200 OK', []);
      for await (const line of environ['wsgi.input']) yield Buffer.from(`<${String(line)}>`);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    for (const n of [1, 2, 3]) {
      await client.send(fcgiRecord(fcgi.STDIN, 1, Buffer.from(`${n}\n`)));
      await client.record(fcgi.STDOUT);
      expect(client.records.at(-1)!.content.toString()).toMatch(/^(Status: [^]*\r\n\r\n)?<\d+.*/);
      client.records.length = 0;
    }
    await client.send(fcgiRecord(fcgi.STDIN, 1));
    expect((await client.response()).status).toBe(COMPLETE);
  });
});

describe('a response', () => {
  /** Counts what is written to the sockets of a server. */
  function countWrites(httpd: FastCGIServer): { count: number } {
    const writes = { count: 0 };
    httpd.RequestHandlerClass = class extends FastCGIRequestHandler {
      override setup(): void {
        void super.setup();
        const { connection } = this;
        const write = connection.write.bind(connection) as (...args: unknown[]) => boolean;
        connection.write = (...args: unknown[]) => {
          writes.count++;
          return write(...args);
        };
      }
    };
    return writes;
  }

  /** The fewest writes that one of several requests took: on a busy machine some take more. */
  async function fewestWrites(
    server: ServingGateway<FastCGIServer>,
    request: Buffer,
  ): Promise<number> {
    const writes = countWrites(server.httpd);
    await using client = await FcgiClient.connect(server.address);
    const counts: number[] = [];
    for (let i = 0; i < 10; i++) {
      const before = writes.count;
      await client.send(request);
      expect((await client.response()).stdout.toString()).toMatch(/body$/);
      counts.push(writes.count - before);
    }
    return Math.min(...counts);
  }

  test('that is an array goes out with the end of its request, in one piece', async () => {
    await using server = await serveGateway(makeServer, (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return [Buffer.from('a '), Buffer.from('body')];
    });
    expect(await fewestWrites(server, fcgiRequest(GET, undefined, { keep: true }))).toBe(1);
  });

  test('to a request with a short body, too, which is there when the application begins', async () => {
    await using server = await serveGateway(makeServer, echo);
    const request = fcgiRequest({ ...POST, CONTENT_LENGTH: '4' }, Buffer.from('body'), {
      keep: true,
    });
    expect(await fewestWrites(server, request)).toBe(1);
  });

  test('may have a head that is larger than a record', async () => {
    const value = 'x'.repeat(100_000);
    await using server = await serveGateway(makeServer, (_environ, startResponse) => {
      startResponse('200 OK', [['X-Long', value]]);
      return [Buffer.from('body')];
    });
    const { records } = splitFcgi(await ask(server.address, fcgiRequest(GET)));
    expect(fcgiResponse(records).stdout.toString()).toMatch(`X-Long: ${value}\r\n`);
    expect(records.filter(({ content }) => content.length > 0)).toHaveLength(3);
  });

  describe('that the web server does not take', () => {
    const block = Buffer.alloc(20_000_000, 'x');

    /** A connection that is full of the response to request 1. */
    async function fill(
      other: WSGIApplication,
      connections: Socket[] = [],
    ): Promise<{ server: ServingGateway<FastCGIServer>; client: FcgiClient }> {
      const server = await serveGateway(makeServer, (environ, startResponse) => {
        if (environ.PATH_INFO !== '/big') return other(environ, startResponse);
        startResponse('200 OK', []);
        return [block];
      });
      server.httpd.RequestHandlerClass = class extends FastCGIRequestHandler {
        override setup(): void {
          void super.setup();
          connections.push(this.connection);
        }
      };
      const client = await FcgiClient.connect(server.address);
      client.socket.pause();
      await client.send(fcgiRequest({ ...GET, PATH_INFO: '/big' }, undefined, { keep: true }));
      while (server.httpd.requestCount === 0) await new Promise(setImmediate);
      return { server, client };
    }

    test('holds back the end of the next', async () => {
      const { server, client } = await fill(echo);
      await using _server = server;
      await using _client = client;
      await client.send(fcgiBegin(2), fcgiRecord(fcgi.ABORT_REQUEST, 2));
      while (server.httpd.requestCount < 2) await new Promise(setImmediate);
      client.socket.resume();
      expect((await client.response()).stdout.length).toBeGreaterThan(block.length);
      expect(await client.response(2)).toMatchObject({ status: COMPLETE });
      await client.ended();
      expect(server.httpd.requestCount).toBe(0);
    });

    test('is given up with its connection, and so is the end of the next', async () => {
      const { server, client } = await fill(echo);
      await using _server = server;
      await client.send(fcgiBegin(2), fcgiRecord(fcgi.ABORT_REQUEST, 2));
      while (server.httpd.requestCount < 2) await new Promise(setImmediate);
      client.socket.resetAndDestroy();
      await server.httpd.shutdown();
      expect(server.httpd.requestCount).toBe(0);
      expect(server.log.text).toBe('');
    });

    test('is given up when the connection is lost in the middle of the next', async () => {
      const connections: Socket[] = [];
      const { server, client } = await fill((_environ, startResponse) => {
        for (const connection of connections) connection.destroy();
        startResponse('200 OK', []);
        return [Buffer.from('nobody is there')];
      }, connections);
      await using _server = server;
      await using _client = client;
      await client.send(fcgiRequest(GET, undefined, { id: 2, keep: true }));
      await server.httpd.shutdown();
      expect(server.httpd.requestCount).toBe(0);
      expect(server.log.text).toBe('');
    });
  });
});

describe('a connection', () => {
  test('serves one request after another, with the same number', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    for (const body of ['one', 'two', 'three']) {
      await client.send(fcgiRequest(POST, Buffer.from(body), { keep: true }));
      expect((await client.response()).stdout.toString()).toMatch(`POST /a ${body}`);
    }
    await client.send(fcgiRequest(POST));
    await client.response();
    await client.ended();
  });

  test('serves several requests at a time', async () => {
    const first = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      if (environ.PATH_INFO === '/first') await first.promise;
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    const environ = { ...POST, PATH_INFO: '/first' };
    await client.send(
      fcgiBegin(7, { keep: true }),
      fcgiBegin(8, { keep: true }),
      fcgiStream(fcgi.PARAMS, 7, fcgiPairs(environ)),
      fcgiStream(fcgi.PARAMS, 8, fcgiPairs(POST), 3),
      fcgiRecord(fcgi.STDIN, 7, Buffer.from('se')),
      fcgiStream(fcgi.STDIN, 8, Buffer.from('eight')),
      fcgiStream(fcgi.STDIN, 7, Buffer.from('ven')),
    );
    expect((await client.response(8)).stdout.toString()).toMatch(/POST \/a eight$/);
    first.resolve();
    expect((await client.response(7)).stdout.toString()).toMatch(/POST \/first seven$/);
  });

  test('is closed only after the last request, if one of them does not keep it', async () => {
    const first = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      if (environ.PATH_INFO === '/first') await first.promise;
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest({ ...GET, PATH_INFO: '/first' }, undefined, { keep: true }));
    await client.send(fcgiRequest(GET, undefined, { id: 2 }));
    await client.response(2);
    first.resolve();
    expect((await client.response(1)).stdout.toString()).toMatch(/GET \/first $/);
    await client.ended();
  });

  test.each([
    ['all has come', fcgiRequest(GET), true],
    ['of a body that nobody reads', fcgiRequest(POST).subarray(0, -8), false],
  ])('is closed behind a request: %s', async (_what, request, atOnce) => {
    await using server = await serveGateway(makeServer, (_environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from('here')];
    });
    let lingers: boolean | undefined;
    const { closeRequest } = server.httpd;
    jest.spyOn(server.httpd, 'shutdownRequest').mockImplementation((connection) => {
      lingers = !connection.destroyed;
      return closeRequest.call(server.httpd, connection);
    });
    expect((await ask(server.address, request)).toString()).toContain('here');
    expect(lingers).toBe(!atOnce);
  });

  test('is closed after the last request, whatever the web server was about to say', async () => {
    const begun = defer();
    const go = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      begun.resolve();
      await go.promise;
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET), Buffer.of(1, 2, 3));
    await begun.promise;
    go.resolve();
    await client.response();
    await client.ended();
    expect(server.log.text).toBe('');
  });

  test('is closed behind a response that the application has broken off', async () => {
    await using server = await serveGateway(makeServer, function* (_environ, startResponse) {
      startResponse('200 OK', [['Content-Length', '9']]);
      yield Buffer.from('half');
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    expect((await client.response()).stdout.toString()).toMatch(/half$/);
    await client.ended();
    expect(server.log.text).toContain('sent 4 of the 9 bytes of its Content-Length');
  });

  test('refuses a second request at a time if it may not multiplex', async () => {
    const first = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      await first.promise;
      return echo(environ, startResponse);
    });
    server.httpd.multiplexing = false;
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    await client.send(fcgiRequest(GET, undefined, { id: 2, keep: true }));
    expect(await client.response(2)).toMatchObject({ status: CANT_MULTIPLEX });
    first.resolve();
    expect(await client.response(1)).toMatchObject({ status: COMPLETE });
  });

  test('refuses a request when there are too many', async () => {
    await using server = await serveGateway(makeServer, echo);
    server.httpd.maxRequests = 1;
    await using client = await FcgiClient.connect(server.address);
    await client.send(
      fcgiBegin(1, { keep: true }),
      fcgiRequest(GET, undefined, { id: 2, keep: true }),
    );
    expect(await client.response(2)).toMatchObject({ status: OVERLOADED });
    await client.send(fcgiStream(fcgi.PARAMS, 1, fcgiPairs(GET)), fcgiRecord(fcgi.STDIN, 1));
    expect(await client.response(1)).toMatchObject({ status: COMPLETE });
    await client.send(fcgiRequest(GET, undefined, { id: 2 }));
    expect(await client.response(2)).toMatchObject({ status: COMPLETE });
  });

  test('refuses every role but that of a responder', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    for (const role of [2, 3]) {
      await client.send(fcgiRequest(GET, undefined, { role, keep: true }));
      expect(await client.response()).toMatchObject({ status: UNKNOWN_ROLE });
    }
    await client.send(fcgiRequest(GET, undefined, { role: 9 }));
    expect(await client.response()).toMatchObject({ status: UNKNOWN_ROLE });
    await client.ended();
    expect(server.log.text).toBe('');
  });

  test('is not read any further while a request does not read its body', async () => {
    const begun = defer();
    const go = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      begun.resolve();
      await go.promise;
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    await begun.promise;
    const body = Buffer.alloc(20_000_000, 'x');
    const sent = client.send(
      fcgiRecord(fcgi.STDIN, 1, body.subarray(0, 10)),
      fcgiRecord(fcgi.STDIN, 1, body.subarray(0, 65000)),
      fcgiStream(fcgi.STDIN, 1, body),
    );
    // What the system's buffers hold is taken; then nothing more.
    let before = -1;
    for (let turns = 0; turns < 200; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (client.socket.writableLength !== before) turns = 0;
      before = client.socket.writableLength;
    }
    expect(client.socket.writableLength).toBeGreaterThan(body.length / 4);
    go.resolve();
    const { stdout } = await client.response();
    await sent;
    expect(stdout.length).toBeGreaterThan(body.length);
  });

  test('goes on when a request has not read its body', async () => {
    await using server = await serveGateway(makeServer, (_environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from('not interested')];
    });
    await using client = await FcgiClient.connect(server.address);
    for (let n = 0; n < 2; n++) {
      await client.send(fcgiBegin(1, { keep: true }), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
      const body = fcgiStream(fcgi.STDIN, 1, Buffer.alloc(1_000_000));
      await client.send(body);
      expect((await client.response()).stdout.toString()).toMatch(/not interested$/);
    }
  });
});

describe('what the application does not do in time', () => {
  test('a request body that does not come is a 408', async () => {
    await using server = await serveGateway(makeServer, echo);
    server.httpd.readTimeout = 0.05;
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    expect((await client.response()).stdout.toString()).toMatch(/^Status: 408 Request Timeout/);
  });

  test('parameters that do not come end the connection with a logged sentence', async () => {
    await using server = await serveGateway(makeServer, echo);
    server.httpd.readTimeout = 0.05;
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1));
    await client.ended();
    expect(server.log.withoutTimes).toBe('127.0.0.1 - - [-] FastCGIServer: timed out\n');
  });

  test('without a limit both are waited for', async () => {
    const begun = defer();
    await using server = await serveGateway(makeServer, (environ, startResponse) => {
      begun.resolve();
      return echo(environ, startResponse);
    });
    server.httpd.readTimeout = null;
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1));
    await client.send(fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    await begun.promise;
    await client.send(fcgiStream(fcgi.STDIN, 1, Buffer.from('late')));
    expect((await client.response()).stdout.toString()).toMatch(/late$/);
  });
});

describe('management', () => {
  test('FCGI_GET_VALUES is answered with what is asked for and known', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    const asked = { FCGI_MAX_CONNS: '', FCGI_MAX_REQS: '', FCGI_MPXS_CONNS: '', OTHER: '' };
    await client.send(fcgiRecord(fcgi.GET_VALUES, 0, fcgiPairs(asked)));
    const known = { FCGI_MAX_CONNS: '1000', FCGI_MAX_REQS: '1000', FCGI_MPXS_CONNS: '1' };
    const { content } = await client.record(fcgi.GET_VALUES_RESULT, 0);
    expect(content).toEqual(fcgiPairs(known));
    client.records.length = 0;
    server.httpd.multiplexing = false;
    await client.send(fcgiRecord(fcgi.GET_VALUES, 0, fcgiPairs({ FCGI_MPXS_CONNS: '' })));
    const next = await client.record(fcgi.GET_VALUES_RESULT, 0);
    expect(next.content).toEqual(fcgiPairs({ FCGI_MPXS_CONNS: '0' }));
  });

  test('what is not known is answered with FCGI_UNKNOWN_TYPE', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRecord(200, 0, Buffer.from('what?')));
    const { content } = await client.record(fcgi.UNKNOWN_TYPE, 0);
    expect([...content]).toEqual([200, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('a request that is given up', () => {
  test('by FCGI_ABORT_REQUEST fires wsgiref.signal, closes the result, and is ended', async () => {
    const begun = defer();
    const closed = defer();
    await using server = await serveGateway(makeServer, (environ, startResponse) => {
      startResponse('200 OK', []);
      return {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from('first');
          begun.resolve();
          await aborted(environ);
          yield Buffer.from('too late');
        },
        close: closed.resolve,
      };
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1, { keep: true }), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(GET)));
    await begun.promise;
    await client.send(fcgiRecord(fcgi.ABORT_REQUEST, 1));
    await closed.promise;
    const { stdout, status } = await client.response();
    expect(stdout.toString()).toMatch(/first$/);
    expect(status).toBe(COMPLETE);
    // The connection is there for the next.
    await client.send(fcgiRecord(fcgi.GET_VALUES, 0, fcgiPairs({ FCGI_MAX_REQS: '' })));
    await client.record(fcgi.GET_VALUES_RESULT, 0);
    expect(server.log.text).toBe('');
  });

  test('while its body is read has the read fail, and nothing is logged', async () => {
    const begun = defer();
    await using server = await serveGateway(makeServer, (environ, startResponse) => {
      begun.resolve();
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    await begun.promise;
    await client.send(fcgiRecord(fcgi.ABORT_REQUEST, 1));
    expect(await client.response()).toMatchObject({ status: COMPLETE });
    await client.ended();
    expect(server.log.text).toBe('');
  });

  test('before its body is read has the read fail', async () => {
    const begun = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      begun.resolve();
      await aborted(environ);
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    await begun.promise;
    await client.send(fcgiRecord(fcgi.ABORT_REQUEST, 1));
    expect((await client.response()).stdout.toString()).toBe('');
  });

  test('before its parameters are complete is ended at once', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiRecord(fcgi.ABORT_REQUEST, 1));
    expect(await client.response()).toMatchObject({ status: COMPLETE });
    await client.ended();
  });

  test.each(['end', 'destroy'] as const)(
    'with its connection (%s) fires wsgiref.signal, and nothing is logged',
    async (how) => {
      const begun = defer();
      const fired = defer();
      await using server = await serveGateway(makeServer, async (environ, startResponse) => {
        begun.resolve();
        await aborted(environ);
        fired.resolve();
        return echo(environ, startResponse);
      });
      const client = await FcgiClient.connect(server.address);
      await client.send(fcgiRequest(GET, undefined, { keep: true }), fcgiBegin(2));
      await begun.promise;
      client.socket[how]();
      await fired.promise;
      await server.httpd.shutdown();
      client.socket.destroy();
      expect(server.log.text).toBe('');
      expect(server.httpd.requestCount).toBe(0);
    },
  );

  test('by serverClose() fires wsgiref.signal, and nothing is logged', async () => {
    const begun = defer();
    const server = await serveGateway(makeServer, async (environ, startResponse) => {
      begun.resolve();
      await aborted(environ);
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    await begun.promise;
    await server.httpd.serverClose();
    await server.serving;
    await server.httpd.shutdown();
    expect(server.httpd.requestCount).toBe(0);
    expect(server.log.text).toBe('');
  });

  test('with its connection while the body waits to be read fires wsgiref.signal', async () => {
    const begun = defer();
    const fired = defer();
    await using server = await serveGateway(makeServer, async (environ) => {
      begun.resolve();
      await aborted(environ);
      fired.resolve();
      return [];
    });
    const client = await FcgiClient.connect(server.address);
    await client.send(fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, fcgiPairs(POST)));
    await begun.promise;
    await client.send(fcgiRecord(fcgi.STDIN, 1, Buffer.alloc(65535)));
    await client.send(fcgiRecord(fcgi.STDIN, 1, Buffer.alloc(65535)));
    client.socket.resetAndDestroy();
    await fired.promise;
  });
});

describe('errors', () => {
  test('go to the server log alone', async () => {
    await using server = await serveGateway(makeServer, () => {
      throw new Error('swordfish');
    });
    const { records } = splitFcgi(await ask(server.address, fcgiRequest(GET)));
    expect(fcgiResponse(records)).toMatchObject({ stderr: '', status: COMPLETE });
    expect(server.log.text).toContain('swordfish');
  });

  test('go to the web server, too, where that is asked for', async () => {
    const gone = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      const errors = environ['wsgi.errors'];
      await errors.write('one\n');
      await errors.writelines(['two\n', 'thr\u20ace\n']);
      await errors.flush();
      if (environ.PATH_INFO === '/gone') {
        gone.resolve();
        await aborted(environ);
        await errors.write('too late\n');
      }
      startResponse('200 OK', []);
      return [];
    });
    server.httpd.sendErrors = true;
    const { records } = splitFcgi(await ask(server.address, fcgiRequest(GET)));
    expect(fcgiResponse(records)).toMatchObject({
      stderr: 'one\ntwo\nthr\u20ace\n',
      status: COMPLETE,
    });
    expect(records.filter(({ type }) => type === fcgi.STDERR).at(-1)!.content).toHaveLength(0);
    expect(server.log.text).toBe('one\ntwo\nthr\u20ace\n');
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest({ ...GET, PATH_INFO: '/gone' }));
    await gone.promise;
    await client.send(fcgiRecord(fcgi.ABORT_REQUEST, 1));
    await client.response();
    expect(server.log.text).toContain('too late');
  });

  test('while an error is handled are logged, and end the request', async () => {
    await using server = await serveGateway(makeServer, () => {
      throw new Error('of the application');
    });
    const { log } = server;
    let writes = 0;
    server.httpd.errorLog = {
      write(text) {
        if (writes++ === 0) throw new Error('of the log');
        log.write(text);
      },
      writelines() {},
      flush() {},
    };
    const { records } = splitFcgi(await ask(server.address, fcgiRequest(GET)));
    expect(fcgiResponse(records).status).toBe(COMPLETE);
    expect(log.text).toContain('Error: of the log');
  });

  test('parameters that are too long are answered with a 431, and the connection goes on', async () => {
    await using server = await serveGateway(makeServer, echo);
    server.httpd.maxParamsSize = 1000;
    await using client = await FcgiClient.connect(server.address);
    const long = { ...GET, HTTP_LONG: 'x'.repeat(2000) };
    await client.send(fcgiRequest(long, undefined, { size: 100, keep: true }));
    const { stdout } = await client.response();
    expect(stdout.toString()).toMatch(/^Status: 431 Request Header Fields Too Large\r\n/);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    expect((await client.response()).stdout.toString()).toMatch(/GET \/a $/);
    expect(server.log.withoutTimes).toBe(
      '127.0.0.1 - - [-] FastCGIServer: the parameters have more than 1000 bytes\n',
    );
  });

  const PARAMS = fcgiStream(fcgi.PARAMS, 1, fcgiPairs(GET));
  const cases: readonly [what: string, sent: Buffer[], message: string][] = [
    ['another protocol', [Buffer.from('GET / HTTP/1.0')], 'has the version 71, not 1'],
    ['a record that is cut off', [fcgiBegin(1).subarray(0, 12)], 'after 12 of the 16 bytes'],
    ['a beginning that is too short', [fcgiRecord(1, 1, Buffer.alloc(3))], 'has 8 bytes, not 3'],
    ['two beginnings', [fcgiBegin(1), fcgiBegin(1)], 'request 1 begins a second time'],
    [
      'a body before its time',
      [fcgiBegin(1), fcgiRecord(fcgi.STDIN, 1)],
      'FCGI_STDIN comes before',
    ],
    [
      'parameters after their time',
      [fcgiBegin(1), PARAMS, PARAMS],
      'come after the end of FCGI_PARAMS',
    ],
    [
      'a body after its end',
      [fcgiBegin(1), PARAMS, fcgiRecord(fcgi.STDIN, 1), fcgiRecord(fcgi.STDIN, 1)],
      'FCGI_STDIN comes after its end',
    ],
    [
      'parameters that are none',
      [fcgiBegin(1), fcgiStream(fcgi.PARAMS, 1, Buffer.from([200]))],
      'ends beyond their 1 bytes',
    ],
    [
      'values that are none',
      [fcgiRecord(fcgi.GET_VALUES, 0, Buffer.from([9]))],
      'beyond their 1 bytes',
    ],
    [
      'data for a filter',
      [fcgiBegin(1), fcgiRecord(fcgi.DATA, 1)],
      'a record of type 8 has no place',
    ],
    [
      'a type that nobody knows',
      [fcgiBegin(1), fcgiRecord(99, 1)],
      'a record of type 99 has no place',
    ],
  ];
  test.each(cases)(
    '%s ends the connection with a logged sentence',
    async (_what, sent, message) => {
      const go = defer();
      await using server = await serveGateway(makeServer, async (environ, startResponse) => {
        await Promise.race([aborted(environ), go.promise]);
        return echo(environ, startResponse);
      });
      await using client = await FcgiClient.connect(server.address);
      await client.send(...sent);
      client.socket.end();
      await client.ended();
      expect(server.log.withoutTimes).toMatch(/^127.0.0.1 - - \[-\] FastCGIServer: [^\n]*\n$/);
      expect(server.log.text).toContain(message);
      go.resolve();
      const { records } = splitFcgi(await ask(server.address, fcgiRequest(GET)));
      expect(fcgiResponse(records).stdout.toString()).toMatch(/GET \/a $/);
    },
  );

  test('records of a request that does not exist are ignored', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    await client.send(
      fcgiRecord(fcgi.STDIN, 9, Buffer.from('for nobody')),
      fcgiRecord(fcgi.ABORT_REQUEST, 9),
      fcgiRecord(77, 9),
      fcgiRequest(GET),
    );
    expect((await client.response()).stdout.toString()).toMatch(/GET \/a $/);
    expect(server.log.text).toBe('');
  });
});

describe('shutdown()', () => {
  test('closes connections that wait for a request', async () => {
    await using server = await serveGateway(makeServer, echo);
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    await client.response();
    const stopped = server.httpd.shutdown();
    await client.ended();
    client.socket.end();
    await stopped;
  });

  test('lets requests in flight finish, and closes their connections then', async () => {
    const begun = defer();
    const go = defer();
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      begun.resolve();
      await go.promise;
      return echo(environ, startResponse);
    });
    await using client = await FcgiClient.connect(server.address);
    await client.send(fcgiRequest(GET, undefined, { keep: true }));
    await begun.promise;
    const stopped = server.httpd.shutdown();
    go.resolve();
    expect((await client.response()).stdout.toString()).toMatch(/GET \/a $/);
    await client.ended();
    client.socket.end();
    await stopped;
  });
});

describe('FCGI_WEB_SERVER_ADDRS', () => {
  function withAddresses<T>(addresses: string | undefined, make: () => T): T {
    const before = process.env['FCGI_WEB_SERVER_ADDRS'];
    if (addresses === undefined) delete process.env['FCGI_WEB_SERVER_ADDRS'];
    else process.env['FCGI_WEB_SERVER_ADDRS'] = addresses;
    try {
      return make();
    } finally {
      if (before === undefined) delete process.env['FCGI_WEB_SERVER_ADDRS'];
      else process.env['FCGI_WEB_SERVER_ADDRS'] = before;
    }
  }

  test('lets in those that it names, and no others', async () => {
    await using server = await serveGateway(makeServer, echo);
    server.httpd.webServerAddrs = ['192.0.2.1', '::1'];
    expect(await ask(server.address, fcgiRequest(GET))).toHaveLength(0);
    expect(server.log.withoutTimes).toBe(
      '127.0.0.1 - - [-] FastCGIServer: the address is not in FCGI_WEB_SERVER_ADDRS\n',
    );
    server.httpd.webServerAddrs = ['192.0.2.1', '127.0.0.1'];
    expect((await ask(server.address, fcgiRequest(GET))).length).toBeGreaterThan(0);
  });

  test('is read from the environment, and must be addresses', () => {
    const make = (): FastCGIServer => new FastCGIServer(['127.0.0.1', 0], FastCGIRequestHandler);
    expect(withAddresses(undefined, make).webServerAddrs).toBeNull();
    expect(withAddresses('127.0.0.1, ::1', make).webServerAddrs).toEqual(['127.0.0.1', '::1']);
    expect(() => withAddresses('localhost', make)).toThrow(
      "FCGI_WEB_SERVER_ADDRS should be IP addresses, separated by commas; got 'localhost'",
    );
  });

  test('names no Unix domain socket, and knows IPv4 in IPv6', () => {
    const server = new FastCGIServer(['127.0.0.1', 0], FastCGIRequestHandler);
    server.errorLog = { write() {}, writelines() {}, flush() {} };
    server.webServerAddrs = ['127.0.0.1'];
    const verify = (address: string): unknown => server.verifyRequest(null as never, [address, 0]);
    expect(verify('')).toBe(false);
    expect(verify('::ffff:127.0.0.1')).toBe(true);
    expect(verify('::ffff:127.0.0.2')).toBe(false);
  });
});
