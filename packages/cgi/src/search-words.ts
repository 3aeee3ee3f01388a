import { isUtf8 } from 'node:buffer';
import type { WSGIEnvironment } from '@wsgiref/types';

/** RFC 3875 §4.4: schar = unreserved | escaped | xreserved */
const SEARCH_WORD = /^(?:[A-Za-z0-9\-_.!~*'();/?:@&=,$]|%[0-9A-Fa-f]{2})+$/;

/**
 * The script's arguments: the words of a query that is no form (RFC 3875 §4.4).
 *
 * @param environ the request
 * @returns the words; none unless each can be an argument
 */
export function searchWords({ REQUEST_METHOD, QUERY_STRING = '' }: WSGIEnvironment): string[] {
  const isIndexed = /^(?:GET|HEAD)$/.test(REQUEST_METHOD) && !QUERY_STRING.includes('=');
  if (!isIndexed) return [];
  const words = QUERY_STRING.split('+');
  const decoded = words.map(decode);
  // §4.4: "If the server cannot create any part of the argument list, then the server MUST NOT
  // generate any command line information."
  return decoded.every((word) => word !== null) ? decoded : [];
}

/** The word as text; null if it cannot be an argument. */
function decode(word: string): string | null {
  if (!SEARCH_WORD.test(word)) return null;
  const bytes = Buffer.from(
    word.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  const text = bytes.toString('utf8');
  // An option is nothing that a client should be able to give (CVE-2012-1823).
  return isUtf8(bytes) && !text.includes('\0') && !text.startsWith('-') ? text : null;
}
