// A runtime in a process of its own, with the application in its server.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { binaryOf, inDeno } from '../support/runtimes.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = '--conditions=@wsgiref/source';

/** How each runtime runs one of `hosts/`. */
export const COMMANDS: Readonly<Record<string, () => string[]>> = {
  Bun: () => [binaryOf('@oven', 'bin/bun', 'bun/bin/bun.exe'), SOURCES, script('bun')],
  Deno: () => inDeno(script('deno')),
  Node: () => [
    ...[process.execPath, '--import', `${ROOT}test/docs/typescript.mjs`, SOURCES],
    script('node'),
  ],
};

function script(name: string): string {
  return `${ROOT}test/fetch/hosts/${name}.mjs`;
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
