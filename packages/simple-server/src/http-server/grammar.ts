// What several parts of a request head are made of.

/** RFC 9110 §5.6.2: token = 1*tchar. */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;

/** The longest request line and the longest header line in bytes, line end included: Python's. */
export const MAX_LINE = 65536;

/**
 * Returns a text without the white space around it.
 *
 * A regular expression would take a time that grows with the square of the length.
 */
export function trimBlanks(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Whether a character is white space within a line (RFC 9110 §5.6.3: OWS). */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
