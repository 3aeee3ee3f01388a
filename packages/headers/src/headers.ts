import type { HeaderList } from '@wsgiref/types';
import { AssertionError, encodeLatin1, repr } from '@wsgiref/util';
import { checkName, checkValue } from './control-characters.ts';
import { formatParam } from './format-param.ts';

/** Parameters of a header in their order, such as `{ filename: 'a.txt' }`; null has no value. */
export type HeaderParams =
  Readonly<Record<string, string | null>> | Iterable<readonly [string, string | null]>;

const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

/** What Node's inspector hands to an object that prints itself. */
type Inspect = (value: unknown, options: unknown) => string;

/**
 * An ordered list of response headers that is looked up by name, in any case.
 *
 * Python counterpart: `wsgiref.headers.Headers`. It wraps the list it is given and changes it in
 * place; a name may occur several times. Besides Python's vocabulary it speaks the platform's
 * (`append`, `forEach`, `entries`, `getSetCookie`), but is not the Fetch API's `Headers`: it keeps
 * order, case and duplicates.
 *
 * @example
 * ```ts
 * import { Headers } from '@wsgiref/headers';
 *
 * const headers = new Headers([['Content-Type', 'text/plain']]);
 * headers.addHeader('Content-Disposition', 'attachment', { filename: 'a "b".txt' });
 * console.log(headers.get('content-type')); // text/plain
 * console.log(headers.get('Content-Disposition')); // attachment; filename="a \"b\".txt"
 * ```
 */
export class Headers {
  readonly #list: HeaderList;

  /**
   * @param headers the list to wrap; omitted or null, a new one
   * @throws {TypeError} if it is not an array of pairs
   * @throws {AssertionError} if a name or value is not a string
   * @throws {RangeError} if a name or value holds a control character
   */
  constructor(headers: HeaderList | null = null) {
    const list: unknown = headers ?? [];
    if (!Array.isArray(list)) throw new TypeError('Headers must be a list of name/value tuples');
    for (const pair of list as unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(
          `Headers must be a list of name/value tuples (got ${repr(pair)} in the list)`,
        );
      }
      checkName(convertString(pair[0]));
      checkValue(convertString(pair[1]));
    }
    this.#list = list as HeaderList;
  }

  /** How many headers there are, duplicates included. Python: `len(h)`. */
  get size(): number {
    return this.#list.length;
  }

  /**
   * Sets a header in the place of all of its name. Python: `h[name] = value`.
   *
   * @throws {AssertionError} if the name or value is not a string
   * @throws {RangeError} if the name or value holds a control character
   */
  set(name: string, value: string): void {
    // DIFFERS(2): Python deletes first, so that a refused value loses the old header.
    const checkedName = checked(name, checkName);
    const checkedValue = checked(value, checkValue);
    this.delete(name);
    this.#list.push([checkedName, checkedValue]);
  }

  /** Removes all headers of a name. Python: `del h[name]`; none there is no error. */
  delete(name: string): void {
    if (!this.has(name)) return;
    const wanted = name.toLowerCase();
    let kept = 0;
    for (const pair of this.#list) {
      if (pair[0].toLowerCase() !== wanted) this.#list[kept++] = pair;
    }
    this.#list.length = kept;
  }

  /**
   * Returns the first value of a name. Python: `h[name]` and `h.get(name, default)`.
   *
   * @param name the name, in any case
   * @param fallback what to return if there is none
   */
  get(name: string): string | null;
  get<T>(name: string, fallback: T): string | T;
  get<T>(name: string, fallback: T | null = null): string | T | null {
    convertString(name);
    for (const [key, value] of this.#list) {
      // Most names differ in length, or are spelled alike, which is cheaper to see.
      if (key === name) return value;
      if (key.length === name.length && key.toLowerCase() === name.toLowerCase()) return value;
    }
    return fallback;
  }

  /** Whether there is a header of a name. Python: `name in h`. */
  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** Returns all values of a name, in order. Python: `get_all()`. */
  getAll(name: string): string[] {
    const wanted = convertString(name).toLowerCase();
    return this.#list.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  /** Returns all values of `Set-Cookie`, as the platform's `Headers` does. */
  getSetCookie(): string[] {
    return this.getAll('Set-Cookie');
  }

  /** Returns the names in order, with duplicates, as a new array. */
  keys(): string[] {
    return this.#list.map(([name]) => name);
  }

  /** Returns the values in order, as a new array. */
  values(): string[] {
    return this.#list.map(([, value]) => value);
  }

  /** Returns the pairs in order, with duplicates, as a new array. */
  items(): HeaderList {
    return this.#list.map(([name, value]) => [name, value]);
  }

  /** Iterates over the pairs, as the platform's `Headers` does. */
  entries(): IterableIterator<[name: string, value: string]> {
    return this.items().values();
  }

  /** Iterates over the pairs. */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  /**
   * Calls a function for each header, as the platform's `Headers` does.
   *
   * @param callback called with value, name and this object
   * @param thisArg `this` inside the callback
   */
  forEach(
    callback: (value: string, name: string, parent: Headers) => void,
    thisArg?: unknown,
  ): void {
    for (const [name, value] of this.#list) callback.call(thisArg, value, name, this);
  }

  /**
   * Returns the first value of a name, and sets it first if there is none.
   *
   * @throws {AssertionError} if the name or value is not a string
   * @throws {RangeError} if the name or value holds a control character
   */
  setdefault(name: string, value: string): string {
    const present = this.get(name);
    if (present !== null) return present;
    this.append(name, value);
    return value;
  }

  /**
   * Adds a header, whether or not there is one of that name, as the platform's `Headers` does.
   *
   * @throws {AssertionError} if the name or value is not a string
   * @throws {RangeError} if the name or value holds a control character
   */
  append(name: string, value: string): void {
    this.#list.push([checked(name, checkName), checked(value, checkValue)]);
  }

  /**
   * Adds a header with parameters. Python: `add_header(name, value, **params)`.
   *
   * @param name the header's name
   * @param value its main value; null, only the parameters are sent
   * @param params the parameters in order; `_` in a name becomes `-`. In an object JavaScript puts
   *   names that are whole numbers first: give pairs where that matters
   * @throws {AssertionError} if a name or value is not a string
   * @throws {RangeError} if a name or value holds a control character
   */
  addHeader(name: string, value: string | null, params: HeaderParams = {}): void {
    const parts: string[] = [];
    if (value !== null) parts.push(checked(value, checkValue));
    const pairs = Symbol.iterator in params ? params : Object.entries(params);
    for (const [key, param] of pairs) {
      const dashed = checked(key, checkValue).replaceAll('_', '-');
      parts.push(formatParam(dashed, param === null ? null : checked(param, checkValue)));
    }
    this.append(name, parts.join('; '));
  }

  /** Returns the header block with its final blank line, ready to send. Python: `str(h)`. */
  toString(): string {
    let block = '';
    for (const [name, value] of this.#list) block += `${name}: ${value}\r\n`;
    return `${block}\r\n`;
  }

  /**
   * Returns the header block with its final blank line, ready to send. Python: `bytes(h)`.
   *
   * @throws {RangeError} if a character is above U+00FF
   */
  toBytes(): Uint8Array {
    return encodeLatin1(this.toString());
  }

  static {
    // Prints as its list, in Node's inspector. Python: `repr(h)`. Defined here because a declaration
    // file cannot name a symbol that the platform's types do not know.
    Object.defineProperty(this.prototype, inspectCustom, {
      value(this: Headers, _depth: unknown, options: unknown, inspect: Inspect): string {
        return `Headers(${inspect(this.#list, options)})`;
      },
    });
  }
}

function convertString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AssertionError(`Header names/values must be of type str (got ${repr(value)})`);
}

function checked(value: unknown, check: (text: string) => void): string {
  const text = convertString(value);
  check(text);
  return text;
}
