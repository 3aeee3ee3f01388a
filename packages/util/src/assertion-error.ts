/**
 * A rule of the protocol was broken: thrown wherever Python asserts.
 *
 * Python counterpart: the built-in `AssertionError`.
 *
 * @example
 * ```ts
 * import { AssertionError } from '@wsgiref/util';
 *
 * try {
 *   throw new AssertionError('Headers already set!');
 * } catch (error) {
 *   console.log(error instanceof AssertionError); // true
 * }
 * ```
 */
export class AssertionError extends Error {
  override readonly name: string = 'AssertionError';
}
