// A Flask project, from Debian's packages, with our server as its development server.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Python } from '@wsgiref/python';
import { WSGIRequestHandler, type WSGIServer } from '@wsgiref/simple-server';
import { client } from '@wsgiref/testing';
import { type Running, serve } from '../support/serve.ts';
import { DEBIAN, fixture, load } from './support.ts';

// Python takes its time, and so does importing Flask.
jest.setTimeout(60_000);

let python: Python;
let running: Running<WSGIServer>;
let url: string;

beforeAll(async () => {
  python = await load({ paths: [fixture('flaskproject'), fixture('shims'), DEBIAN] });
  python.pyodide.runPython('import debian_on_314');
  running = await serve(python.application('shop:app'));
  url = `http://127.0.0.1:${running.port}`;
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

test('a page is made of a template', async () => {
  const response = await fetch(`${url}/`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  const page = await response.text();
  expect(page).toContain('Hello, &lt;nobody&gt;!');
  expect(page).toContain('<li>caf\u00e9</li>');
  expect(page).toContain('href="/static/shop.css"');
});

test('routes have converters, and paths in UTF-8', async () => {
  const response = await fetch(`${url}/items/7/caf%C3%A9/%E2%9C%93?q=a+b&q=%C3%A9`);
  expect(await response.json()).toEqual({
    number: 7,
    rest: 'caf\u00e9/\u2713',
    query: ['a b', '\u00e9'],
    url: `${url}/items/7/caf\u00e9/\u2713?q=a+b&q=\u00e9`,
  });
});

test('what is not there, and what is not allowed, is answered by Flask', async () => {
  const missing = await fetch(`${url}/no/such`);
  expect([missing.status, await missing.text()]).toEqual([404, 'there is no /no/such']);
  const refused = await fetch(`${url}/upload`);
  const allowed = refused.headers.get('allow')!.split(', ').sort();
  expect([refused.status, allowed]).toEqual([405, ['OPTIONS', 'POST']]);
  expect((await fetch(`${url}/teapot`)).status).toBe(418);
  const head = await fetch(`${url}/`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a form makes a session, which cookies carry', async () => {
  const web = client({ url }, { cookies: true, followRedirects: true });
  const page = await web.post('/login', { form: { user: 'Zo\u00eb & co' } });
  expect(page.text()).toContain('<p>welcome</p>');
  expect(page.text()).toContain('Hello, Zo\u00eb &amp; co!');
  expect((await web.get('/')).text()).not.toContain('welcome');
  const bye = await web.get('/logout', { followRedirects: false });
  expect(bye.headers.getSetCookie()).toEqual([
    'bye=1; HttpOnly; Path=/',
    expect.stringMatching(/^session=; Expires=Thu, 01 Jan 1970 /),
  ]);
});

test('a file is uploaded, and JSON', async () => {
  const form = new FormData();
  const data = new Uint8Array(3_000_000).map((_, i) => i);
  form.set('note', 'caf\u00e9');
  form.set('file', new Blob([data], { type: 'image/png' }), 'caf\u00e9.png');
  const uploaded = await fetch(`${url}/upload`, { method: 'POST', body: form });
  expect(await uploaded.json()).toEqual({
    name: 'caf\u00e9.png',
    type: 'image/png',
    size: data.length,
    sum: data.reduce((sum, byte) => (sum + byte) % 256),
    note: 'caf\u00e9',
  });
  const json = await fetch(`${url}/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a": [1, null, "\u2713"]}',
  });
  expect(await json.json()).toEqual({ got: { a: [1, null, '\u2713'] } });
});

test('what is too large is refused by Flask', async () => {
  const body = new Uint8Array(17 * 1024 * 1024);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await client(python.application('shop:app')).post('/upload', { body, headers });
  expect(response.statusCode).toBe(413);
});

describe('a stream', () => {
  test('keeps its request, and is read line by line', async () => {
    const response = await fetch(`${url}/stream?n=3`);
    expect(await response.text()).toBe('path /stream\n0\n1\n2\n');
  });

  test('without end leaves Python to others, and ends when its client goes away', async () => {
    const before = ((await (await fetch(`${url}/closed`)).json()) as { closed: string[] }).closed;
    const endless = connect(running.port, '127.0.0.1');
    endless.write(`GET /stream?n=${10 ** 9}&width=65536 HTTP/1.0\r\n\r\n`);
    await once(endless, 'data');
    // Now it reads no more, and so the stream stands still.
    endless.pause();
    expect((await fetch(`${url}/teapot`)).status).toBe(418);
    endless.destroy();
    let after = before;
    while (after.length === before.length) {
      after = ((await (await fetch(`${url}/closed`)).json()) as { closed: string[] }).closed;
    }
    expect(after).toEqual([...before, '/stream']);
  });
});

test('static files come from the project, whole and in part', async () => {
  const file = await readFile(fixture('flaskproject/static/shop.css'), 'utf8');
  const whole = await fetch(`${url}/static/shop.css`);
  expect([await whole.text(), whole.headers.get('content-type')]).toEqual([
    file,
    'text/css; charset=utf-8',
  ]);
  const etag = whole.headers.get('etag')!;
  const same = await fetch(`${url}/static/shop.css`, { headers: { 'if-none-match': etag } });
  expect([same.status, await same.text()]).toEqual([304, '']);
  const part = await fetch(`${url}/static/shop.css`, { headers: { range: 'bytes=0-3' } });
  expect([part.status, await part.text()]).toEqual([206, 'body']);
  expect((await fetch(`${url}/static/../shop.py`)).status).toBe(404);
  expect((await (await fetch(`${url}/file`)).text()).length).toBe(10_000);
});

test('an exception is an error page, and a traceback in the log', async () => {
  const response = await fetch(`${url}/fails`);
  expect([response.status, await response.text()]).toEqual([
    500,
    expect.stringContaining('Internal Server Error'),
  ]);
  expect(running.stderr.text).toMatch(
    /ERROR in app: Exception on \/fails \[GET\]\nTraceback [^]*KeyError: 'no such key'\n/,
  );
});

test("with the debugger of Werkzeug it is Werkzeug's page", async () => {
  const debugged = python.pyodide.runPython(
    `from werkzeug.debug import DebuggedApplication
import shop
def debugged(environ, start_response):
    shop.app.debug = True
    return DebuggedApplication(shop.app, evalex=False)(environ, start_response)
debugged`,
  );
  const response = await client(python.application(debugged as never)).get('/fails');
  expect(response.statusCode).toBe(500);
  expect(response.text()).toMatch(/<title>KeyError: [^]*flaskproject\/shop\.py[^]*no such key/);
});

test("CPython's validator finds nothing amiss between Flask and us", async () => {
  const checked = python.pyodide.runPython(
    'from wsgiref.validate import validator; import shop; validator(shop.app)',
  );
  const response = await client(python.application(checked as never)).get('/items/1/x');
  expect([response.statusCode, response.errors]).toEqual([200, '']);
});

test('a request without a length is read to its end, where the server knows it', async () => {
  class Modern extends WSGIRequestHandler {
    override protocolVersion = 'HTTP/1.1';
  }
  await using modern = await serve(python.application('shop:app'), { handlerClass: Modern });
  const response = await fetch(`http://127.0.0.1:${modern.port}/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: new Blob(['{"a":', '1}']).stream(),
    duplex: 'half',
  });
  expect(await response.json()).toEqual({ got: { a: 1 } });
});
