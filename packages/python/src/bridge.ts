import { PYTHON_HALF, PYTHON_HALF_FILE } from './python-half.ts';
import type { Pyodide, PythonCallable } from './pyodide.ts';
import { Turns } from './turns.ts';

/** The functions of the Python half. */
const NAMES = [
  'canRunSync',
  'load',
  'begin',
  'step',
  'readFile',
  'finish',
  'hosted',
  'host',
] as const;

interface PythonDict {
  get(name: string): unknown;
}

/** The way into Python, one for all requests. */
export class Bridge {
  /** What JavaScript calls of the Python half. They last as long as Python does. */
  readonly functions: Readonly<Record<(typeof NAMES)[number], PythonCallable>>;
  /** Whether WebAssembly can be suspended here. */
  readonly suspends: boolean;
  /** Whether a request may enter while another waits within Python. */
  readonly concurrent: boolean;
  /** Who is in Python, where others could come in meanwhile and must not; null elsewhere. */
  readonly turns: Turns | null;

  private constructor(functions: Bridge['functions'], suspends: boolean, concurrent: boolean) {
    this.functions = functions;
    this.suspends = suspends;
    this.concurrent = suspends && concurrent;
    this.turns = suspends && !concurrent ? new Turns() : null;
  }

  /**
   * Sets up the Python half.
   *
   * @param pyodide where
   * @param concurrent whether a request may enter while another waits within Python
   */
  static async over(pyodide: Pyodide, concurrent: boolean): Promise<Bridge> {
    const globals = pyodide.toPy({
      __name__: 'wsgiref_python',
      __file__: PYTHON_HALF_FILE,
    }) as PythonDict;
    pyodide.runPython(PYTHON_HALF, { globals, filename: PYTHON_HALF_FILE });
    const found = globals.get('FUNCTIONS') as PythonDict;
    const entries = NAMES.map((name) => [name, found.get(name) as PythonCallable]);
    const functions = Object.fromEntries(entries) as Bridge['functions'];
    // Pyodide rejects it where WebAssembly cannot be suspended.
    const suspends = await functions.canRunSync.callPromising().then(
      () => true,
      () => false,
    );
    return new Bridge(functions, suspends, concurrent);
  }

  /**
   * Calls a function of the Python half, in which Python may wait if it can.
   *
   * @param name the function
   * @param args what it is called with
   */
  async enter(name: (typeof NAMES)[number], ...args: unknown[]): Promise<unknown> {
    const called = this.functions[name];
    if (!this.suspends) return called(...args);
    await this.turns?.take();
    try {
      return await called.callPromising(...args);
    } finally {
      this.turns?.give();
    }
  }

  /**
   * Lets others into Python while it waits for what is outside, and may need them itself.
   *
   * @param outcome what it waits for
   */
  async outside<T>(outcome: PromiseLike<T>): Promise<T> {
    this.turns?.give();
    try {
      return await outcome;
    } finally {
      await this.turns?.take();
    }
  }
}
