// Header lines: RFC 9112 §5.

import type { HeaderList } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import { type FieldName, fieldName } from './field-name.ts';
import { COLON, CR, isBlank, LF, MAX_LINE, SPACE, TAB, TOKEN, trimBlanks } from './grammar.ts';
import { RequestHeadError } from './request-head-error.ts';

/** The most header lines: Python's since 3.15; before that it counts the blank line, too. */
export const MAX_HEADERS = 100;

/** The longest head in bytes: waitress's. */
export const MAX_HEAD = 262_144;

/** RFC 9110 §5.5: what a field value cannot hold: control characters, a tab excepted. */
const BAD_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/** What may stand in a field name, and in a field value, by the code of the character. */
const IN_NAME: Uint8Array = tabulate((character) => TOKEN.test(character));
const IN_VALUE: Uint8Array = tabulate((character) => !BAD_IN_VALUE.test(character));

/** A header line. */
export interface Field {
  /** Its name. */
  name: FieldName;
  /** Its value, without the white space around it. */
  value: string;
}

/** Bytes from somewhere on, and the native string that they are: each has its uses. */
export interface Text {
  bytes: Uint8Array;
  text: string;
  start: number;
}

/** How much a client may send before its body. */
export interface HeadLimits {
  /** The most header lines. */
  maxHeaders?: number;
  /** The longest head in bytes, request line and blank line included. */
  maxHeadSize?: number;
}

/**
 * Parses header lines (RFC 9112 §5).
 *
 * @param block the lines with their ends, the blank line after them included, and maybe more; a line
 *   feed alone ends a line, too (RFC 9112 §2.2)
 * @param limits how much it may be; `maxHeadSize` is that of the lines here
 * @returns names as they came, and values without the white space around them
 * @throws {RequestHeadError} 400 or 431 at the first line that is not one, or is too much
 */
export function parseHeaderLines(
  { bytes, text, start: first }: Text,
  { maxHeaders = MAX_HEADERS, maxHeadSize = MAX_HEAD }: HeadLimits = {},
): Field[] {
  const fields: Field[] = [];
  // One pass over the bytes: this is where the time of a request goes.
  for (let next = first; ;) {
    const start = next;
    let i = start;
    let hash = 0;
    let code: number | undefined;
    while (IN_NAME[(code = bytes[i]!)] === 1) {
      hash = (Math.imul(hash, 31) + code) | 0;
      i++;
    }
    if (i === start && (code === LF || (code === CR && bytes[i + 1] === LF))) return fields;
    const colon = i;
    do code = bytes[++i];
    while (code === SPACE || code === TAB);
    const value = i;
    while (IN_VALUE[(code = bytes[i]!)] === 1) i++;
    const end = i;
    if (code === CR) i++;

    const isLine =
      colon > start && bytes[colon] === COLON && bytes[i] === LF && i - start < MAX_LINE;
    if (!isLine) throw describeBadLine(text, start);
    if (fields.length === maxHeaders) {
      throw new RequestHeadError(431, 'Too many headers', `got more than ${maxHeaders} headers`);
    }
    next = i + 1;
    if (next - first > maxHeadSize) {
      throw new RequestHeadError(431, 'Request head too large', 'the head is longer than accepted');
    }
    fields.push({ name: fieldName(bytes, start, colon, hash), value: trimEnd(text, value, end) });
  }
}

/** The lines of a request that has none. */
export const NO_LINES: Text = { bytes: Uint8Array.of(LF), text: '\n', start: 0 };

/** Returns the pairs of name and value that header lines are. */
export function headerList(fields: readonly Field[]): HeaderList {
  return fields.map(({ name, value }) => [name.name, value]);
}

/** Returns a part of a text without the white space at its end. */
function trimEnd(text: string, start: number, end: number): string {
  let last = end;
  while (last > start && isBlank(text.charCodeAt(last - 1))) last--;
  return text.slice(start, last);
}

/** Says what is wrong with the line that begins there. */
function describeBadLine(block: string, start: number): RequestHeadError {
  const feed = block.indexOf('\n', start);
  const length = (feed < 0 ? block.length : feed + 1) - start;
  if (length > MAX_LINE) {
    const explain = `got more than ${MAX_LINE} bytes when reading header line`;
    return new RequestHeadError(431, 'Line too long', explain);
  }
  if (feed < 0) return new RequestHeadError(400, 'Incomplete request head');

  const line = block.slice(start, block[feed - 1] === '\r' ? feed - 1 : feed);
  // RFC 9112 §5.2: a server "MUST either reject the message by sending a 400 […]".
  if (isBlank(line.charCodeAt(0))) return bad(`Folded header line (${repr(line)})`);
  const colon = line.indexOf(':');
  if (colon < 0) return bad(`Header line without a colon (${repr(line)})`);
  // RFC 9112 §5.1: "No whitespace is allowed between the field name and colon."
  const name = line.slice(0, colon);
  if (!TOKEN.test(name)) return bad(`Bad header name (${repr(name)})`);
  // RFC 9110 §5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous".
  return bad(`Bad header value (${repr(trimBlanks(line, colon + 1))})`);
}

function bad(message: string): RequestHeadError {
  return new RequestHeadError(400, message);
}

function tabulate(test: (character: string) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(test(String.fromCharCode(code))));
}
