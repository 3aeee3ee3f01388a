// What an application may hand to start_response() (PEP 3333, "The start_response() Callable").

import type { Headers } from '@wsgiref/headers';
import type { HeaderList } from '@wsgiref/types';
import { AssertionError, encodeLatin1, isHopByHop, repr } from '@wsgiref/util';

/** PEP 3333: "the string must not contain control characters". */
const CONTROL = /[\x00-\x1f\x7f]/;

/** PEP 3333, "Unicode Issues": a native string has no character that is not a byte. */
const NOT_A_BYTE = /[^\x00-\xff]/;

/** RFC 9110 §5.6.2: token = 1*tchar; here by the code of the character. */
const TCHAR = new Uint8Array(128);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TCHAR[character.charCodeAt(0)] = 1;
}

/** The status that was checked last: an application has few, and most requests the same. */
let goodStatus = '';

/**
 * Checks a status such as `'200 OK'`.
 *
 * @throws {AssertionError} if it is not a three-digit code, a space and a reason phrase
 * @throws {RangeError} if it holds a control character, or a character above U+00FF
 */
export function checkStatus(status: unknown): asserts status is string {
  if (status === goodStatus) return;
  if (typeof status !== 'string') {
    throw new AssertionError(`Status must be of type str (got ${repr(status)})`);
  }
  if (CONTROL.test(status)) throw new RangeError('Control characters are not allowed in status');
  if (NOT_A_BYTE.test(status)) {
    throw new RangeError(`Status must hold U+0000 to U+00FF only (got ${repr(status)})`);
  }
  if (status.length < 4) throw new AssertionError('Status must be at least 4 characters');
  if (!/^[0-9]{3}/.test(status)) {
    throw new AssertionError('Status message must begin w/3-digit code');
  }
  if (status[3] !== ' ') throw new AssertionError('Status message must have a space after code');
  goodStatus = status;
}

/**
 * DIFFERS(29): names are tokens, values native strings without any control character, Content-Length
 * is one number; Python looks for types and hop-by-hop names, and with `-O` for neither.
 *
 * Checks response headers; that they are pairs of strings is the business of `headersClass`.
 *
 * @throws {TypeError} if there is no list of them
 * @throws {AssertionError} if a name or value is not one that an application may send
 */
export function checkHeaders(headers: HeaderList): void {
  if (!Array.isArray(headers)) {
    throw new TypeError(`Headers must be a list of name/value tuples (got ${repr(headers)})`);
  }
  let contentLength: string | null = null;
  for (const [name, value] of headers) {
    if (!isToken(name)) {
      throw new AssertionError(
        `Bad header name: ${repr(name)}; letters, digits and !#$%&'*+-.^_\`|~ may stand in it`,
      );
    }
    // PEP 3333: "must not include any control characters", which a tab is, too.
    const bad = findBad(value);
    if (bad >= 0) {
      throw new AssertionError(`Bad header value: ${repr(value)} (bad char: ${repr(value[bad])})`);
    }
    if (isHopByHop(name)) {
      throw new AssertionError(`Hop-by-hop header, '${name}: ${value}', not allowed`);
    }
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      // RFC 9110 §8.6: Content-Length = 1*DIGIT, and one of them.
      if (contentLength !== null || !/^[0-9]{1,15}$/.test(value)) {
        throw new AssertionError(
          `Bad Content-Length: ${repr(value)}; it should be one header of decimal digits`,
        );
      }
      contentLength = value;
    }
  }
}

function isToken(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (TCHAR[name.charCodeAt(i)] !== 1) return false;
  return name !== '';
}

/** Where the first control character, or character that is not a byte, stands; -1 if there is none. */
function findBad(value: string): number {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x7f || code > 0xff) return i;
  }
  return -1;
}

/**
 * Checks headers that are to be sent as they stand.
 *
 * @throws {RangeError} at the first character above U+00FF
 */
export function checkNativeStrings(headers: Headers): void {
  // Piece by piece: the whole is yet in pieces, too, and would have to be copied together.
  headers.forEach(checkField);
}

function checkField(value: string, name: string): void {
  if (!isNativeString(name) || !isNativeString(value)) encodeLatin1(`${name}: ${value}`);
}

function isNativeString(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
