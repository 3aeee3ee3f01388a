// The protocol is synchronous by contract and asynchronous by transport: a value is awaited only
// where it is a promise, so that what does not wait does not pay for waiting.

import type { Awaitable } from '@wsgiref/types';

/**
 * Whether a value must be awaited.
 *
 * @param value anything
 * @returns true for a promise and for any object with a `then()` method
 */
export function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Does the next step at once if the value is there, else when it has come.
 *
 * @param value a value, or a promise of it
 * @param next the next step
 * @returns what the next step returns
 */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromiseLike(value) ? value.then(next) : next(value);
}
