import type { WSGIApplication, WSGIApplicationLike } from '@wsgiref/types';
import { asApplication } from '@wsgiref/util';
import type { Bridge } from './bridge.ts';
import { findApplication } from './find-application.ts';
import { type HostArguments, HostedCall } from './hosted-call.ts';
import { type BodyOptions, makeApplication } from './make-application.ts';
import type { Pyodide, PythonCallable } from './pyodide.ts';

/** A Python in this process, as {@link loadPython} starts it. */
export class Python {
  /** Its Pyodide: to run other code in it, or to show it other folders. */
  readonly pyodide: Pyodide;
  readonly #bridge: Bridge;
  readonly #bodies: BodyOptions;

  /** @internal */
  constructor(pyodide: Pyodide, bridge: Bridge, bodies: BodyOptions) {
    this.pyodide = pyodide;
    this.#bridge = bridge;
    this.#bodies = bodies;
  }

  /**
   * Whether this runtime can suspend WebAssembly: then Python reads a request body as it comes, and
   * waits for asynchronous applications.
   */
  get suspends(): boolean {
    return this.#bridge.suspends;
  }

  /**
   * Makes an application here of one that is written in Python.
   *
   * @param application `'module:name'`; `'module'` alone for its `application`, `'module:name()'` for
   *   what a function returns. Or what Pyodide shows of the application itself
   * @returns the application
   * @throws {Error} if there is no such module, or no such name in it
   * @throws {TypeError} if what is there cannot be called
   * @throws {PythonException} what importing the module raises
   */
  application(application: string | PythonCallable): WSGIApplication {
    const callable =
      typeof application === 'string' ? findApplication(this.#bridge, application) : application;
    return makeApplication(this.#bridge, callable, this.#bodies);
  }

  /**
   * Makes an application for Python's own servers and test clients of one that is written here.
   *
   * Python is synchronous. Where the runtime can suspend WebAssembly, and Python was entered by
   * `runPythonAsync()` or `callPromising()`, it waits for what is asynchronous; elsewhere that is a
   * RuntimeError in Python.
   *
   * @param application what Python is to call
   * @returns a callable of Python's; `destroy()` it when it is no longer needed
   * @throws {TypeError} if it is no application
   */
  toPython(application: WSGIApplicationLike): PythonCallable {
    const plain = asApplication(application);
    return this.#bridge.functions.host(
      (...args: HostArguments) => new HostedCall(plain, this.#bridge, ...args),
    ) as PythonCallable;
  }
}
