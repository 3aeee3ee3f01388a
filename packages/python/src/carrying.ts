import type { Awaitable } from '@wsgiref/types';
import { isPromiseLike } from '@wsgiref/util';
import { Later } from './later.ts';
import { Thrown } from './thrown.ts';

/**
 * Makes of a function one that Python can call: what it throws is a {@link Thrown}, and what it returns
 * is a value, or a {@link Later}.
 *
 * @param called the function
 * @returns the other
 */
export function carrying<A extends unknown[], T>(
  called: (...args: A) => Awaitable<T>,
): (...args: A) => T | Later<T> {
  const carry = (error: unknown): never => {
    throw new Thrown(error);
  };
  return (...args) => {
    try {
      const value = called(...args);
      return isPromiseLike(value) ? new Later(Promise.resolve(value).catch(carry)) : value;
    } catch (error) {
      return carry(error);
    }
  };
}
