import { expect, jest, test } from '@jest/globals';
import { makeServer } from '@wsgiref/scgi';
import { ask, scgiRequest } from '../support/gateway-clients.mjs';
import { serveGateway } from '../support/serve-gateway.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

test('a request is answered as by a CGI script', async () => {
  await using server = await serveGateway(makeServer, async (environ, startResponse) => {
    const body = await environ['wsgi.input'].read();
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from(`${environ.REQUEST_METHOD} ${environ.PATH_INFO} ${body.length}`)];
  });
  const request = scgiRequest({ REQUEST_METHOD: 'POST', PATH_INFO: '/a' }, Buffer.from('four'));
  expect((await ask(server.address, request)).toString()).toBe(
    'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nPOST /a 4',
  );
  expect(server.log.text).toBe('');
});

test('a malformed netstring ends its connection with a logged sentence, and nothing else', async () => {
  await using server = await serveGateway(makeServer, (_environ, startResponse) => {
    startResponse('200 OK', []);
    return [Buffer.from('here')];
  });
  expect((await ask(server.address, Buffer.from('GET / HTTP/1.0\r\n\r\n'))).toString()).toBe('');
  expect(server.log.withoutTimes).toBe(
    "127.0.0.1 - - [-] SCGIServer: a netstring begins with its length in digits and ':', " +
      "not 'G': is this SCGI?\n",
  );
  const reply = await ask(server.address, scgiRequest({ REQUEST_METHOD: 'GET' }));
  expect(reply.toString()).toContain('here');
});

test.each([
  [{ REQUEST_METHOD: 'GET' }, Buffer.alloc(0), true],
  [{ REQUEST_METHOD: 'POST' }, Buffer.from('body'), false],
])('after %j with a body of %p bytes nothing is to come: %p', async (variables, body, atOnce) => {
  await using server = await serveGateway(makeServer, (_environ, startResponse) => {
    startResponse('200 OK', []);
    return [Buffer.from('here')];
  });
  const shutdownRequest = jest.spyOn(server.httpd, 'shutdownRequest');
  let lingers: boolean | undefined;
  const { closeRequest } = server.httpd;
  shutdownRequest.mockImplementation((connection) => {
    lingers = !connection.destroyed;
    return closeRequest.call(server.httpd, connection);
  });
  expect((await ask(server.address, scgiRequest(variables, body))).toString()).toContain('here');
  expect(lingers).toBe(!atOnce);
});
