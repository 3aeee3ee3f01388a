import { isBytes } from './bytes.ts';
import { decodeLatin1 } from './latin1.ts';

let unprintable: RegExp | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * A value as a programmer would write it, for messages.
 *
 * Python counterpart: `repr()`. DIFFERS(34): strings and bytes come out as Python prints them;
 * everything else in JavaScript's own words.
 *
 * @param value anything
 * @returns one line of printable text
 *
 * @example
 * ```ts
 * import { repr } from '@wsgiref/util';
 *
 * console.log(repr("it's\n")); // "it's\n"
 * console.log(repr([1, 0])); // [1, 0]
 * ```
 */
export function repr(value: unknown): string {
  return represent(value, []);
}

/** @param within the arrays and objects that the value lies in: one that holds itself has no end */
function represent(value: unknown, within: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return value.name ? `<function ${value.name}>` : '<function>';
    case 'object':
      return value === null ? 'null' : representObject(value, within);
    default:
      return String(value);
  }
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let quoted = mark;
  for (const character of text) quoted += character === mark ? `\\${mark}` : escape(character);
  return quoted + mark;
}

function escape(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  // What Python's `str.isprintable()` refuses: separators but the space, and "other". A literal would
  // have these classes looked up when a script is read, which takes long beside a CGI script.
  unprintable ??= new RegExp('[\\p{C}\\p{Z}]', 'u');
  if (character === ' ' || !unprintable.test(character)) return character;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${hex.padStart(4, '0')}`;
  return `\\U${hex.padStart(8, '0')}`;
}

function representObject(value: object, within: readonly object[]): string {
  if (isBytes(value)) return `b${quoteBytes(value)}`;
  if (value instanceof Error) return `${value.name}(${quote(value.message)})`;
  const inner = [...within, value];
  if (Array.isArray(value)) {
    if (within.includes(value)) return '[...]';
    return `[${value.map((item) => represent(item, inner)).join(', ')}]`;
  }
  const name: unknown = value.constructor?.name;
  if (name && name !== 'Object') return `<${String(name)} object>`;
  if (within.includes(value)) return '{...}';
  const entries = Object.entries(value).map(
    ([key, item]) => `${quote(key)}: ${represent(item, inner)}`,
  );
  return `{${entries.join(', ')}}`;
}

function quoteBytes(bytes: Uint8Array): string {
  return quote(decodeLatin1(bytes)).replace(
    /[^ -~]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
