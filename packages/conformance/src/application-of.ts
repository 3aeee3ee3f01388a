import type { WSGIApplicationLike } from '@wsgiref/types';
import { cases } from './cases.ts';

/**
 * Returns the application of a case, for a gateway in another process.
 *
 * @param name the name of the case
 * @returns the application
 * @throws {RangeError} if there is no case of that name
 */
export function applicationOf(name: string): WSGIApplicationLike {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new RangeError(`no case is called '${name}'`);
  return found.application;
}
