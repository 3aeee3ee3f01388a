/**
 * Carries what JavaScript has thrown, be it an error or not, through Python: if Python lets it go on,
 * it is that very value which comes out.
 */
export class Thrown extends Error {
  readonly value: unknown;

  /** @param value what was thrown */
  constructor(value: unknown) {
    const { name, message, stack } = (value ?? {}) as Partial<Error>;
    super(typeof message === 'string' ? message : String(value));
    // What Python tells of it, and chooses an exception of its own by.
    if (typeof name === 'string') this.name = name;
    if (typeof stack === 'string') this.stack = stack;
    this.value = value;
  }

  /** What was thrown, whatever it is wrapped in. */
  static unwrap(error: unknown): unknown {
    return error instanceof Thrown ? error.value : error;
  }
}
