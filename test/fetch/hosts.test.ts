// toFetchHandler() in the servers of the runtimes that speak Request and Response.

import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { COMMANDS, Host } from './host.ts';

jest.setTimeout(60_000);

describe.each(Object.entries(COMMANDS))('%s', (runtime, command) => {
  let host: Host;

  beforeAll(async () => {
    host = await Host.start(command());
  });

  afterAll(async () => {
    await host.stop();
  });

  async function get(path: string, method = 'GET'): Promise<IncomingMessage> {
    const sent = sendRequest(host.url(path), { method, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }

  test('tells the application of the request, and of the client', async () => {
    const response = await fetch(host.url('/environ?a=%20b'), {
      method: 'PUT',
      body: 'x',
      headers: { 'Content-Type': 'a/b', 'X-Name': 'v' },
    });
    expect(await response.json()).toEqual({
      REQUEST_METHOD: 'PUT',
      SCRIPT_NAME: '',
      QUERY_STRING: 'a=%20b',
      CONTENT_TYPE: 'a/b',
      HTTP_X_NAME: 'v',
      REMOTE_ADDR: '127.0.0.1',
    });
  });

  test('sends cookies one by one, and every character of a header as a byte', async () => {
    const response = await get('/headers');
    expect(response.statusCode).toBe(299);
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain',
      'set-cookie': ['a=1', 'b=2'],
      'x-name': 'Zo\xeb',
      date: expect.stringMatching(/GMT$/),
    });
    expect(await text(response)).toBe('x');
  });

  test('streams both ways', async () => {
    const sent = sendRequest(host.url('/echo'), { method: 'POST', agent: false });
    sent.write('one\n');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const blocks = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect(await blocks.next()).toMatchObject({ value: 'one\n' });
    sent.write('two\n');
    expect(await blocks.next()).toMatchObject({ value: 'two\n' });
    sent.end();
    expect(await blocks.next()).toMatchObject({ done: true });
  });

  test('sends no body where there is none', async () => {
    const head = await get('/headers', 'HEAD');
    expect([head.statusCode, await text(head)]).toEqual([299, '']);
    const noContent = await get('/no-content');
    expect([noContent.statusCode, await text(noContent)]).toEqual([204, '']);
  });

  test('answers with an error page where the application fails', async () => {
    const response = await get('/fail');
    expect(response.statusCode).toBe(500);
    expect(await text(response)).toMatch(/^A server error occurred/);
  });

  test('lets the client see that the application has failed in the middle', async () => {
    // Some hosts have not sent the head by then.
    await expect(get('/break').then(text)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('tells the application that the client has gone away', async () => {
    const response = await get('/endless');
    await once(response, 'data');
    response.destroy();
    // It is told by and by; each question is a request of its own.
    let seen: unknown[] = [];
    while (seen.length === 0) seen = (await (await fetch(host.url('/seen'))).json()) as unknown[];
    expect([runtime, ...seen]).toEqual([runtime, 'aborted']);
  });
});
