// Runs the programs of docs/examples, each as a child process.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const EXAMPLES: string = fileURLToPath(new URL('../../docs/examples/', import.meta.url));

export interface ProgramOptions {
  /** Variables beside those of this process. */
  env?: Record<string, string>;
  /** Standard input; nothing by default. */
  input?: string;
}

/** A program that has been started. `await using` stops it. */
export class Program {
  readonly #child;
  readonly #ended: Promise<number | NodeJS.Signals>;
  #stdout = '';
  #stderr = '';
  /** Looks at the output again whenever there is more of it. */
  #look: (() => void) | null = null;

  /**
   * @param file what to run, from the folder of the examples, which it runs in
   * @param args its arguments
   * @param options what else it is given
   */
  constructor(file: string, args: readonly string[] = [], options: ProgramOptions = {}) {
    this.#child = spawn(
      process.execPath,
      [
        '--conditions=@wsgiref/source',
        `--import=${new URL('typescript.mjs', import.meta.url).href}`,
        file,
        ...args,
      ],
      { cwd: EXAMPLES, env: { ...process.env, ...options.env } },
    );
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#stdout += text;
      this.#look?.();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#look?.();
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        resolve((code ?? signal)!);
        this.#look?.();
      });
    });
    this.#child.stdin.end(options.input ?? '');
  }

  /** What it has printed, as a native string. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until the program prints something, and fails if it ends instead. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#waitFor(() => pattern.exec(this.#stdout), String(pattern));
  }

  /** The same for standard error. */
  async logs(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#waitFor(() => pattern.exec(this.#stderr), String(pattern));
  }

  /** Waits until the program says which port it listens on. */
  async port(): Promise<number> {
    return Number((await this.prints(/^\w+.* port (\d+) \.\.\.$/m))[1]);
  }

  /** Waits until the program has ended by itself, or been killed; returns its status or the signal. */
  async end(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops it, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }

  async #waitFor<T>(find: () => T | null, what: string): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#look = () => {
          const found = find();
          if (found !== null) resolve(found);
        };
        this.#look();
        const reason = (end: unknown): string =>
          `ended with ${String(end)} before ${what}:\n${this.#stdout}${this.#stderr}`;
        this.#ended.then((end) => reject(new Error(reason(end))), reject);
      });
    } finally {
      this.#look = null;
    }
  }
}
