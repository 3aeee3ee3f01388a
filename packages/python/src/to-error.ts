import { type ExceptionDescription, PythonException } from './python-exception.ts';
import { Thrown } from './thrown.ts';

/**
 * What to throw for an exception that has left Python.
 *
 * @param outward what the Python half of the bridge says: a description as JSON, or the error of
 *   JavaScript's that has come back
 * @returns the error
 */
export function toError(outward: unknown): unknown {
  if (typeof outward !== 'string') return Thrown.unwrap(outward);
  return new PythonException(JSON.parse(outward) as ExceptionDescription);
}
