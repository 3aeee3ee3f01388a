import type { PartialEnvironment } from './environ.ts';

/** Adds a variable to an environ that is made when it is first asked for. */
export interface LazyVariable<Value> {
  /**
   * @param environ the request
   * @param make makes the value; called once at most
   */
  (environ: PartialEnvironment, make: () => Value): void;
}

/** Makes nothing: its subclasses put their private fields into the object that they are given. */
const Given = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/**
 * Declares a variable that environs have, but that is made when it is first asked for: what is dear,
 * and what few applications want.
 *
 * Nobody has to know: a copy of the environ has the value, and it can be replaced and deleted as any
 * other (PEP 3333: "the application is allowed to modify the dictionary in any way it desires").
 *
 * An engine keeps objects in a compact form whose accessors are the same. So they are the same, and
 * what belongs to one environ is in a private field of it: with a getter of each environ's own a whole
 * request takes twice as long, with a WeakMap half as long again.
 *
 * @param key the name of the variable
 * @returns what adds it to an environ, once to each
 *
 * @example
 * ```ts
 * import { lazyVariable, type PartialEnvironment } from '@wsgiref/util';
 *
 * const addTime = lazyVariable('app.time');
 * const environ: PartialEnvironment = {};
 * addTime(environ, () => new Date().getFullYear());
 * console.log(Number({ ...environ }['app.time']) > 2000); // true
 * ```
 */
export function lazyVariable<Key extends keyof PartialEnvironment>(
  key: Key,
): LazyVariable<PartialEnvironment[Key]> {
  type Value = PartialEnvironment[Key];

  class Carrier extends Given {
    #make: (() => Value) | null;
    #value: Value | undefined;

    constructor(environ: PartialEnvironment, make: () => Value) {
      super(environ);
      this.#make = make;
    }

    /** The value in an environ, or in one that it inherits from. */
    static valueIn(environ: object): Value | undefined {
      let owner: object | null = environ;
      while (owner !== null && !(#make in owner)) owner = Object.getPrototypeOf(owner) as object;
      if (!owner) return undefined;
      if (owner.#make) owner.#value = owner.#make();
      owner.#make = null;
      return owner.#value;
    }
  }

  const accessors: PropertyDescriptor = {
    configurable: true,
    enumerable: true,
    get(this: object) {
      return Carrier.valueIn(this);
    },
    set(this: object, value: unknown) {
      const data = { configurable: true, enumerable: true, writable: true, value };
      Object.defineProperty(this, key, data);
    },
  };
  return (environ, make) => {
    new Carrier(environ, make);
    Object.defineProperty(environ, key, accessors);
  };
}
