import { repr } from '@wsgiref/util';
import type { Bridge } from './bridge.ts';
import type { PythonCallable } from './pyodide.ts';
import { toError } from './to-error.ts';

/** What the Python half may complain of, and what to say. */
const COMPLAINTS = {
  module: (name: string, what: string) =>
    new Error(
      `Python finds no module ${repr(what)} for the application ${repr(name)}: ` +
        'put the folder that it is in into `paths`',
    ),
  attribute: (name: string, what: string) =>
    new Error(
      `there is no ${repr(what)} in Python for the application ${repr(name)}: ` +
        "it should be 'module:name'",
    ),
  callable: (name: string, what: string) =>
    new TypeError(
      `the application ${repr(name)} is nothing that Python can call (it is ${what}): ` +
        'name a callable, or what returns one with () behind it',
    ),
};

/**
 * Finds an application by its name in Python.
 *
 * @param bridge the way into Python
 * @param name `'module:name'`
 * @returns the application
 * @throws {Error} if there is no such module, or no such name in it
 * @throws {TypeError} if what is there cannot be called
 * @throws {PythonException} what importing the module raises
 */
export function findApplication({ functions }: Bridge, name: string): PythonCallable {
  let failure: { readonly error: unknown } | null = null;
  const found = functions.load(name, {
    refuse(what: keyof typeof COMPLAINTS, value: string): void {
      failure = { error: COMPLAINTS[what](name, value) };
    },
    threw(outward: unknown): void {
      failure = { error: toError(outward) };
    },
  });
  if (failure) throw (failure as { readonly error: unknown }).error;
  return found as PythonCallable;
}
