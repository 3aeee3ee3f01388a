// From the variables that a web server sends to those that PEP 3333 promises an application.

import { RequestError } from '@wsgiref/handlers/base';
import type { WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1, repr } from '@wsgiref/util';

/** The variables of a request as they came, in native strings; a name may be there twice. */
export type ParamList = readonly (readonly [name: string, value: string])[];

/** How {@link makeEnviron} makes an environ. */
export interface EnvironOptions {
  /** Variables under those of the request. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** The path that leads to the application; null, as the web server says. */
  readonly scriptName?: string | null;
  /** The most bytes that a request body may have; no limit by default. */
  readonly maxBodySize?: number;
}

/** RFC 9110 §5.6.2: what a method is made of. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const BAD_IN_NAME = /[\x00-\x20\x7f=]/;

/** RFC 9110 §5.5: what would end a header, or hide its end. */
const BAD_IN_HEADER = /[\0\r\n]/;

/** What Apache's mod_proxy_fcgi and mod_proxy_scgi put before the file that there is not. */
const APACHE_PROXY = /^proxy:(?:fcgi|scgi|uwsgi):/;

/**
 * Makes the environ of a request of what the web server sent.
 *
 * Web servers send what they are configured to send, which need not be what PEP 3333 asks for:
 * - a header that is there twice (nginx before 1.23) is joined (RFC 9110 §5.3; cookies by
 *   semicolons), of any other variable the last one counts, and two lengths are refused;
 * - `HTTP_PROXY` is dropped, since programs take it for the proxy that they are to use
 *   (CVE-2016-5385), `HTTP_CONTENT_TYPE` and `HTTP_CONTENT_LENGTH` are where they belong, and nobody
 *   but the server sets variables of `wsgi.` and `wsgiref.`; an empty `REMOTE_USER` is nobody;
 * - `SCRIPT_NAME` and `PATH_INFO` are the path, each of them empty or with a slash at its beginning,
 *   also where the web server sends but one of them (see {@link EnvironOptions.scriptName});
 * - `SERVER_NAME`, `SERVER_PORT`, `SERVER_PROTOCOL` and `QUERY_STRING` are there.
 *
 * @param params what the web server sent
 * @param options what else there is to know
 * @returns the environ, but for what a handler adds
 * @throws {RequestError} if there is no valid REQUEST_METHOD, a name or a header holds control
 *   characters, CONTENT_LENGTH is no number, or larger than `maxBodySize`
 */
export function makeEnviron(params: ParamList, options: EnvironOptions = {}): WSGIEnvironment {
  const { base = {}, scriptName = null, maxBodySize = Infinity } = options;
  const environ: Record<string, string> = {};
  for (const [name, value] of params) addParam(environ, name, value);
  checkMethod(environ);
  checkLength(environ, maxBodySize);
  completeContentType(environ);
  completePath(environ, scriptName);
  completeServer(environ);
  const complete: Record<string, unknown> = environ;
  for (const name in base) if (!Object.hasOwn(environ, name)) complete[name] = base[name];
  return complete as WSGIEnvironment;
}

function addParam(environ: Record<string, string>, name: string, value: string): void {
  if (name === '' || BAD_IN_NAME.test(name)) {
    throw bad(`a variable cannot be called ${repr(name)}: fix the web server's configuration`);
  }
  if (name === 'HTTP_PROXY' || name === 'HTTP_CONTENT_LENGTH') return;
  if (name.startsWith('wsgi.') || name.startsWith('wsgiref.')) return;
  // nginx's own parameters have one for strangers, too.
  if (name === 'REMOTE_USER' && value === '') return;
  const before = Object.hasOwn(environ, name) ? environ[name]! : null;
  if (name.startsWith('HTTP_')) {
    if (BAD_IN_HEADER.test(value)) throw bad(`${name} holds a control character`);
    if (before !== null) value = `${before}${name === 'HTTP_COOKIE' ? '; ' : ', '}${value}`;
  } else if (name === 'CONTENT_LENGTH' && before !== null && before !== value) {
    throw bad(`there are two values of CONTENT_LENGTH, ${repr(before)} and ${repr(value)}`);
  }
  environ[name] = value;
}

function checkMethod({ REQUEST_METHOD: method }: Record<string, string>): void {
  if (method === undefined || !TOKEN.test(method)) {
    const got = method === undefined ? 'none' : repr(method);
    throw bad(`the web server should send a REQUEST_METHOD such as 'GET' (got ${got})`);
  }
}

function checkLength({ CONTENT_LENGTH: length }: Record<string, string>, maximum: number): void {
  if (!length) return;
  if (!/^[0-9]{1,15}$/.test(length)) throw bad(`Invalid CONTENT_LENGTH: ${repr(length)}`);
  if (Number(length) > maximum) {
    throw new RequestError(
      '413 Content Too Large',
      `the request body has ${length} bytes; the most are ${maximum}`,
    );
  }
}

function completeContentType(environ: Record<string, string>): void {
  const { HTTP_CONTENT_TYPE: type } = environ;
  if (type === undefined) return;
  environ['CONTENT_TYPE'] ??= type;
  delete environ['HTTP_CONTENT_TYPE'];
}

/** PEP 3333, "`environ` Variables": SCRIPT_NAME and PATH_INFO. */
function completePath(environ: Record<string, string>, mounted: string | null): void {
  let [script, rest] = splitPath(environ);
  if (mounted !== null) {
    const path = script + rest;
    script = mounted;
    // What does not begin with it has had it taken off by the web server.
    rest = `${path}/`.startsWith(`${mounted}/`) ? path.slice(mounted.length) : path;
  }
  environ['SCRIPT_NAME'] = script;
  environ['PATH_INFO'] = rest;
}

/** Which part of the path is the application's name, and which is for the application. */
function splitPath(environ: Record<string, string>): [script: string, rest: string] {
  const { SCRIPT_NAME: script, PATH_INFO: rest, DOCUMENT_URI: uri } = environ;
  if (rest) return [withoutEndSlash(withSlash(script ?? '')), withSlash(rest)];
  // nginx's own fastcgi_params have the whole path as SCRIPT_NAME, its scgi_params have neither.
  if (uri && (script ?? uri) === uri) return ['', withSlash(uri)];
  if (script === undefined) return ['', pathOf(environ['REQUEST_URI'] ?? '')];
  // Apache's proxies know of no script: all of the path is for whoever is behind them.
  if (APACHE_PROXY.test(environ['SCRIPT_FILENAME'] ?? '')) return ['', withSlash(script)];
  // The root, which cannot be a SCRIPT_NAME, or a script and nothing behind it.
  return script === '/' ? ['', '/'] : [withSlash(script), ''];
}

/** The path of a request target, percent-decoded. */
function pathOf(target: string): string {
  const path = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(target)![1]!;
  const decoded = path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    decodeLatin1(Uint8Array.of(parseInt(hex, 16))),
  );
  return withSlash(decoded);
}

/** `*`, the target of an OPTIONS request for all of the server, is no path. */
function withSlash(path: string): string {
  if (path === '*') return '';
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}

/** SCRIPT_NAME `/` and PATH_INFO `/a` are the path `/a`. */
function withoutEndSlash(script: string): string {
  return script === '/' ? '' : script;
}

/** PEP 3333: these "can never be empty strings, and so are always required". */
function completeServer(environ: Record<string, string>): void {
  const [, name, port] = /^(.*?)(?::([0-9]{1,5}))?$/s.exec(environ['HTTP_HOST'] ?? '')!;
  environ['SERVER_NAME'] ||= name || 'localhost';
  environ['SERVER_PORT'] ||= port ?? (schemeOf(environ) === 'https' ? '443' : '80');
  environ['SERVER_PROTOCOL'] ||= 'HTTP/1.0';
  environ['QUERY_STRING'] ??= '';
}

/**
 * Returns the URL scheme of a request: HTTPS says it, or else what nginx and HAProxy call
 * REQUEST_SCHEME.
 *
 * @param environ the variables of the request
 */
export function schemeOf(environ: Readonly<Record<string, unknown>>): 'http' | 'https' {
  const https = environ['HTTPS'];
  const isSecure = https
    ? /^(?:on|yes|1)$/i.test(String(https))
    : /^https$/i.test(String(environ['REQUEST_SCHEME'] ?? environ['UWSGI_SCHEME']));
  return isSecure ? 'https' : 'http';
}

function bad(message: string): RequestError {
  return new RequestError('400 Bad Request', message);
}
