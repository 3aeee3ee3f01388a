import { expect, jest, test } from '@jest/globals';
import { makeServer } from '@wsgiref/uwsgi';
import { ask, uwsgiRequest } from '../support/gateway-clients.mjs';
import { serveGateway } from '../support/serve-gateway.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

test('a request is answered as by an HTTP server, in which Apache insists', async () => {
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    const body = await environ['wsgi.input'].read();
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from(`${environ.REQUEST_METHOD} ${environ.PATH_INFO} ${body.length}`)];
  });
  const environ = { REQUEST_METHOD: 'POST', PATH_INFO: '/a', CONTENT_LENGTH: '4' };
  expect((await ask(server.address, uwsgiRequest(environ, Buffer.from('four')))).toString()).toBe(
    'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nPOST /a 4',
  );
});

test.each([[{}], [{ CONTENT_LENGTH: '' }]])(
  'without a CONTENT_LENGTH there is no body to wait for: %j',
  async (length) => {
    await using server = await serveGateway(makeServer, async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', []);
      return [Buffer.from(`${body.length} bytes`)];
    });
    const reply = await ask(server.address, uwsgiRequest({ REQUEST_METHOD: 'GET', ...length }));
    expect(reply.toString()).toContain('0 bytes');
  },
);

test('a malformed packet ends its connection with a logged sentence, and nothing else', async () => {
  await using server = await serveGateway(makeServer, () => []);
  expect((await ask(server.address, Buffer.from('GET / HTTP/1.0\r\n\r\n'))).toString()).toBe('');
  expect(server.log.withoutTimes).toBe(
    '127.0.0.1 - - [-] UWSGIServer: modifier1 is 71; of a WSGI request it is 0: is this uwsgi?\n',
  );
});
