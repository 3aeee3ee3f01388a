// Making a signal costs as much as a tenth of a request, and few applications look at it.

const KEY = 'wsgiref.signal';

/** What makes the signal of an environ. */
const MAKE = Symbol('makeSignal');

// One pair of functions for all environs: with functions of its own, each would be of a hidden class of
// its own.
const LAZY: PropertyDescriptor & ThisType<Record<PropertyKey, unknown>> = {
  enumerable: true,
  configurable: true,
  get() {
    return (this[KEY] = (this[MAKE] as () => AbortSignal)());
  },
  set(value: unknown) {
    Object.defineProperty(this, KEY, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  },
};

/**
 * Puts `wsgiref.signal` into an environ, to be made when someone looks at it.
 *
 * @param environ the request
 * @param make makes the signal
 */
export function addSignal(environ: object, make: () => AbortSignal): void {
  // Not enumerable: a copy of the environ has the signal itself.
  Object.defineProperty(environ, MAKE, { value: make });
  Object.defineProperty(environ, KEY, LAZY);
}
