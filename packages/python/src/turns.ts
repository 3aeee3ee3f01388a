/** Lets one after another have something: who asks while it is taken waits. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Takes it, as soon as it is free. */
  async take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
  }

  /** Gives it to whoever has waited longest. */
  give(): void {
    const next = this.#waiting.shift();
    // It stays taken meanwhile: nobody can come in between.
    if (next) next();
    else this.#taken = false;
  }
}
