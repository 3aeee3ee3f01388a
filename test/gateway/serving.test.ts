// What all gateway servers do with a request. SCGI stands for all of them.

import { expect, jest, test } from '@jest/globals';
import { makeServer, SCGIRequestHandler } from '@wsgiref/scgi';
import type { WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, scgiRequest } from '../support/gateway-clients.mjs';
import { RawClient } from '../support/raw-client.ts';
import { defer, Log, serveGateway } from '../support/serve-gateway.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

const GET = scgiRequest({ REQUEST_METHOD: 'GET', PATH_INFO: '/a', REMOTE_ADDR: '192.0.2.1' });

const hello: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.from('hello')];
};

function signalOf(environ: WSGIEnvironment): AbortSignal {
  return environ['wsgiref.signal']!;
}

test('an access log has a line for each request, if one is asked for', async () => {
  await using server = await serveGateway(makeServer, hello);
  await ask(server.address, GET);
  const log = (server.httpd.accessLog = new Log());
  await ask(server.address, GET);
  const query = { REQUEST_METHOD: 'GET', PATH_INFO: '/\x1b', QUERY_STRING: 'b' };
  await ask(server.address, scgiRequest(query));
  await ask(server.address, scgiRequest({}));
  expect(log.withoutTimes.split('\n')).toEqual([
    '192.0.2.1 - - [-] "GET /a" 200 5',
    '- - - [-] "GET /\\x1b?b" 200 5',
    expect.stringMatching(/^- - - \[-\] "- " 400 \d+$/),
    '',
  ]);
});

test('a request without a method is answered with a 400, and the log says why', async () => {
  await using server = await serveGateway(makeServer, hello);
  const reply = await ask(server.address, scgiRequest({}));
  expect(reply.toString()).toMatch(/^Status: 400 Bad Request\r\n/);
  expect(server.log.text).toBe(
    "400 Bad Request: the web server should send a REQUEST_METHOD such as 'GET' (got none)\n",
  );
});

test('wsgi.url_scheme follows from HTTPS', async () => {
  await using server = await serveGateway(makeServer, (environ, startResponse) => {
    startResponse('200 OK', []);
    return [Buffer.from(environ['wsgi.url_scheme'])];
  });
  const secure = scgiRequest({ REQUEST_METHOD: 'GET', HTTPS: 'on' });
  expect((await ask(server.address, secure)).toString()).toMatch(/https$/);
  expect((await ask(server.address, GET)).toString()).toMatch(/http$/);
});

test('an error of the application is logged, and answered with an error page', async () => {
  await using server = await serveGateway(makeServer, () => {
    throw new Error('swordfish');
  });
  const reply = await ask(server.address, GET);
  expect(reply.toString()).toMatch(/^Status: 500 Internal Server Error\r\n/);
  expect(server.log.text).toContain('Error: swordfish');
});

test.each([
  [new Error('broken'), /^Exception .* from \['127.0.0.1', \d+\]\nError: broken\n/],
  ['thrown', /^Exception .* from \['127.0.0.1', \d+\]\nUncaught 'thrown'\n$/],
])('what a request handler throws is logged: %p', async (thrown, expected) => {
  class Broken extends SCGIRequestHandler {
    override readParams(): never {
      throw thrown as Error;
    }
  }
  await using httpd = await makeServer('127.0.0.1', 0, hello, { handlerClass: Broken });
  const log = (httpd.errorLog = new Log());
  const served = httpd.handleRequest();
  await ask({ host: '127.0.0.1', port: httpd.serverPort }, GET);
  await served;
  expect(log.text).toMatch(expected);
});

test('wsgiref.signal fires when the web server closes the connection, and nothing is logged', async () => {
  const called = defer();
  const closed = defer<unknown>();
  await using server = await serveGateway(makeServer, async function* (environ, startResponse) {
    const signal = signalOf(environ);
    startResponse('200 OK', []);
    yield Buffer.from('first');
    called.resolve();
    try {
      await sleep(60_000, null, { signal });
    } finally {
      closed.resolve(signal.reason);
    }
  });
  const client = await RawClient.connect(server.address);
  await client.send(GET);
  await called.promise;
  await client.close();
  expect(await closed.promise).toMatchObject({ name: 'ClientDisconnected' });
  await server.httpd.shutdown();
  expect(server.log.text).toBe('');
});

test.each([['its reason'], ['an AbortError'], ['another error']])(
  'of what the application throws after wsgiref.signal, %s is told from the rest',
  async (what) => {
    const called = defer();
    await using server = await serveGateway(makeServer, async (environ) => {
      const signal = signalOf(environ);
      called.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (what === 'its reason') signal.throwIfAborted();
      if (what === 'an AbortError') await sleep(60_000, null, { signal });
      throw null;
    });
    const client = await RawClient.connect(server.address);
    await client.send(GET);
    await called.promise;
    await client.close();
    await server.httpd.shutdown();
    expect(server.log.text).toBe(what === 'another error' ? 'Uncaught null\n' : '');
  },
);

test('wsgiref.signal does not fire when all has gone well', async () => {
  let signal!: AbortSignal;
  await using server = await serveGateway(makeServer, (environ, startResponse) => {
    signal = signalOf(environ);
    return hello(environ, startResponse);
  });
  await ask(server.address, GET);
  await server.httpd.shutdown();
  expect(signal.aborted).toBe(false);
});

test('wsgiref.signal has fired for whoever looks at it late', async () => {
  const called = defer();
  const gone = defer();
  const reason = defer<unknown>();
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    called.resolve();
    await gone.promise;
    const copy = { ...environ };
    expect(signalOf(copy)).toBe(signalOf(environ));
    reason.resolve(signalOf(environ).aborted && signalOf(environ).reason);
    return hello(environ, startResponse);
  });
  class Watched extends SCGIRequestHandler {
    override setup(): void {
      void super.setup();
      this.connection.once('close', gone.resolve);
    }
  }
  server.httpd.RequestHandlerClass = Watched;
  const client = await RawClient.connect(server.address);
  await client.send(GET);
  await called.promise;
  client.socket.resetAndDestroy();
  expect(await reason.promise).toMatchObject({ name: 'ClientDisconnected' });
});

test('wsgiref.signal can be replaced, as every variable', async () => {
  const mine = new AbortController().signal;
  await using server = await serveGateway(makeServer, (environ, startResponse) => {
    environ['wsgiref.signal'] = mine;
    startResponse('200 OK', []);
    return [
      Buffer.from(
        String(signalOf(environ) === mine && Object.keys(environ).includes('wsgiref.signal')),
      ),
    ];
  });
  expect((await ask(server.address, GET)).toString()).toMatch(/true$/);
});

test('a web server that has closed its side still gets the response', async () => {
  const ended = defer();
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    await new Promise((resolve) => signalOf(environ).addEventListener('abort', resolve));
    ended.resolve();
    return hello(environ, startResponse);
  });
  await using client = await RawClient.connect(server.address);
  await client.send(GET);
  client.end();
  await ended.promise;
  expect(await client.reply()).toMatch(/hello$/);
});

test('a body that ends early is a 400, which nobody logs', async () => {
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    await environ['wsgi.input'].read();
    return hello(environ, startResponse);
  });
  await using client = await RawClient.connect(server.address);
  await client.send(
    scgiRequest({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' }, Buffer.from('4')),
  );
  client.end();
  expect(await client.reply()).toMatch(/^Status: 400 Bad Request\r\n/);
  expect(server.log.text).toBe('');
});

test('a body that does not come in time is a 408', async () => {
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    await environ['wsgi.input'].read();
    return hello(environ, startResponse);
  });
  server.httpd.readTimeout = 0.05;
  const request = scgiRequest({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '10' });
  const reply = await ask(server.address, request);
  expect(reply.toString()).toMatch(/^Status: 408 Request Timeout\r\n/);
  expect(server.log.text).toBe('');
});

test('variables that do not come in time end the connection with a logged sentence', async () => {
  await using server = await serveGateway(makeServer, hello);
  server.httpd.readTimeout = 0.05;
  expect((await ask(server.address, GET.subarray(0, 10))).length).toBe(0);
  expect(server.log.withoutTimes).toBe('127.0.0.1 - - [-] SCGIServer: timed out\n');
});

test('a slow web server slows the application down instead of filling memory', async () => {
  let produced = 0;
  const block = Buffer.alloc(65536, 'x');
  await using server = await serveGateway(makeServer, function* (_environ, startResponse) {
    startResponse('200 OK', []);
    for (; produced < 1024; produced++) yield block;
  });
  const client = await RawClient.connect(server.address);
  client.socket.pause();
  await client.send(GET);
  // What the system's buffers hold is sent; then nothing more, however often the loop goes round.
  let before = -1;
  for (let turns = 0; turns < 200; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (produced !== before) turns = 0;
    before = produced;
  }
  expect(produced).toBeLessThan(512);
  client.socket.resume();
  const reply = await client.reply();
  expect(reply.length).toBeGreaterThan(1024 * block.length);
  await client.close();
});

test('a Unix domain socket is called so in the log', async () => {
  await using server = await serveGateway(makeServer, hello);
  server.httpd.logError(['', 0], 'a sentence\nand a half \\');
  expect(server.log.withoutTimes).toBe('unix: - - [-] a sentence\\x0aand a half \\\\\n');
});
