// SCGI, "Request Format": the headers as a netstring, then the body.
//
//   headers ::= header*
//   header ::= name NUL value NUL
//   netstring ::= length ":" headers ","

import { type ParamList, ProtocolError } from '@wsgiref/gateway';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, decodeLatin1, repr } from '@wsgiref/util';

const COLON = 0x3a;
const COMMA = 0x2c;

/** Digits of the longest length there is a use for. */
const MOST_DIGITS = 9;

/**
 * Reads the headers of an SCGI request.
 *
 * @param stream what the web server sends; it stands at the body afterwards
 * @param limit the most bytes that the headers may have
 * @returns the headers, null if the stream ends before them; at once if they have come already
 * @throws {ProtocolError} if this is no netstring of headers, it ends early, or is too long
 */
export function readHeaders(stream: InputStream, limit: number): Awaitable<ParamList | null> {
  return andThen(readLength(stream, ''), (length) => {
    if (length === null) return null;
    if (length > limit) {
      throw new ProtocolError(`the headers have ${length} bytes; the most are ${limit}`);
    }
    return andThen(stream.read(length + 1), (block) => {
      if (block.length <= length) {
        throw new ProtocolError(
          `the connection ended after ${block.length} of the ${length + 1} bytes of headers`,
        );
      }
      if (block[length] !== COMMA) {
        throw new ProtocolError(`a netstring ends in ',', not ${showByte(block[length]!)}`);
      }
      return parseHeaders(block.subarray(0, length));
    });
  });
}

/** The length of a netstring, of which some digits have been read. */
function readLength(stream: InputStream, digits: string): Awaitable<number | null> {
  return andThen(stream.read(1), ([byte]) => {
    if (byte === undefined) {
      if (digits === '') return null;
      throw new ProtocolError(`the connection ended in the length of a netstring, '${digits}'`);
    }
    if (byte === COLON && digits !== '') return toLength(digits);
    const digit = String.fromCharCode(byte);
    if (digit < '0' || digit > '9') {
      throw new ProtocolError(
        `a netstring begins with its length in digits and ':', not ${showByte(byte)}: is this SCGI?`,
      );
    }
    if (digits.length === MOST_DIGITS) {
      throw new ProtocolError(`the length of a netstring has at most ${MOST_DIGITS} digits`);
    }
    return readLength(stream, digits + digit);
  });
}

function toLength(digits: string): number {
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
