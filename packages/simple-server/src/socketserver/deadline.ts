/**
 * A time by which something has to happen.
 *
 * A connection has many deadlines one after the other, and nearly all are met: one timer serves them
 * all. It is not stopped when a deadline is called off, and looks at the current one when it fires.
 */
export class Deadline<Target> {
  readonly #expire: (target: Target) => void;
  readonly #target: Target;
  /** When it is, on the clock of `performance.now()`. */
  #time = Infinity;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer fires. */
  #timerTime = Infinity;

  /**
   * @param expire called when a deadline has passed that was not called off
   * @param target what it is called with
   */
  constructor(expire: (target: Target) => void, target: Target) {
    this.#expire = expire;
    this.#target = target;
  }

  /**
   * Sets the deadline, in place of the one before.
   *
   * @param time on the clock of `performance.now()`, in milliseconds; Infinity calls it off
   */
  set(time: number): void {
    this.#time = time;
    if (time < this.#timerTime) this.#start(time - performance.now());
  }

  /** Calls the deadline off, and frees the timer. */
  close(): void {
    this.#time = this.#timerTime = Infinity;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #start(milliseconds: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerTime = this.#time;
    // Node cannot wait longer than that at once; `#fire` waits on.
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.ceil(milliseconds), 0x7fff_ffff));
  }

  #fire(): void {
    this.#timer = null;
    this.#timerTime = Infinity;
    if (this.#time === Infinity) return;
    const left = this.#time - performance.now();
    if (left > 0) {
      this.#start(left);
      return;
    }
    this.#time = Infinity;
    this.#expire(this.#target);
  }
}
