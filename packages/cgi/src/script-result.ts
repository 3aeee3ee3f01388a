import type { ErrorStream } from '@wsgiref/types';
import { complain, describe } from './complain.ts';
import type { Settings } from './options.ts';
import { ScriptError } from './script-error.ts';
import type { ScriptProcess } from './script-process.ts';

/** The body that a script sends: block by block as it comes, and no faster than it is taken. */
export class ScriptResult implements AsyncIterable<Uint8Array> {
  readonly #script: ScriptProcess;
  readonly #settings: Settings;
  readonly #errors: ErrorStream;
  readonly #release: () => void;

  /**
   * @param script the script, whose head has been read
   * @param settings how much it may send
   * @param errors where it is logged how the script has ended, if not well
   * @param release called when nothing of the script is left
   */
  constructor(script: ScriptProcess, settings: Settings, errors: ErrorStream, release: () => void) {
    this.#script = script;
    this.#settings = settings;
    this.#errors = errors;
    this.#release = release;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield* this.#blocks();
      await this.#finish();
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      throw new Error(`${this.#settings.script} ${error.message}`, { cause: error });
    }
  }

  /**
   * Waits for the end of the script, and throws away what it sends.
   *
   * @throws {ScriptError} if it does not end well
   */
  async drain(): Promise<void> {
    for await (const _ of this.#blocks());
    await this.#finish();
    await this.close();
  }

  /** Ends the script if it still runs. */
  async close(): Promise<void> {
    await this.#script.close();
    this.#release();
  }

  async *#blocks(): AsyncGenerator<Uint8Array, undefined> {
    const { output } = this.#script;
    const { maxOutput } = this.#settings;
    let sent = 0;
    for (;;) {
      // What is there, be it little: nothing is held back.
      const { length } = await output.peek();
      if (length === 0) return;
      sent += length;
      if (sent > maxOutput) {
        throw new ScriptError(`sends a body of more than ${maxOutput} bytes`);
      }
      yield await output.read(length);
    }
  }

  /** The response has been sent by now: what is wrong with its end is for the log. */
  async #finish(): Promise<void> {
    const ending = await this.#script.wait();
    if (ending?.signal) throw new ScriptError(describe(ending));
    if (ending?.code === 0) return;
    const { timeout } = this.#settings;
    const late = `has not ended within ${timeout} ms after its output, and was made to`;
    await complain(this.#errors, this.#settings, ending ? describe(ending) : late);
  }
}
