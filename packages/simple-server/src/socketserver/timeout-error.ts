/**
 * The client neither sent nor took anything for as long as `timeout` allows.
 *
 * Python counterpart: the built-in `TimeoutError`.
 */
export class TimeoutError extends Error {
  override readonly name: string = 'TimeoutError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('timed out');
  }
}

/**
 * Lets a wait end.
 *
 * @param seconds how long it may last; null, for ever
 * @param expire called with the error when it has lasted that long
 * @returns a function that calls it off
 */
export function startTimeout(
  seconds: number | null,
  expire: (error: TimeoutError) => void,
): () => void {
  if (seconds === null) return () => {};
  const timer = setTimeout(() => expire(new TimeoutError()), seconds * 1000);
  return () => clearTimeout(timer);
}
