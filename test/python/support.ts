// What the tests of Python have in common.

import type * as Jest from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import type { WSGIApplication } from '@wsgiref/types';
import { loadPython, type Python, type PythonOptions } from '@wsgiref/python';

/** What runs tests: jest, or the little one of outside-jest.ts. */
export type TestRunner = Pick<
  typeof Jest,
  'afterAll' | 'beforeAll' | 'beforeEach' | 'describe' | 'expect' | 'test'
>;

/** The path of a file or folder of `fixtures`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** Where the packages of Debian are. */
export const DEBIAN = '/usr/lib/python3/dist-packages';

/** Starts a Python that finds the modules of the tests, which takes some seconds. */
export async function load(options: PythonOptions = {}): Promise<Python> {
  return loadPython({ ...options, paths: [fixture('modules'), ...(options.paths ?? [])] });
}

/** Serves an application on a free port; `await using` stops it. */
export async function serve(
  application: WSGIApplication,
): Promise<AsyncDisposable & { port: number }> {
  class Quiet extends WSGIRequestHandler {
    override logMessage(): void {}
  }
  const httpd = await makeServer('127.0.0.1', 0, application, { handlerClass: Quiet });
  const serving = httpd.serveForever();
  return {
    port: httpd.serverPort,
    async [Symbol.asyncDispose]() {
      await httpd.serverClose();
      await serving;
    },
  };
}

/** Takes what the applications of plain.py have noted. */
export function takeEvents(python: Python): unknown[] {
  return JSON.parse(
    python.pyodide.runPython(
      'import json, plain; (json.dumps(plain.EVENTS), plain.EVENTS.clear())[0]',
    ) as string,
  ) as unknown[];
}

/** Counts what JavaScript holds of Python's, and the calls that Python holds. */
export function count(python: Python): { proxies: number; calls: number } {
  const { _module: module } = python.pyodide as unknown as {
    _module: { pyproxy_alloc_map: Map<number, unknown>; enable_pyproxy_allocation_tracing(): void };
  };
  module.enable_pyproxy_allocation_tracing();
  const calls = python.pyodide.runPython(
    `import gc
gc.collect()
sum(type(it).__module__ == 'wsgiref_python' for it in gc.get_objects())`,
  ) as number;
  return { proxies: module.pyproxy_alloc_map.size, calls };
}
