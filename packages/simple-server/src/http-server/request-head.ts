// The grammar of a request head, as pure functions from text to values: RFC 9112 §2 to §6.
//
// This file knows nothing of sockets, and not whether its text came in one piece. Heads are native
// strings, a character for each byte. Whatever could be read in two ways is refused, since the
// server or proxy on the other side may read it in the other (RFC 9112 §11.2): DIFFERS(23). Python's
// e-mail parser takes what it can and drops the rest.

import type { HeaderList } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import { RequestHeadError } from './request-head-error.ts';

/** The longest request line and the longest header line in bytes, line end included: Python's. */
export const MAX_LINE = 65536;

/** The longest body in bytes: the longest that `BaseHandler` takes, 15 digits. */
const MAX_CONTENT_LENGTH = 999_999_999_999_999;

/** The most header lines: Python's since 3.15; before that it counts the blank line, too. */
export const MAX_HEADERS = 100;

/** RFC 9110 §5.6.2: token = 1*tchar. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9112 §2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT. */
const VERSION = /^HTTP\/[0-9]\.[0-9]$/;

/** RFC 9112 §3.2: no white space in a target, and no fragment; bytes above 0x7F as in Python. */
const TARGET = /^[!"$-~\x80-\xff]+$/;

/** RFC 9112 §3.2.2: absolute-form, here of HTTP only: scheme, authority, path and query. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?]+)(.*)$/i;

/** RFC 9110 §5.5: what a field value cannot hold: control characters, a tab excepted. */
const BAD_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/** RFC 9110 §7.2 and RFC 3986 §3.2: Host = uri-host [ ":" port ]. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(?::[0-9]*)?$/;

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

/** How long the request body is. */
export interface Framing {
  /** Its length in bytes; null if the request has none. */
  contentLength: number | null;
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
  const words = line.split(' ');
  const version = words.length >= 3 ? words.at(-1)! : 'HTTP/0.9';
  if (!VERSION.test(version)) {
    throw new RequestHeadError(400, `Bad request version (${repr(version)})`);
  }
  if (version >= 'HTTP/2.0') {
    throw new RequestHeadError(505, `Invalid HTTP version (${version.slice('HTTP/'.length)})`);
  }
  const [method, target] = words as [string, string?];
  if (words.length > 3 || target === undefined || !TOKEN.test(method)) {
    throw new RequestHeadError(400, `Bad request syntax (${repr(line)})`);
  }
  if (words.length === 2 && method !== 'GET') {
    throw new RequestHeadError(400, `Bad HTTP/0.9 request type (${repr(method)})`);
  }
  return { method, target: checkTarget(method, target), version };
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
 * @param block the lines with their ends, the blank line after them included; a line feed alone ends
 *   a line, too (RFC 9112 §2.2)
 * @returns names as they came, and values without the white space around them
 * @throws {RequestHeadError} 400 or 431 at the first line that is not one, or is too much
 */
export function parseHeaderLines(block: string): HeaderList {
  const headers: HeaderList = [];
  for (let start = 0; ;) {
    const feed = block.indexOf('\n', start);
    const next = feed < 0 ? block.length : feed + 1;
    if (next - start > MAX_LINE) {
      throw new RequestHeadError(
        431,
        'Line too long',
        `got more than ${MAX_LINE} bytes when reading header line`,
      );
    }
    if (feed < 0) throw new RequestHeadError(400, 'Incomplete request head');
    const end = feed > start && block[feed - 1] === '\r' ? feed - 1 : feed;
    if (end === start) return headers;
    if (headers.length === MAX_HEADERS) {
      throw new RequestHeadError(431, 'Too many headers', `got more than ${MAX_HEADERS} headers`);
    }
    headers.push(parseHeaderLine(block.slice(start, end)));
    start = next;
  }
}

function parseHeaderLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!TOKEN.test(name)) throw new RequestHeadError(400, describeBadLine(line, colon));

  const value = trimBlanks(line.slice(colon + 1));
  // RFC 9110 §5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous".
  if (BAD_IN_VALUE.test(value)) {
    throw new RequestHeadError(400, `Bad header value (${repr(value)})`);
  }
  return [name, value];
}

function describeBadLine(line: string, colon: number): string {
  // RFC 9112 §5.2: a server "MUST either reject the message by sending a 400 […]".
  if (isBlank(line.charCodeAt(0))) return `Folded header line (${repr(line)})`;
  if (colon < 0) return `Header line without a colon (${repr(line)})`;
  // RFC 9112 §5.1: "No whitespace is allowed between the field name and colon."
  return `Bad header name (${repr(line.slice(0, colon))})`;
}

/** A regular expression would take a time that grows with the square of the length. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Determines how long the body of a request is, and refuses a request of which that can be read in
 * two ways (RFC 9112 §3.2, §6.1 and §6.3).
 *
 * @param version the version of the request
 * @param headers its headers
 * @returns the length of its body
 * @throws {RequestHeadError} 400, 413 or 501 if the length is not certain
 */
export function checkFraming(version: string, headers: HeaderList): Framing {
  let hosts = 0;
  let contentLength: string | null = null;
  let transferCoding: string | null = null;
  for (const [name, value] of headers) {
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        if (++hosts > 1) throw new RequestHeadError(400, 'More than one Host header');
        if (!HOST.test(value)) throw new RequestHeadError(400, `Bad Host header (${repr(value)})`);
        break;
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        contentLength = contentLength === null ? value : `${contentLength},${value}`;
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') transferCoding = value;
        break;
    }
  }
  // RFC 9112 §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
  // request message that lacks a Host header field".
  if (hosts === 0 && version >= 'HTTP/1.1') throw new RequestHeadError(400, 'Missing Host header');

  if (transferCoding !== null) {
    // RFC 9112 §6.1: both together "ought to be handled as an error"; and with HTTP/1.0 the framing
    // is faulty.
    if (contentLength !== null || version < 'HTTP/1.1') {
      throw new RequestHeadError(
        400,
        contentLength !== null
          ? 'Both Content-Length and Transfer-Encoding'
          : 'Transfer-Encoding in an HTTP/1.0 request',
      );
    }
    // RFC 9112 §6.1: "A server that receives a request message with a transfer coding it does not
    // understand SHOULD respond with 501".
    throw new RequestHeadError(501, `Unsupported transfer coding (${repr(transferCoding)})`);
  }
  return { contentLength: contentLength === null ? null : parseContentLength(contentLength) };
}

function parseContentLength(value: string): number {
  // RFC 9112 §6.3: the same number several times is that number; anything else is invalid.
  const [length, ...repeated] = value.split(',').map(trimBlanks);
  if (!DIGITS.test(length!) || repeated.some((other) => other !== length)) {
    throw new RequestHeadError(400, `Bad Content-Length (${repr(value)})`);
  }
  const number = Number(length);
  if (number > MAX_CONTENT_LENGTH) throw new RequestHeadError(413, 'Content-Length too large');
  return number;
}
