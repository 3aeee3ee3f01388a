// toFetchHandler() in a service worker of Chromium, which our own server serves.

import { readFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import ts from 'typescript';
import type { WSGIApplication } from '@wsgiref/types';
import { serve } from '../support/serve.ts';
import { deferred } from '../node-http/support.ts';
import { open } from './chromium.ts';

jest.setTimeout(180_000);

const PACKAGES = new URL('../../packages/', import.meta.url);
const HERE = new URL('./', import.meta.url);

/** A module as a browser takes it: without types, and with addresses for the names of packages. */
async function moduleOf(path: string): Promise<string> {
  const source = await readFile(
    new URL(path.slice(1), path.startsWith('/hosts/') ? HERE : PACKAGES),
    'utf8',
  );
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText.replace(/(from\s+')@wsgiref\/([\w-]+)(\/base)?'/g, (_, from, name, base) => {
    return `${String(from)}/${String(name)}/src/${base ? 'base/' : ''}index.ts'`;
  });
}

test('a service worker answers as every other host does', async () => {
  const reported = deferred<unknown>();
  const site: WSGIApplication = async (environ, startResponse) => {
    const path = environ.PATH_INFO;
    if (path === '/report') {
      reported.resolve(JSON.parse(Buffer.from(await environ['wsgi.input'].read()).toString()));
      startResponse('204 No Content', []);
      return [];
    }
    if (path === '/') {
      startResponse('200 OK', [['Content-Type', 'text/html']]);
      return [Buffer.from('<!DOCTYPE html><script type="module" src="/hosts/page.mjs"></script>')];
    }
    try {
      const code = Buffer.from(await moduleOf(path));
      startResponse('200 OK', [
        ['Content-Type', 'text/javascript'],
        ['Service-Worker-Allowed', '/'],
      ]);
      return [code];
    } catch {
      startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
      return [];
    }
  };
  await using server = await serve(site);
  await using _browser = await open(`http://127.0.0.1:${server.port}/`);
  expect(await reported.promise).toEqual({
    environ: {
      REQUEST_METHOD: 'PUT',
      SCRIPT_NAME: '/app',
      QUERY_STRING: 'a=%20b',
      CONTENT_TYPE: 'a/b',
      HTTP_X_NAME: 'v',
    },
    // Chromium hands the headers over in UTF-8.
    headers: [299, 'Fine', 'Zo\xc3\xab', 'x'],
    echo: 'one\ntwo\n',
    fail: [500, 'A server error occurred.  Please contact the administrator.'],
    noContent: [204, ''],
    unknown: [404, '/elsewhere'],
    broken: ['so far', 'broken off'],
    seen: ['aborted'],
  });
});
