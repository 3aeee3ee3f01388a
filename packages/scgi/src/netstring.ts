// SCGI, "Request Format": the headers as a netstring, then the body.
//
//   headers ::= header*
//   header ::= name NUL value NUL
//   netstring ::= length ":" headers ","

import { type ParamList, ProtocolError } from '@wsgiref/gateway';
import type { InputStream } from '@wsgiref/types';
import { decodeLatin1, repr } from '@wsgiref/util';

const COLON = 0x3a;
const COMMA = 0x2c;

/** Digits of the longest length there is a use for. */
const MOST_DIGITS = 9;

/**
 * Reads the headers of an SCGI request.
 *
 * @param stream what the web server sends; it stands at the body afterwards
 * @param limit the most bytes that the headers may have
 * @returns the headers; null if the stream ends before them
 * @throws {ProtocolError} if this is no netstring of headers, it ends early, or is too long
 */
export async function readHeaders(stream: InputStream, limit: number): Promise<ParamList | null> {
  const length = await readLength(stream);
  if (length === null) return null;
  if (length > limit) {
    throw new ProtocolError(`the headers have ${length} bytes; the most are ${limit}`);
  }
  const block = await stream.read(length + 1);
  if (block.length <= length) {
    throw new ProtocolError(
      `the connection ended after ${block.length} of the ${length + 1} bytes of headers`,
    );
  }
  if (block[length] !== COMMA) {
    throw new ProtocolError(`a netstring ends in ',', not ${showByte(block[length]!)}`);
  }
  return parseHeaders(block.subarray(0, length));
}

async function readLength(stream: InputStream): Promise<number | null> {
  let digits = '';
  for (;;) {
    const [byte] = await stream.read(1);
    if (byte === undefined) {
      if (digits === '') return null;
      throw new ProtocolError(`the connection ended in the length of a netstring, '${digits}'`);
    }
    if (byte === COLON && digits !== '') break;
    const digit = String.fromCharCode(byte);
    if (digit < '0' || digit > '9') {
      throw new ProtocolError(
        `a netstring begins with its length in digits and ':', not ${showByte(byte)}: is this SCGI?`,
      );
    }
    digits += digit;
    if (digits.length > MOST_DIGITS) {
      throw new ProtocolError(`the length of a netstring has at most ${MOST_DIGITS} digits`);
    }
  }
  // Two ways to write one length are one too many.
  if (digits.length > 1 && digits.startsWith('0')) {
    throw new ProtocolError(`the length of a netstring does not begin with 0, as '${digits}' does`);
  }
  return Number(digits);
}

/**
 * Takes the headers of a request apart.
 *
 * Laxer than the letter of the protocol in one thing: a header may be there twice, since nginx
 * before 1.23 sends every one that its client does.
 *
 * @param block the inside of the netstring
 * @returns names and values, in native strings
 * @throws {ProtocolError} if they are not in pairs, CONTENT_LENGTH is not the first, or SCGI is not 1
 */
export function parseHeaders(block: Uint8Array): ParamList {
  const text = decodeLatin1(block);
  if (text !== '' && !text.endsWith('\0')) {
    throw new ProtocolError('the last header does not end in NUL');
  }
  const parts = text.split('\0');
  parts.pop();
  if (parts.length % 2 !== 0) {
    throw new ProtocolError(`the header ${repr(parts.at(-1))} has no value`);
  }
  const headers: [string, string][] = [];
  for (let i = 0; i < parts.length; i += 2) headers.push([parts[i]!, parts[i + 1]!]);
  const [first] = headers;
  if (first?.[0] !== 'CONTENT_LENGTH' || !/^[0-9]{1,15}$/.test(first[1])) {
    throw new ProtocolError('the first header should be CONTENT_LENGTH, a number in digits');
  }
  if (!headers.some(([name, value]) => name === 'SCGI' && value === '1')) {
    throw new ProtocolError("there should be a header SCGI with the value '1'");
  }
  return headers;
}

function showByte(byte: number): string {
  return repr(String.fromCharCode(byte));
}
