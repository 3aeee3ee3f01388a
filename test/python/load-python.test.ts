// How Python is started.

import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { loadPython, type Python } from '@wsgiref/python';
import { client } from '@wsgiref/testing';

// Python takes its time.
jest.setTimeout(60_000);

let folder: string;
let python: Python;

const APP = `import os
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [os.environ.get('GREETING', 'none').encode(), b' ', __file__.encode()]
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsgiref-load-'));
  await mkdir(join(folder, 'project/inner'), { recursive: true });
  await mkdir(join(folder, 'linked'));
  await symlink(join(folder, 'linked'), join(folder, 'link'));
  await writeFile(join(folder, 'project/outer_app.py'), APP);
  await writeFile(join(folder, 'project/inner/inner_app.py'), APP);
  await writeFile(join(folder, 'linked/linked_app.py'), APP);
  python = await loadPython({
    indexURL: dirname(createRequire(import.meta.url).resolve('pyodide/package.json')),
    paths: [
      join(folder, 'project'),
      pathToFileURL(join(folder, 'project/inner')),
      join(folder, 'link'),
    ],
    environment: { GREETING: 'hello' },
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test.each([
  ['outer_app', 'project/outer_app.py'],
  ['inner_app', 'project/inner/inner_app.py'],
  ['linked_app', 'link/linked_app.py'],
])('%s is found in its folder, under the path of this system', async (name, path) => {
  const response = await client(python.application(name)).get('/');
  expect(response.text()).toBe(`hello ${join(folder, path)}`);
});

test('importing writes nothing', async () => {
  python.application('outer_app');
  expect(await readdir(join(folder, 'project'))).toEqual(['inner', 'outer_app.py']);
});

test('a Python that runs already is told, and seen the same', async () => {
  const environment = { GREETING: 'again', PYTHONDONTWRITEBYTECODE: '' };
  const same = await loadPython({ pyodide: python.pyodide, environment });
  expect((await client(same.application('outer_app')).get('/')).text()).toMatch(/^again /);
  expect(python.pyodide.runPython('import sys; sys.dont_write_bytecode')).toBe(false);
});

test.each([
  [{ maxBodyInMemory: -1 }, 'maxBodyInMemory should be a number of bytes (got -1)'],
  [{ maxBodyInMemory: NaN }, 'maxBodyInMemory should be a number of bytes (got nan)'],
  [{ paths: ['/no/such/folder'] }, 'no such file or directory'],
])('%p is refused', async (options, message) => {
  const loaded = loadPython({ pyodide: python.pyodide, ...options });
  await expect(loaded).rejects.toThrow(new RegExp(message.replace(/[()]/g, '\\$&'), 'i'));
});

test('a folder without Pyodide is refused', async () => {
  await expect(loadPython({ indexURL: folder })).rejects.toThrow('pyodide.mjs');
});
