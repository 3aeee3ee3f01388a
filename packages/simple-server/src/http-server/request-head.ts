// The grammar of a request head, as pure functions from bytes to values: RFC 9112 §2 to §6.
//
// This file knows nothing of sockets, and not whether its bytes came in one piece. Whatever could be read in two ways is refused, since the
// server or proxy on the other side may read it in the other (RFC 9112 §11.2): DIFFERS(23). Python's
// e-mail parser takes what it can and drops the rest.

import type { HeaderList } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import { decode } from '../latin1.ts';
import { type FieldName, fieldName } from './field-name.ts';
import { RequestHeadError } from './request-head-error.ts';

/** The longest request line and the longest header line in bytes, line end included: Python's. */
export const MAX_LINE = 65536;

/** The longest body in bytes: the longest that `BaseHandler` takes, 15 digits. */
const MAX_CONTENT_LENGTH = 999_999_999_999_999;

/** The most header lines: Python's since 3.15; before that it counts the blank line, too. */
export const MAX_HEADERS = 100;

/** The longest head in bytes: waitress's. */
export const MAX_HEAD = 262_144;

/** RFC 9110 §5.6.2: token = 1*tchar. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9112 §2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT. */
const VERSION = /^HTTP\/[0-9]\.[0-9]$/;

/** RFC 9112 §3.2: no white space in a target, and no fragment; bytes above 0x7F as in Python. */
const TARGET = /^[!"$-~\x80-\xff]+$/;

/** The targets of most requests: every character but the exceptions above, and one slash in front. */
const PATH = /^\/(?:[!"$-.0-~\x80-\xff][!"$-~\x80-\xff]*)?$/;

/**
 * RFC 9112 §3.2.2: absolute-form, here of HTTP only: scheme, authority, path and query; RFC 9110
 * §4.2.1: without a host "MUST reject it as invalid".
 */
const ABSOLUTE_FORM = /^https?:\/\/([^/?:][^/?]*)(.*)$/i;

/** RFC 9110 §5.5: what a field value cannot hold: control characters, a tab excepted. */
const BAD_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/** What may stand in a field name, and in a field value, by the code of the character. */
const IN_NAME: Uint8Array = tabulate((character) => TOKEN.test(character));
const IN_VALUE: Uint8Array = tabulate((character) => !BAD_IN_VALUE.test(character));

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** RFC 9110 §7.2 and RFC 3986 §3.2: Host = uri-host [ ":" port ]. */
const HOST =
  /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$/;

/** RFC 9110 §8.6: Content-Length = 1*DIGIT. */
const DIGITS = /^[0-9]+$/;

/** The first line of a request. */
export interface RequestLine {
  /** The method, such as `GET`. */
  method: string;
  /** The request target as it came, but for repeated slashes at its beginning. */
  target: string;
  /** The version as it came, such as `HTTP/1.1`; `HTTP/0.9` where there is none. */
  version: string;
}

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

/** All that the head of a request says to a server. */
export interface RequestHead extends RequestLine, Framing {
  /** The headers in their order, names as they came. */
  headers: HeaderList;
}

/** How much a client may send before its body. */
export interface HeadLimits {
  /** The most header lines. */
  maxHeaders?: number;
  /** The longest head in bytes, request line and blank line included. */
  maxHeadSize?: number;
}

/**
 * Parses the head of a request.
 *
 * @param head its bytes, up to and with the blank line
 * @param limits how much it may be
 * @returns what it says
 * @throws {RequestHeadError} what to answer if it is not a head, or could be read in two ways
 *
 * @example
 * ```ts
 * import { parseRequestHead } from '@wsgiref/simple-server/http-server';
 *
 * const bytes = Buffer.from('GET /a?b HTTP/1.1\r\nHost: example.org\r\n\r\n');
 * const head = parseRequestHead(bytes);
 * console.log(head.method, head.target, head.persistent); // GET /a?b true
 * console.log(head.headers); // [ [ 'Host', 'example.org' ] ]
 * ```
 */
export function parseRequestHead(
  head: Uint8Array,
  { maxHeaders = MAX_HEADERS, maxHeadSize = MAX_HEAD }: HeadLimits = {},
): RequestHead {
  const feed = head.indexOf(LF);
  const end = feed < 0 ? head.length : feed + 1;
  if (end > MAX_LINE) throw new RequestHeadError(414, 'URI Too Long');
  if (feed < 0) throw new RequestHeadError(400, 'Incomplete request head');
  const firstLine = stripLineEnd(decode(head.subarray(0, end)));
  const line = parseRequestLine(firstLine);
  // RFC 1945 §5: a request of HTTP/0.9 is a line and nothing more.
  const isSimple = !firstLine.endsWith(` ${line.version}`);
  const bytes = head.subarray(end);
  const block = isSimple ? NO_LINES : { bytes, text: decode(bytes), start: 0 };
  const fields = parseHeaderLines(block, { maxHeaders, maxHeadSize: maxHeadSize - end });
  return { ...line, headers: headerList(fields), ...parseFraming(line.version, fields) };
}

/**
 * Parses a request line (RFC 9112 §3).
 *
 * @param line the line, without its end
 * @returns its parts
 * @throws {RequestHeadError} 400, 501 or 505 if it is not one
 */
export function parseRequestLine(line: string): RequestLine {
  // RFC 9112 §3: "request-line = method SP request-target SP HTTP-version", each SP exactly one.
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const hasVersion = first >= 0 && second >= 0;
  const version = hasVersion ? line.slice(line.lastIndexOf(' ') + 1) : 'HTTP/0.9';
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') checkVersion(version);
  const method = line.slice(0, Math.max(first, 0));
  const target = line.slice(first + 1, hasVersion ? line.length - version.length - 1 : line.length);
  if (!(method === 'GET' || TOKEN.test(method)) || target.includes(' ')) {
    throw new RequestHeadError(400, `Bad request syntax (${repr(line)})`);
  }
  if (!hasVersion && method !== 'GET') {
    throw new RequestHeadError(400, `Bad HTTP/0.9 request type (${repr(method)})`);
  }
  return { method, target: checkTarget(method, target), version };
}

/** RFC 9112 §2.3: a minor version that is not known is read as the highest that is. */
function checkVersion(version: string): void {
  if (!VERSION.test(version)) {
    throw new RequestHeadError(400, `Bad request version (${repr(version)})`);
  }
  if (version >= 'HTTP/2.0') {
    throw new RequestHeadError(505, `Invalid HTTP version (${version.slice('HTTP/'.length)})`);
  }
}

/**
 * Takes the end off a line.
 *
 * @param line a line with its end, or without
 * @returns the line without its CRLF or line feed; RFC 9112 §2.2: a carriage return before that is
 *   invalid, and stays for the parser to see
 */
export function stripLineEnd(line: string): string {
  if (line.endsWith('\r\n')) return line.slice(0, -2);
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}

/**
 * Checks a request target (RFC 9112 §3.2).
 *
 * @returns the target; slashes at its beginning are one, so that no application takes a path for a
 *   URL of another host (CVE-2021-28861)
 * @throws {RequestHeadError} 400 or 501 if it is not one of the four forms, or not for this server
 */
function checkTarget(method: string, target: string): string {
  // RFC 9112 §3.2.3: authority-form is for CONNECT alone, and that is for proxies.
  if (method === 'CONNECT') throw new RequestHeadError(501, `Unsupported method ('CONNECT')`);
  if (PATH.test(target)) return target;
  const isAsterisk = target === '*' && method === 'OPTIONS';
  // The authority stands for the Host header, and has to look like one.
  const isAbsolute = HOST.test(ABSOLUTE_FORM.exec(target)?.[1] ?? '/');
  if (!(target.startsWith('/') || isAsterisk || isAbsolute) || !TARGET.test(target)) {
    throw new RequestHeadError(400, `Bad request target (${repr(target)})`);
  }
  return target.replace(/^\/{2,}/, '/');
}

/**
 * Splits a target into what an environ needs.
 *
 * DIFFERS(32): Python puts a target that is not a path into PATH_INFO as it came (PEP 3333: it
 * "must" be empty or begin with a slash).
 *
 * @param target a target that {@link parseRequestLine} has returned
 * @returns path and query as they came, and the authority of a target in absolute-form, which stands
 *   for the Host header (RFC 9112 §3.2.2)
 */
export function splitTarget(target: string): {
  path: string;
  query: string;
  authority: string | null;
} {
  let local = target;
  let authority: string | null = null;
  if (!target.startsWith('/')) {
    const absolute = ABSOLUTE_FORM.exec(target);
    authority = absolute?.[1] ?? null;
    // RFC 9112 §3.2.4: `*` stands for the server as a whole, whose path is empty.
    local = absolute?.[2] ?? '';
    if (authority !== null && !local.startsWith('/')) local = `/${local}`;
  }
  const mark = local.indexOf('?');
  if (mark < 0) return { path: local, query: '', authority };
  return { path: local.slice(0, mark), query: local.slice(mark + 1), authority };
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

/** A regular expression would take a time that grows with the square of the length. */
function trimBlanks(text: string, from = 0): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function tabulate(test: (character: string) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(test(String.fromCharCode(code))));
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
  if (!HOST.test(value)) throw new RequestHeadError(400, `Bad Host header (${repr(value)})`);
  goodHost = value;
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
