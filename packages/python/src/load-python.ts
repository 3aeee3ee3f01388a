import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { repr } from '@wsgiref/util';
import { Bridge } from './bridge.ts';
import type { Pyodide } from './pyodide.ts';
import { Python } from './python.ts';

/** How Python is started, and how it is given its requests. */
export interface PythonOptions {
  /** A Python that runs already; by default one is started, which takes some seconds. */
  pyodide?: Pyodide;
  /** The folder of Pyodide's own files; by default that of the installed package `pyodide`. */
  indexURL?: string;
  /**
   * Folders of this system, paths or `file:` URLs, in which Python looks for modules, the first first.
   * Python sees them under their own paths, with all that is in them, and can write to them.
   */
  paths?: readonly (string | URL)[];
  /**
   * Variables of Python's `os.environ`; those of this process are not in it. By default
   * `PYTHONDONTWRITEBYTECODE` is `'1'`, so that importing a module writes nothing beside it.
   */
  environment?: Readonly<Record<string, string>>;
  /**
   * How many bytes of a request body are kept in memory where it must be there before Python begins;
   * 1048576 by default. A longer one is in a file meanwhile.
   */
  maxBodyInMemory?: number;
  /** The folder for such files; by default the system's. */
  temporaryFolder?: string;
  /**
   * Whether another request may enter Python while one waits there, for more of its body or for its
   * client: then `wsgi.multithread` is true, as with green threads. By default it waits its turn.
   */
  concurrent?: boolean;
}

interface PyodideModule {
  loadPyodide(options: { indexURL: string; env: Record<string, string> }): Promise<Pyodide>;
}

/**
 * Starts a Python in this process, for applications that are written in it.
 *
 * It is CPython as WebAssembly: one interpreter in one thread, without sockets, with the modules that
 * are in `paths`, if they are of Python alone.
 *
 * @param options how; by default with nothing but Python's own library
 * @returns the Python, which lasts as long as the process
 * @throws {Error} if Pyodide is not installed, or a folder of `paths` is not there
 * @throws {RangeError} if an option cannot be
 *
 * @example
 * ```ts no-run
 * import { loadPython } from '@wsgiref/python';
 * import { makeServer } from '@wsgiref/simple-server';
 *
 * const python = await loadPython({ paths: ['shop', '/usr/lib/python3/dist-packages'] });
 * await using httpd = await makeServer('127.0.0.1', 8000, python.application('shop.wsgi:app'));
 * await httpd.serveForever();
 * ```
 */
export async function loadPython(options: PythonOptions = {}): Promise<Python> {
  const { maxBodyInMemory = 1024 * 1024, temporaryFolder = tmpdir(), concurrent = false } = options;
  if (!(maxBodyInMemory >= 0)) {
    throw new RangeError(
      `maxBodyInMemory should be a number of bytes (got ${repr(maxBodyInMemory)})`,
    );
  }
  const environment = { PYTHONDONTWRITEBYTECODE: '1', ...options.environment };
  const pyodide = options.pyodide ?? (await start(options.indexURL, environment));
  const paths = (options.paths ?? []).map((path) =>
    resolve(typeof path === 'string' ? path : fileURLToPath(path)),
  );
  const folders = paths.map((path) => mount(pyodide, path));
  const globals = pyodide.toPy({ folders, environment: options.pyodide ? environment : {} });
  pyodide.runPython(
    `import os, sys
os.environ.update(environment)
sys.dont_write_bytecode = bool(os.environ.get('PYTHONDONTWRITEBYTECODE'))
sys.path[:0] = folders`,
    { globals },
  );
  const bridge = await Bridge.over(pyodide, concurrent);
  return new Python(pyodide, bridge, { maxBodyInMemory, temporaryFolder });
}

async function start(
  indexURL: string | undefined,
  environment: Record<string, string>,
): Promise<Pyodide> {
  const folder = indexURL ?? dirname(find('pyodide/package.json'));
  // By its path: Pyodide would look for its files beside whoever imports it.
  const path = join(folder, 'pyodide.mjs');
  const module = (await import(pathToFileURL(path).href)) as PyodideModule;
  return module.loadPyodide({ indexURL: folder, env: environment });
}

function find(specifier: string): string {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch (error) {
    throw new Error('there is no pyodide: `npm install pyodide`, or give its folder as indexURL', {
      cause: error,
    });
  }
}

/** Shows Python a folder, under its own path. */
function mount(pyodide: Pyodide, folder: string): string {
  const { FS } = pyodide;
  const path = posix.join('/', folder.replaceAll(sep, '/'));
  if (FS.analyzePath(path).exists) {
    const { node } = FS.lookupPath(path, { follow_mount: true });
    // Part of one that is there already.
    if (node.mount.opts.root !== undefined) return path;
  }
  pyodide.mountNodeFS(path, realpathSync(folder));
  return path;
}
