// What PEP 3333 asks of servers and applications and no client of a gateway can see.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CGIHandler, SimpleHandler } from '@wsgiref/handlers';
import type { WSGIServer } from '@wsgiref/simple-server';
import { demoApp } from '@wsgiref/simple-server';
import type { WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { exchange } from '../support/raw-client.ts';
import { body } from '../support/reply.ts';
import { serve } from '../support/serve.ts';
import { variables } from './variables.mjs';

const ROOT = new URL('../../', import.meta.url);

const REQUEST =
  'POST /a?b HTTP/1.0\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n.';

/** An application that keeps its environ. */
class Keeping {
  environ: WSGIEnvironment = {} as WSGIEnvironment;

  readonly application: WSGIApplicationLike = (environ, startResponse) => {
    this.environ = { ...environ };
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [];
  };
}

/** What `WSGIServer` gives an application. */
async function serverEnviron(prepare = (_httpd: WSGIServer): void => {}): Promise<WSGIEnvironment> {
  const app = new Keeping();
  await using running = await serve(app.application);
  prepare(running.httpd);
  await exchange(running, REQUEST);
  return app.environ;
}

/** What `SimpleHandler` gives an application, of an environ that is empty. */
async function handlerEnviron(osEnviron: Record<string, string> = {}): Promise<WSGIEnvironment> {
  const app = new Keeping();
  const handler = new SimpleHandler(new BytesIO(), new BytesIO(), new StringIO(), {});
  handler.osEnviron = osEnviron;
  await handler.run(app.application);
  return app.environ;
}

/** What `CGIHandler` gives an application: here the environment of this very process is a request. */
async function cgiEnviron(): Promise<WSGIEnvironment> {
  const handler = new CGIHandler();
  await handler.setupEnviron();
  return handler.environ!;
}

/** The examples of the documentation, but for those of how not to do it. */
function examples(): [file: string, text: string][] {
  const files = [
    ...readdirSync(new URL('docs/examples/', ROOT)).map((name) => `docs/examples/${name}`),
    ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`),
    ...readdirSync(new URL('packages/', ROOT)).map((name) => `packages/${name}/README.md`),
    'README.md',
    'packages/simple-server/src/simple-server/demo-app.ts',
  ].filter((file) => /\.(ts|md)$/.test(file) && file !== 'docs/specification.md');
  return files.map((file) => [file, read(file)]);
}

/** The text of a file; none if it is not there yet. */
function read(file: string): string {
  try {
    return readFileSync(new URL(file, ROOT), 'utf8');
  } catch {
    return '';
  }
}

test('S15: every variable that the server provides is documented', async () => {
  const page = read('docs/conformance.md');
  const keys = Object.keys(await serverEnviron()).filter((key) => !key.startsWith('HTTP_'));
  expect(Object.keys(variables).toSorted()).toEqual(keys.toSorted());
  for (const [key, meaning] of Object.entries(variables)) {
    expect(page).toMatch(new RegExp(`\\| +\`${key}\` +\\|`));
    expect(page).toContain(meaning);
  }
});

test('S17: wsgi.multithread is false: a server has one thread', async () => {
  expect((await serverEnviron())['wsgi.multithread']).toBe(false);
  expect((await cgiEnviron())['wsgi.multithread']).toBe(false);
});

test('S18: wsgi.multiprocess is true for CGI alone, which has a process a request', async () => {
  expect((await serverEnviron())['wsgi.multiprocess']).toBe(false);
  expect((await cgiEnviron())['wsgi.multiprocess']).toBe(true);
});

test('S50: requests that overlap are served by one thread', async () => {
  const requests = 3;
  let begun = 0;
  let inside = 0;
  let release = (): void => {};
  const allBegun = new Promise<void>((resolve) => (release = resolve));
  await using running = await serve(async (_environ, startResponse) => {
    inside++;
    const together = inside;
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    inside--;
    if (++begun === requests) release();
    await allBegun;
    return [encodeLatin1(String(together))];
  });
  const replies = await Promise.all(
    Array.from({ length: requests }, () => exchange(running, REQUEST)),
  );
  expect(replies.map(body)).toEqual(Array.from({ length: requests }, () => '1'));
});

test('S51: no gateway adds an extension to the environ', async () => {
  const known = new Set(Object.keys(variables));
  for (const environ of [await serverEnviron(), await handlerEnviron()]) {
    const own = Object.keys(environ).filter((key) => !known.has(key) && !key.startsWith('HTTP_'));
    expect(own).toEqual([]);
  }
  const ofTheProcess = Object.keys(process.env);
  const own = Object.keys(await cgiEnviron()).filter(
    (key) => !known.has(key) && !ofTheProcess.includes(key),
  );
  expect(own).toEqual([]);
});

test('S52: what the deployer adds to the environ reaches the application', async () => {
  const served = await serverEnviron((httpd) => {
    httpd.baseEnviron['shop.config'] = '/etc/shop';
  });
  expect(served['shop.config']).toBe('/etc/shop');

  expect(await handlerEnviron({ SHOP_CONFIG: '/etc/shop' })).toMatchObject({
    SHOP_CONFIG: '/etc/shop',
  });

  process.env['SHOP_CONFIG'] = '/etc/shop';
  try {
    expect(await cgiEnviron()).toMatchObject({ SHOP_CONFIG: '/etc/shop' });
  } finally {
    delete process.env['SHOP_CONFIG'];
  }
});

test('A15: no example of the documentation calls write()', () => {
  expect(examples().length).toBeGreaterThan(10);
  for (const [file, text] of examples()) {
    const kept = text.split('\n').filter((line) => /= (await )?startResponse\(/.test(line));
    expect({ file, kept }).toEqual({ file, kept: [] });
  }
});

test('A19: the demo application needs no variable that PEP 3333 does not promise', async () => {
  const environ: Partial<WSGIEnvironment> = {
    REQUEST_METHOD: 'GET',
    PATH_INFO: '/',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '80',
    SERVER_PROTOCOL: 'HTTP/1.0',
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': 'http',
    'wsgi.input': new BytesIO(),
    'wsgi.errors': new StringIO(),
    'wsgi.multithread': false,
    'wsgi.multiprocess': false,
    'wsgi.run_once': false,
  };
  const statuses: string[] = [];
  const app = validator(demoApp, { rules: { 'env-query-string': 'off' } });
  const result = await app(environ as WSGIEnvironment, (status) => {
    statuses.push(status);
    return () => {};
  });
  let page = '';
  for await (const block of result) page += decodeLatin1(block);
  await result.close?.();
  expect(statuses).toEqual(['200 OK']);
  expect(page).toMatch(/^Hello world!\n\nPATH_INFO = '\/'\nREQUEST_METHOD = 'GET'\n/);
});
