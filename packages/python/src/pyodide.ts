// What is used of Pyodide. Its own declarations want those of the DOM, which a server has not.

/** An object of Python's, as Pyodide shows it to JavaScript: a `PyProxy`. */
export interface PythonObject {
  /** Lets Python forget it; it cannot be used afterwards. */
  destroy(): void;
}

/** A function of Python's, or any other object that can be called: a `PyCallable`. */
export interface PythonCallable extends PythonObject {
  // What comes back is for the caller to know.
  (...args: unknown[]): unknown;
  /** Calls it so that it can wait for promises, where the runtime can suspend WebAssembly. */
  callPromising(...args: unknown[]): Promise<unknown>;
}

/** A Python in WebAssembly: the `PyodideInterface` that `loadPyodide()` of `pyodide` returns. */
export interface Pyodide {
  /** Python's file system. */
  readonly FS: {
    analyzePath(path: string): { readonly exists: boolean };
    lookupPath(
      path: string,
      options: { follow_mount: boolean },
    ): { readonly node: { readonly mount: { readonly opts: { readonly root?: string } } } };
  };
  /** Runs statements; the value of the last is returned. */
  runPython(code: string, options?: { globals?: unknown; filename?: string }): unknown;
  /** The same, but the statements may wait for promises. */
  runPythonAsync(
    code: string,
    options?: { globals?: unknown; filename?: string },
  ): Promise<unknown>;
  /** Shows a folder of the host to Python. */
  mountNodeFS(path: string, folder: string): void;
  /** Makes a dict of an object, and a list of an array. */
  toPy(value: object): unknown;
}
