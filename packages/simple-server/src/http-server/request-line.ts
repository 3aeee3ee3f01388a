// The first line of a request, and its target: RFC 9112 §2.3 and §3.

import { repr } from '@wsgiref/util';
import { isHost } from './framing.ts';
import { TOKEN } from './grammar.ts';
import { RequestHeadError } from './request-head-error.ts';

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

/** The first line of a request. */
export interface RequestLine {
  /** The method, such as `GET`. */
  method: string;
  /** The request target as it came, but for repeated slashes at its beginning. */
  target: string;
  /** The version as it came, such as `HTTP/1.1`; `HTTP/0.9` where there is none. */
  version: string;
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
  const isAbsolute = isHost(ABSOLUTE_FORM.exec(target)?.[1] ?? '/');
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
