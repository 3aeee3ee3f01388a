// The server under load, as its clients have it: a process that is asked and answers.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Facts, Job, Order } from './messages.ts';

const SCRIPT = fileURLToPath(new URL('server.ts', import.meta.url));
const TYPESCRIPT = new URL('../docs/typescript.mjs', import.meta.url).href;

/** Seconds until the process has started: it may have to be compiled first. */
const START_TIME = 60;

/** How the process has ended. */
export interface Exit {
  /** Its status, or the signal that ended it; null if it had to be ended. */
  status: number | NodeJS.Signals | null;
  /** What it has written to standard error. */
  stderr: string;
}

/** A server process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  readonly #answers: Answer[] = [];
  #stderr = '';

  private constructor(job: Job) {
    this.#child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--conditions=@wsgiref/source',
        `--import=${TYPESCRIPT}`,
        SCRIPT,
        JSON.stringify(job),
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    this.#exit = once(this.#child, 'close');
    this.#child.on('message', (answer: Answer) => this.#answers.push(answer));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  /** Starts a server; returns it with the port that it listens on. */
  static async start(job: Job): Promise<[server: ServerProcess, port: number]> {
    const server = new ServerProcess(job);
    const port = await server.#await('port', START_TIME);
    if (port !== null) return [server, port];
    const { status, stderr } = await server.exit(0);
    throw new Error(`the server does not start (${status ?? 'killed'}): ${stderr}`);
  }

  /** Has what is occupied before the measurement noted. */
  async measure(seconds: number): Promise<boolean> {
    this.#order('measure');
    return (await this.#await('measured', seconds)) !== null;
  }

  /** Has the server shut down; returns whether it has, in time. */
  async shutdown(seconds: number): Promise<boolean> {
    this.#order('shutdown');
    return (await this.#await('shutDown', seconds)) !== null;
  }

  /** What the process has seen; null if it does not say. */
  async facts(seconds: number): Promise<Facts | null> {
    return this.#await('facts', seconds);
  }

  /** Waits until the process has ended; after a while it is killed. */
  async exit(seconds: number): Promise<Exit> {
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = this.#child.kill('SIGKILL');
    }, seconds * 1000);
    const [status, signal] = (await this.#exit) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return { status: isKilled ? null : (status ?? signal), stderr: this.#stderr };
  }

  #order(order: Order): void {
    // It may have ended: then the answer does not come, which is reported.
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  /** Waits for an answer; null if none comes in time, or the process ends. */
  #await(key: 'port', seconds: number): Promise<number | null>;
  #await(key: 'measured' | 'shutDown', seconds: number): Promise<true | null>;
  #await(key: 'facts', seconds: number): Promise<Facts | null>;
  #await(key: string, seconds: number): Promise<unknown> {
    return new Promise((resolve) => {
      const settle = (value: unknown): void => {
        clearTimeout(timer);
        this.#child.off('message', look).off('close', giveUp);
        resolve(value);
      };
      const look = (): void => {
        const answer = this.#answers.find((each) => key in each);
        if (answer) settle((answer as unknown as Record<string, unknown>)[key]);
      };
      const giveUp = (): void => settle(null);
      const timer = setTimeout(giveUp, seconds * 1000);
      this.#child.on('message', look).on('close', giveUp);
      look();
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) giveUp();
    });
  }
}
