// A Django project, from Debian's packages, with our server as its development server.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Python } from '@wsgiref/python';
import type { WSGIServer } from '@wsgiref/simple-server';
import { client } from '@wsgiref/testing';
import { type Running, serve } from '../support/serve.ts';
import { DEBIAN, fixture, load } from './support.ts';

// Python takes its time, and so does importing Django.
jest.setTimeout(60_000);

let python: Python;
let running: Running<WSGIServer>;
let url: string;

beforeAll(async () => {
  python = await load({
    // Where Debian has the time zones of pytz.
    paths: [fixture('djangoproject'), fixture('shims'), DEBIAN, '/usr/share/zoneinfo'],
    environment: { DJANGO_SETTINGS_MODULE: 'site_settings' },
  });
  python.pyodide.runPython('import debian_on_314');
  running = await serve(python.application('site_wsgi'));
  url = `http://127.0.0.1:${running.port}`;
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

test('routes have converters, and no slash at the end is a redirect', async () => {
  const response = await fetch(`${url}/items/7/a-b?q=caf%C3%A9`);
  expect(response.redirected).toBe(true);
  expect(await response.json()).toEqual({
    number: 7,
    slug: 'a-b',
    url: `${url}/items/7/a-b/?q=caf%C3%A9`,
  });
});

test('a form has its token, its errors, its session, its message and its row', async () => {
  const web = client({ url }, { cookies: true, followRedirects: true });
  const page = (await web.get('/')).text();
  expect(page).toContain('<p>0 visits</p>');
  const [, token] = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page)!;
  const refused = await web.post('/', { form: { name: 'x' } });
  expect([refused.statusCode, refused.text()]).toEqual([
    403,
    expect.stringContaining('CSRF verification failed'),
  ]);
  const form = (name: string): object => ({ name, csrfmiddlewaretoken: token });
  const wrong = await web.post('/', { form: form('much too long') as Record<string, string> });
  expect(wrong.text()).toContain('Ensure this value has at most 10 characters (it has 13).');
  const right = await web.post('/', { form: form('Zo\u00eb <3') as Record<string, string> });
  expect(right.text()).toContain('<p>thanks, Zo\u00eb &lt;3</p>');
  expect(right.text()).toContain('<li>Zo\u00eb &lt;3</li>');
  expect(right.text()).toContain('<p>1 visits</p>');
  expect((await client({ url }).get('/')).text()).toContain('<p>0 visits</p>');
});

test.each([
  [1000, 'InMemoryUploadedFile'],
  [3_000_000, 'TemporaryUploadedFile'],
])('a file of %d bytes is uploaded, to Django a %s', async (size, kind) => {
  const form = new FormData();
  form.set('note', 'caf\u00e9');
  form.set('file', new Blob([new Uint8Array(size)]), 'data.bin');
  const response = await fetch(`${url}/upload/`, { method: 'POST', body: form });
  expect(await response.json()).toEqual({ name: 'data.bin', size, kind, note: 'caf\u00e9' });
  expect(response.headers.getSetCookie()).toEqual(['uploaded=yes; Path=/']);
});

test('a response is streamed, and made of a request that is', async () => {
  expect(await (await fetch(`${url}/stream/`)).text()).toBe('0\n1\n2\n');
  const response = await fetch(`${url}/stream/`, { method: 'POST', body: 'one\ntwo' });
  expect(await response.text()).toBe('ONE\nTWO');
});

test('static files come from the project, and files by the file wrapper', async () => {
  const css = await fetch(`${url}/static/site.css`);
  expect([css.headers.get('content-type'), await css.text()]).toEqual([
    'text/css',
    await readFile(fixture('djangoproject/static/site.css'), 'utf8'),
  ]);
  expect((await fetch(`${url}/static/no.css`)).status).toBe(404);
  const file = await fetch(`${url}/file/`);
  expect(file.headers.get('content-disposition')).toBe('inline; filename="site_urls.py"');
  expect(await file.text()).toBe(await readFile(fixture('djangoproject/site_urls.py'), 'utf8'));
});

test('an exception is a page with its traceback, and in the log', async () => {
  const response = await fetch(`${url}/fails/`);
  expect(response.status).toBe(500);
  const page = await response.text();
  expect(page).toMatch(/<title>ValueError\s+at \/fails\/<\/title>/);
  expect(page).toMatch(/djangoproject\/site_urls\.py[^]*this page fails/);
});

test("CPython's validator finds nothing amiss between Django and us", async () => {
  const checked = python.pyodide.runPython(
    'from wsgiref.validate import validator; import site_wsgi; validator(site_wsgi.application)',
  );
  const response = await client(python.application(checked as never)).get('/items/1/x/');
  expect([response.statusCode, response.errors]).toEqual([200, '']);
});
