import type { Awaitable, WSGIResult } from '@wsgiref/types';

/** What may be closed: a result, or an iterator over one. */
interface Closable {
  close?(): unknown;
  return?(): unknown;
}

/**
 * Closes a result after its last use, as PEP 3333 asks of whoever called the application.
 *
 * An iterator that was left in the middle gets `return()`, so that the `finally` blocks of a generator
 * run; then the result gets `close()` if it has one. A result that is a generator itself has only
 * `return()`, and gets that. Nothing is called twice; that the function is, the caller must see to.
 *
 * @param result what the application returned
 * @param abandoned the iterator over it that has not come to its end, if there is one
 * @returns a promise if there was something to close, else nothing
 * @throws what one of them throws, the last if both do; the other is called all the same
 */
export function closeResult(
  result: WSGIResult,
  abandoned: Iterator<unknown> | AsyncIterator<unknown> | null = null,
): Awaitable<void> {
  const closable = result as Closable;
  if (!abandoned?.return && !closable.close && !closable.return) return;
  return closeBoth(closable, abandoned as Closable | null);
}

async function closeBoth(result: Closable, abandoned: Closable | null): Promise<void> {
  try {
    await abandoned?.return?.();
  } finally {
    if (result.close) await result.close();
    else if (result !== abandoned) await result.return?.();
  }
}
