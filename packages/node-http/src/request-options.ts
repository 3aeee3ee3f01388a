import type { RequestOptions } from 'node:http';
import type { WSGIEnvironment } from '@wsgiref/types';
import { requestHeaders, unquote } from '@wsgiref/util';
import type { Ends } from './connection.ts';

/** Bytes that a URL cannot have (RFC 3986 §2), and that Node refuses. */
const NOT_IN_QUERY = /[^\x21-\x7e]/g;

/** RFC 3986 §3.3: what a path may have as it is, besides slashes. */
const NOT_IN_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;

/** What becomes of a request on its way to a Node listener. */
export interface ListenerRequest {
  /** How the request is sent. */
  readonly options: RequestOptions;
  /** What the socket says of itself. */
  readonly ends: Ends;
  /** The path that leads to the application, still encoded: `request.baseUrl`. */
  readonly baseUrl: string;
  /** The request target as it came: `request.originalUrl`. */
  readonly originalUrl: string;
}

/**
 * Makes a request of Node's of an environ.
 *
 * @param environ the request
 * @returns its head, and what belongs to it
 */
export function toListenerRequest(environ: WSGIEnvironment): ListenerRequest {
  const baseUrl = quote(environ.SCRIPT_NAME ?? '', NOT_IN_PATH);
  const { path, originalUrl } = targetOf(environ, baseUrl);
  const encrypted = environ['wsgi.url_scheme'] === 'https';
  return {
    options: { method: environ.REQUEST_METHOD, path, headers: headersOf(environ), setHost: false },
    ends: {
      encrypted,
      ...text('remoteAddress', environ['REMOTE_ADDR']),
      ...port('remotePort', environ['REMOTE_PORT']),
      ...text('localAddress', environ['SERVER_ADDR']),
      ...port('localPort', environ.SERVER_PORT),
    },
    baseUrl,
    originalUrl,
  };
}

function targetOf(
  environ: WSGIEnvironment,
  baseUrl: string,
): { path: string; originalUrl: string } {
  const { SCRIPT_NAME: scriptName = '', PATH_INFO: pathInfo = '' } = environ;
  const query = environ.QUERY_STRING ? `?${quote(environ.QUERY_STRING, NOT_IN_QUERY)}` : '';
  const uri = environ['REQUEST_URI'];
  // What is encoded in the path as it came, slashes among it, is lost in PATH_INFO.
  if (typeof uri === 'string' && uri.startsWith(`${baseUrl}/`)) {
    const rest = uri.slice(baseUrl.length);
    const path = quote(rest.split('?', 1)[0]!, NOT_IN_QUERY);
    if (unquote(path) === pathInfo) {
      return { path: path + query, originalUrl: baseUrl + path + query };
    }
  }
  if (scriptName + pathInfo === '' && environ.REQUEST_METHOD === 'OPTIONS') {
    return { path: '*', originalUrl: '*' };
  }
  const local = quote(pathInfo, NOT_IN_PATH);
  return {
    path: (local || '/') + query,
    originalUrl: (baseUrl + local || '/') + query,
  };
}

function headersOf(environ: WSGIEnvironment): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of requestHeaders(environ)) headers[capitalized(name)] = value;
  headers['Host'] ??= `${environ.SERVER_NAME}:${environ.SERVER_PORT}`;
  return headers;
}

/** `X-Request-Id` of `X-REQUEST-ID`. */
function capitalized(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function quote(value: string, unsafe: RegExp): string {
  return value.replace(
    unsafe,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function text<Key extends string>(key: Key, value: unknown): Partial<Record<Key, string>> {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as Record<Key, string>) : {};
}

function port<Key extends string>(key: Key, value: unknown): Partial<Record<Key, number>> {
  return typeof value === 'string' && /^[0-9]+$/.test(value)
    ? ({ [key]: Number(value) } as Record<Key, number>)
    : {};
}
