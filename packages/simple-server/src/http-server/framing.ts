// Where a request ends and what comes after it: RFC 9112 §3.2, §6 and §9.3.

import { isIPv6 } from 'node:net';
import { repr } from '@wsgiref/util';
import { trimBlanks } from './grammar.ts';
import type { Field } from './header-lines.ts';
import { RequestHeadError } from './request-head-error.ts';

/** The longest body in bytes: the longest that `BaseHandler` takes, 15 digits. */
const MAX_CONTENT_LENGTH = 999_999_999_999_999;

/** RFC 9110 §7.2 and RFC 3986 §3.2: Host = uri-host [ ":" port ]. */
const HOST =
  /^(?:\[([0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$/;

/** RFC 9110 §8.6: Content-Length = 1*DIGIT. */
const DIGITS = /^[0-9]+$/;

/** Where a request ends, and what comes after it. */
export interface Framing {
  /** The length of the body in bytes; null if the request does not say. */
  contentLength: number | null;
  /** Whether the body comes in chunks (RFC 9112 §7.1). */
  chunked: boolean;
  /** Whether the client would have the connection stay open (RFC 9112 §9.3). */
  persistent: boolean;
  /** Whether the client waits for a word before it sends the body (RFC 9110 §10.1.1). */
  expectsContinue: boolean;
}

/**
 * Determines where a request ends and what comes after it, and refuses one of which that can be read
 * in two ways (RFC 9112 §3.2, §6.1 and §6.3).
 *
 * @param version the version of the request
 * @param fields its header lines
 * @returns what they say of it
 * @throws {RequestHeadError} 400, 413 or 501 if it is not certain
 */
export function parseFraming(version: string, fields: readonly Field[]): Framing {
  let hosts = 0;
  let contentLength: string | null = null;
  let transferCoding: string | null = null;
  let connection = '';
  let expectation = '';
  for (const { name, value } of fields) {
    switch (name.key) {
      case 'HTTP_HOST':
        if (++hosts > 1) throw new RequestHeadError(400, 'More than one Host header');
        if (value !== goodHost) checkHost(value);
        break;
      case 'HTTP_CONNECTION':
        connection = connection === '' ? value : `${connection},${value}`;
        break;
      case 'HTTP_EXPECT':
        expectation = value;
        break;
      case 'CONTENT_LENGTH':
        contentLength = contentLength === null ? value : `${contentLength},${value}`;
        break;
      case 'HTTP_TRANSFER_ENCODING':
        transferCoding = transferCoding === null ? value : `${transferCoding},${value}`;
        break;
    }
  }
  const isModern = version >= 'HTTP/1.1';
  // RFC 9112 §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
  // request message that lacks a Host header field".
  if (hosts === 0 && isModern) throw new RequestHeadError(400, 'Missing Host header');
  if (transferCoding !== null) checkTransferCoding(transferCoding, contentLength, isModern);
  return {
    contentLength: contentLength === null ? null : parseContentLength(contentLength),
    chunked: transferCoding !== null,
    // Before HTTP/1.0 no response says where it ends.
    persistent:
      connection === '' ? isModern : version >= 'HTTP/1.0' && isPersistent(connection, isModern),
    // RFC 9110 §10.1.1: "A server that receives a 100-continue expectation in an HTTP/1.0 request
    // MUST ignore that expectation."
    expectsContinue: isModern && expectation.toLowerCase() === '100-continue',
  };
}

/** The Host that was checked last: a server has few. */
let goodHost = '';

function checkHost(value: string): void {
  if (!isHost(value)) throw new RequestHeadError(400, `Bad Host header (${repr(value)})`);
  goodHost = value;
}

/** Whether a text is a Host header, which may be empty. */
export function isHost(text: string): boolean {
  const address = HOST.exec(text)?.[1];
  return address === undefined ? HOST.test(text) : isIPv6(address);
}

/** Chunked, once and alone, is the one transfer coding that is understood. */
function checkTransferCoding(value: string, contentLength: string | null, isModern: boolean): void {
  // RFC 9112 §6.1: both together "ought to be handled as an error"; and with HTTP/1.0 the framing is
  // faulty.
  if (contentLength !== null) {
    throw new RequestHeadError(400, 'Both Content-Length and Transfer-Encoding');
  }
  if (!isModern) throw new RequestHeadError(400, 'Transfer-Encoding in an HTTP/1.0 request');

  const codings = value
    .toLowerCase()
    .split(',')
    .map((coding) => trimBlanks(coding));
  // RFC 9112 §6.3: "If a Transfer-Encoding header field is present in a request and the chunked
  // transfer coding is not the final encoding, the message body length cannot be determined
  // reliably; the server MUST respond with the 400 (Bad Request) status code"; §7.1: "A sender MUST
  // NOT apply the chunked transfer coding more than once".
  if (codings.indexOf('chunked') !== codings.length - 1) {
    throw new RequestHeadError(400, `Bad Transfer-Encoding (${repr(value)})`);
  }
  if (codings.length === 1) return;
  // RFC 9112 §6.1: "A server that receives a request message with a transfer coding it does not
  // understand SHOULD respond with 501".
  throw new RequestHeadError(501, `Unsupported transfer coding (${repr(value)})`);
}

/** RFC 9112 §9.3: the options of the Connection headers decide, and without one the version. */
function isPersistent(connection: string, isModern: boolean): boolean {
  if (connection === 'keep-alive') return true;
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => trimBlanks(option));
  if (options.includes('close')) return false;
  return isModern || options.includes('keep-alive');
}

function parseContentLength(value: string): number {
  // RFC 9112 §6.3: the same number several times is that number; anything else is invalid.
  const [length, ...repeated] = value.split(',').map((number) => trimBlanks(number));
  if (!DIGITS.test(length!) || repeated.some((other) => other !== length)) {
    throw new RequestHeadError(400, `Bad Content-Length (${repr(value)})`);
  }
  const number = Number(length);
  if (number > MAX_CONTENT_LENGTH) throw new RequestHeadError(413, 'Content-Length too large');
  return number;
}
