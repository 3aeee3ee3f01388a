// What the server process keeps count of.

import type { Kept } from './messages.ts';

/** Highest number of a request. */
const MOST_REQUESTS = 2 ** 22;

/** Counts the objects of a kind, and those of them that the collector has taken. */
export class Census {
  #made = 0;
  #collected = 0;
  readonly #registry = new FinalizationRegistry(() => this.#collected++);

  /** Counts an object. */
  add(thing: WeakKey): void {
    this.#made++;
    this.#registry.register(thing, null);
  }

  /** How many there were, and how many there are. */
  get kept(): Kept {
    return { made: this.#made, kept: this.#made - this.#collected };
  }
}

/** What has happened in the server process. */
export class Books {
  readonly warnings: string[] = [];
  readonly uncaught: string[] = [];
  readonly serverErrors: string[] = [];
  readonly logged: string[] = [];
  readonly environs: Census = new Census();
  readonly signals: Census = new Census();
  readonly connections: Census = new Census();
  begun = 0;
  closed = 0;
  closedAgain = 0;
  mostWaiting = 0;
  readonly #calls = new Uint8Array(MOST_REQUESTS);
  #highest = 0;

  /** Notes that the application was called. */
  called(number: number): void {
    if (number >= MOST_REQUESTS) throw new RangeError(`no more than ${MOST_REQUESTS} requests`);
    this.#calls[number] = Math.min(255, this.#calls[number]! + 1);
    this.#highest = Math.max(this.#highest, number);
  }

  /** How often it was called for each number, in Base64. */
  get calls(): string {
    return Buffer.from(this.#calls.subarray(0, this.#highest + 1)).toString('base64');
  }

  /** Notes that a result was begun; what is returned notes that it was closed. */
  begin(): () => void {
    this.begun++;
    let isClosed = false;
    return () => {
      if (isClosed) this.closedAgain++;
      else this.closed++;
      isClosed = true;
    };
  }
}
