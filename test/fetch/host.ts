// A runtime in a process of its own, with the application in its server.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = '--conditions=@wsgiref/source';

/** How each runtime runs one of `hosts/`. */
export const COMMANDS: Readonly<Record<string, () => string[]>> = {
  Bun: () => [binaryOf('@oven', 'bin/bun', 'bun/bin/bun.exe'), SOURCES, script('bun')],
  Deno: () => [
    binaryOf('@deno', 'deno', 'deno/deno'),
    ...['run', '--quiet', '--no-lock', '--allow-all', '--node-modules-dir=manual', SOURCES],
    script('deno'),
  ],
  Node: () => [
    ...[process.execPath, '--import', `${ROOT}test/docs/typescript.mjs`, SOURCES],
    script('node'),
  ],
};

function script(name: string): string {
  return `${ROOT}test/fetch/hosts/${name}.mjs`;
}

/**
 * Finds the program in the package for this machine. Where install scripts run they may have moved it
 * into the package that is named; here they do not.
 */
function binaryOf(scope: string, path: string, moved: string): string {
  const modules = `${ROOT}node_modules/`;
  const packages = existsSync(modules + scope) ? readdirSync(modules + scope) : [];
  const candidates = [...packages.map((name) => `${scope}/${name}/${path}`), moved];
  const found = candidates.find((candidate) => existsSync(modules + candidate));
  if (found !== undefined) return modules + found;
  throw new Error(`there is no ${candidates.join(' nor ')} in node_modules: run \`npm ci\``);
}

/** A server in a process. */
export class Host {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start([file, ...args]: string[]): Promise<Host> {
    const child = spawn(file!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (data: string) => (errors += data));
    for await (const line of createInterface({ input: child.stdout })) {
      return new Host(child, Number(line));
    }
    throw new Error(`${file!} has not started: ${errors}`);
  }

  /** Where it is. */
  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
