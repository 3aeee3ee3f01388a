// A process of its own, with what it writes.

import { type ChildProcess, spawn } from 'node:child_process';

/** A Node process that runs a script. */
export class Child {
  readonly process: ChildProcess;
  /** What it has written to standard output. */
  stdout = '';
  /** What it has written to standard error. */
  stderr = '';
  /** Resolves with its exit status, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(script: string, args: readonly string[], options: { cwd?: string } = {}) {
    this.process = spawn(process.execPath, [script, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#look();
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#look();
    });
    this.exit = new Promise((resolve) => {
      // All output has come by then.
      this.process.on('close', (status, signal) => {
        this.#ended = true;
        resolve(status ?? signal);
        this.#look();
      });
    });
  }

  /** Waits until standard output matches. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.stdout), `output ${pattern}`);
  }

  /** Waits until standard error matches. */
  async waitForError(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.stderr), `error output ${pattern}`);
  }

  /** Ends the process, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exit;
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  #until<T>(attempt: () => T | null, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = attempt();
        if (found !== null) resolve(found);
        else if (this.#ended) reject(new Error(`no ${what}; errors: ${this.stderr}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
