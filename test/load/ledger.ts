// What has become of the requests that were sent.

/** What a client says of a request. */
export type Outcome =
  /** The right response came, whole. */
  | 'answered'
  // No byte of a response came, and none had to:
  /** the connection had been idle for as long as it may; */
  | 'idled'
  /** the response before it had said that the connection ends; */
  | 'closed'
  /** the server had been told to shut down. */
  | 'stopped'
  /** The client did not wait for the response, or sent no whole request. */
  | 'left';

const EXCUSED: ReadonlySet<Outcome | null> = new Set<Outcome>(['idled', 'closed', 'stopped']);

/** The requests of a run, by their numbers. */
export class Ledger {
  readonly #outcomes: (Outcome | null)[] = [null];
  readonly #counts: Record<Outcome, number> = {
    answered: 0,
    idled: 0,
    closed: 0,
    stopped: 0,
    left: 0,
  };

  /** Returns the number of the next request. */
  issue(): number {
    return this.#outcomes.push(null) - 1;
  }

  /** Says what has become of a request. */
  conclude(number: number, outcome: Outcome): void {
    this.#outcomes[number] = outcome;
    this.#counts[outcome]++;
  }

  /** What has become of a request; null if it has not been said. */
  outcomeOf(number: number): Outcome | null {
    return this.#outcomes[number] ?? null;
  }

  /** How many requests have come to what. */
  get counts(): Readonly<Record<Outcome, number>> {
    return this.#counts;
  }

  /**
   * Compares with what the server has seen.
   *
   * @param calls how often the application was called for each number
   * @returns what does not agree, in words
   */
  problems(calls: Uint8Array): string[] {
    const problems: string[] = [];
    for (const [number, outcome] of this.#outcomes.entries()) {
      const times = calls[number] ?? 0;
      if (times > 1) problems.push(`request ${number} was served ${times} times`);
      if (outcome === 'answered' && times === 0) {
        problems.push(`request ${number} was answered, and never served`);
      }
      if (EXCUSED.has(outcome) && times > 0) {
        problems.push(`request ${number} was served, and its response was lost`);
      }
    }
    return problems;
  }
}
