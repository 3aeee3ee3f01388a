import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ErrorStream, InputStream } from '@wsgiref/types';
import { BufferedReader } from '@wsgiref/util';
import type { Settings } from './options.ts';
import { ScriptTimeout } from './script-error.ts';

/** Bytes of the request body to hand on at a time. */
const BLOCK_SIZE = 8192;

/** As much of what a script writes to standard error is logged, in bytes. */
const LONGEST_LOG = 65536;

/** Milliseconds from asking a script to end until it has to. */
const GRACE = 2000;

/** Milliseconds that a timer can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** How a process has ended. */
export interface Ending {
  /** Its exit status; null if a signal has ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A script that answers a request: its standard streams, and its end. */
export class ScriptProcess {
  /** What it writes to standard output. */
  readonly output: BufferedReader;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timeout: number;
  readonly #deadline: NodeJS.Timeout | undefined;
  /** Resolves when the process has ended, and its streams are closed. */
  readonly #ending: Promise<Ending>;
  /** Resolves when all is logged that will be. */
  readonly #logged: Promise<void>;
  #hasEnded = false;
  #failure: { readonly error: unknown } | null = null;

  /**
   * @param child the process
   * @param settings how long it may take
   * @param errors where its standard error goes
   */
  constructor(
    child: ChildProcessWithoutNullStreams,
    { timeout, maxDuration }: Settings,
    errors: ErrorStream,
  ) {
    this.#child = child;
    this.#timeout = timeout;
    this.#ending = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#hasEnded = true;
        clearTimeout(this.#deadline);
        resolve({ code, signal });
      });
    });
    // A script need not read its input.
    child.stdin.on('error', () => {});
    if (maxDuration !== Infinity) {
      this.#deadline = setTimeout(
        () => this.fail(new ScriptTimeout(`has not ended after ${maxDuration} ms`)),
        Math.min(maxDuration, LONGEST_TIMER),
      );
    }
    this.output = new Output(child.stdout, (wait) => this.#within(wait));
    this.#logged = log(child.stderr, errors);
  }

  /**
   * Hands the request body on, as fast as the script reads it.
   *
   * @param input where it comes from
   * @param length its length in bytes; nothing is read beyond
   */
  async feed(input: InputStream, length: number): Promise<void> {
    const { stdin } = this.#child;
    try {
      for (let missing = length; missing > 0 && !stdin.destroyed;) {
        const block = await input.read(Math.min(missing, BLOCK_SIZE));
        if (block.length === 0) break;
        missing -= block.length;
        if (!stdin.destroyed && !stdin.write(block)) await drained(stdin);
      }
      stdin.end();
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * Ends the script because of an error, which comes out of whatever waits for the script.
   *
   * @param error what has gone wrong; the first counts
   */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#end();
  }

  /**
   * Waits until the script has ended.
   *
   * @returns how; null if it has not ended in time after it closed its output, and was made to
   */
  async wait(): Promise<Ending | null> {
    try {
      const ending = await this.#within(() => this.#ending);
      await this.#logged;
      return ending;
    } catch (error) {
      if (!(error instanceof ScriptTimeout)) throw error;
      return null;
    }
  }

  /** Ends the script if it has not ended by itself, and waits until nothing of it is left. */
  async close(): Promise<void> {
    this.#end();
    await this.#ending;
    await this.#logged;
  }

  /** Waits for the script, but not for ever. */
  async #within<T>(wait: () => Promise<T>): Promise<T> {
    const silence = setTimeout(
      () => this.fail(new ScriptTimeout(`has been silent for ${this.#timeout} ms`)),
      Math.min(this.#timeout, LONGEST_TIMER),
    );
    try {
      const value = await wait();
      this.#check();
      return value;
    } catch (error) {
      this.#check();
      throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  /** Whatever else there is to say, it has failed because of this. */
  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#kill('SIGTERM');
    const last = setTimeout(() => this.#kill('SIGKILL'), GRACE);
    void this.#ending.then(() => {
      clearTimeout(last);
      // What it has started may not have heard the first, or not have listened.
      this.#kill('SIGKILL');
    });
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#child.pid!, signal);
    } catch {
      // There is nobody left.
    }
  }
}

/** What comes from a pipe. */
class Output extends BufferedReader {
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #within: (wait: () => Promise<Uint8Array>) => Promise<Uint8Array>;

  constructor(stdout: Readable, within: (wait: () => Promise<Uint8Array>) => Promise<Uint8Array>) {
    super();
    this.#blocks = stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.#within = within;
  }

  protected override _pull(): Promise<Uint8Array> {
    return this.#within(async () => {
      const next = await this.#blocks.next();
      return next.done ? new Uint8Array(0) : next.value;
    });
  }
}

/** Logs what a script complains of; reads on when that is enough, lest the script stand still. */
async function log(stderr: Readable, errors: ErrorStream): Promise<void> {
  let left = LONGEST_LOG;
  const decoder = new TextDecoder();
  const write = async (block: Uint8Array): Promise<void> => {
    await errors.write(decoder.decode(block.subarray(0, left), { stream: true }));
    left -= block.length;
    if (left <= 0) await errors.write('\n(more than that is not logged)\n');
  };
  try {
    for await (const block of stderr as AsyncIterable<Uint8Array>) {
      // A log that cannot be written is no reason for the script to fail.
      if (left > 0) await write(block).catch(() => (left = 0));
    }
  } catch {
    // The pipe was closed: the script is being ended.
  }
}

function drained(stdin: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stdin.once('drain', resolve).once('close', resolve);
  });
}
