// CPython 3.14 with its own `wsgiref`, as WebAssembly, in the process of the test. It has no sockets.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** What is used of Pyodide. */
export interface Pyodide {
  /** Runs statements; the value of the last is returned. */
  runPython(code: string, options?: { globals: unknown }): unknown;
  /** Makes a dict of an object, and a list of an array. */
  toPy(value: object): PythonObject;
}

/** An object of Python's. */
export interface PythonObject {
  get(name: string): unknown;
}

interface PyodideModule {
  loadPyodide(options: { indexURL: string }): Promise<Pyodide>;
}

/** Starts a Python, which takes some seconds: one for a file of tests. */
export async function loadPyodide(): Promise<Pyodide> {
  // Imported by path, since its declarations want the DOM's. It would look for its files beside the
  // caller in the stack trace, which jest rewrites.
  const path = createRequire(import.meta.url).resolve('pyodide/pyodide.mjs');
  const module = (await import(path)) as PyodideModule;
  return module.loadPyodide({ indexURL: dirname(path) });
}

/**
 * Runs a file of Python, and returns its names.
 *
 * @param pyodide where to run it
 * @param url the file
 */
export function runFile(pyodide: Pyodide, url: URL): PythonObject {
  const globals = pyodide.toPy({ __name__: 'wsgiref_test' });
  pyodide.runPython(readFileSync(url, 'utf8'), { globals });
  return globals;
}
