// The functions of Python's wsgiref.util that read or write an environ.

import type { WSGIEnvironment } from '@wsgiref/types';
import { BytesIO } from './bytes-io.ts';
import { encodeLatin1 } from './latin1.ts';
import { normpath } from './normpath.ts';
import { repr } from './repr.ts';
import { StringIO } from './string-io.ts';

/** An environ in the making, or the part of one that a function needs. */
export type PartialEnvironment = Partial<WSGIEnvironment>;

// RFC 3986 §2.3: letters, digits and `-._~` are never quoted; a path keeps its slashes as well.
const NOT_SAFE_IN_SCRIPT_NAME = /[^A-Za-z0-9\-._~/]/g;
const NOT_SAFE_IN_PATH_INFO = /[^A-Za-z0-9\-._~/;=,]/g;

/**
 * Guesses whether a CGI-like request came over TLS.
 *
 * Python counterpart: `wsgiref.util.guess_scheme`.
 *
 * @param environ the request; only `HTTPS` is read
 * @returns `'https'` if `HTTPS` is `'yes'`, `'on'` or `'1'`, else `'http'`
 */
export function guessScheme(environ: PartialEnvironment): 'http' | 'https' {
  const https = environ['HTTPS'];
  return https === 'yes' || https === 'on' || https === '1' ? 'https' : 'http';
}

/**
 * The URI of the application, without PATH_INFO and query.
 *
 * Python counterpart: `wsgiref.util.application_uri` (PEP 3333, "URL Reconstruction").
 *
 * @param environ the request
 * @returns scheme, host, port unless it is the scheme's own, and the quoted SCRIPT_NAME
 * @throws {TypeError} if a variable that is needed is missing
 * @throws {RangeError} if SCRIPT_NAME is not a native string
 */
export function applicationUri(environ: PartialEnvironment): string {
  const scheme = required(environ, 'wsgi.url_scheme');
  let host = environ.HTTP_HOST;
  if (!host) {
    host = required(environ, 'SERVER_NAME');
    const port = required(environ, 'SERVER_PORT');
    if (port !== (scheme === 'https' ? '443' : '80')) host += `:${port}`;
  }
  return `${scheme}://${host}${quote(environ.SCRIPT_NAME || '/', NOT_SAFE_IN_SCRIPT_NAME)}`;
}

/**
 * The URI of the request.
 *
 * Python counterpart: `wsgiref.util.request_uri` (PEP 3333, "URL Reconstruction").
 *
 * @param environ the request
 * @param options `includeQuery`: whether to append QUERY_STRING, as it came; true by default
 * @returns {@link applicationUri}, the quoted PATH_INFO and the query
 * @throws {TypeError} if a variable that is needed is missing
 * @throws {RangeError} if SCRIPT_NAME or PATH_INFO is not a native string
 *
 * @example
 * ```ts
 * import { requestUri, setupTestingDefaults } from '@wsgiref/util';
 *
 * const environ = { SCRIPT_NAME: '/app', PATH_INFO: '/caf\xe9', QUERY_STRING: 'q=1' };
 * setupTestingDefaults(environ);
 * console.log(requestUri(environ)); // http://127.0.0.1/app/caf%E9?q=1
 * ```
 */
export function requestUri(
  environ: PartialEnvironment,
  { includeQuery = true }: { includeQuery?: boolean } = {},
): string {
  const path = quote(environ.PATH_INFO ?? '', NOT_SAFE_IN_PATH_INFO);
  let uri = applicationUri(environ);
  // Without a SCRIPT_NAME the application's URI ends in the slash that PATH_INFO begins with.
  uri += environ.SCRIPT_NAME ? path : path.slice(1);
  if (includeQuery && environ.QUERY_STRING) uri += `?${environ.QUERY_STRING}`;
  return uri;
}

/**
 * Moves one segment of the path from PATH_INFO to SCRIPT_NAME, for traversal.
 *
 * Python counterpart: `wsgiref.util.shift_path_info`. Empty segments and `.` are dropped on the way;
 * `..` is a name like any other, and makes SCRIPT_NAME climb.
 *
 * @param environ the request; SCRIPT_NAME and PATH_INFO are changed
 * @returns the segment, `''` for a lone slash, or null if nothing is left
 * @throws {RangeError} if PATH_INFO is not empty and has no slash
 *
 * @example
 * ```ts
 * import { shiftPathInfo } from '@wsgiref/util';
 *
 * const environ = { SCRIPT_NAME: '/app', PATH_INFO: '/users/7' };
 * console.log(shiftPathInfo(environ)); // users
 * console.log(environ); // { SCRIPT_NAME: '/app/users', PATH_INFO: '/7' }
 * ```
 */
export function shiftPathInfo(environ: PartialEnvironment): string | null {
  const pathInfo = environ.PATH_INFO ?? '';
  if (!pathInfo) return null;

  const parts = pathInfo.split('/');
  if (parts.length === 1) {
    throw new RangeError(`PATH_INFO doesn't start with /: ${repr(pathInfo)}`);
  }
  const last = parts.length - 1;
  const kept = parts.filter((part, i) => i === 0 || i === last || (part !== '' && part !== '.'));
  const [name] = kept.splice(1, 1) as [string];

  let scriptName = normpath(`${environ.SCRIPT_NAME ?? ''}/${name}`);
  if (scriptName.endsWith('/')) scriptName = scriptName.slice(0, -1);
  if (!name && !scriptName.endsWith('/')) scriptName += '/';

  environ.SCRIPT_NAME = scriptName;
  environ.PATH_INFO = kept.join('/');

  // A lone `.` was dropped everywhere but in last place, where it means that nothing is left.
  return name === '.' ? null : name;
}

/**
 * Completes an environ with harmless defaults, so that an application can be called in a test.
 *
 * Python counterpart: `wsgiref.util.setup_testing_defaults`. What is there already is left alone.
 *
 * @param environ the environ to complete
 *
 * @example
 * ```ts
 * import { setupTestingDefaults } from '@wsgiref/util';
 *
 * const environ = { PATH_INFO: '/hello' };
 * setupTestingDefaults(environ);
 * console.log(environ.REQUEST_METHOD, environ.PATH_INFO); // GET /hello
 * ```
 */
export function setupTestingDefaults(
  environ: PartialEnvironment,
): asserts environ is WSGIEnvironment {
  setdefault(environ, 'SERVER_NAME', '127.0.0.1');
  setdefault(environ, 'SERVER_PROTOCOL', 'HTTP/1.0');
  setdefault(environ, 'HTTP_HOST', environ.SERVER_NAME);
  setdefault(environ, 'REQUEST_METHOD', 'GET');
  if (!('SCRIPT_NAME' in environ) && !('PATH_INFO' in environ)) {
    environ.SCRIPT_NAME = '';
    environ.PATH_INFO = '/';
  }
  setdefault(environ, 'wsgi.version', [1, 0]);
  // DIFFERS(1): Python has the integer 0 here.
  setdefault(environ, 'wsgi.run_once', false);
  setdefault(environ, 'wsgi.multithread', false);
  setdefault(environ, 'wsgi.multiprocess', false);
  setdefault(environ, 'wsgi.input', new BytesIO());
  setdefault(environ, 'wsgi.errors', new StringIO());
  setdefault(environ, 'wsgi.url_scheme', guessScheme(environ));
  if (environ['wsgi.url_scheme'] === 'http') setdefault(environ, 'SERVER_PORT', '80');
  else if (environ['wsgi.url_scheme'] === 'https') setdefault(environ, 'SERVER_PORT', '443');
}

function setdefault(environ: PartialEnvironment, key: string, value: unknown): void {
  if (!(key in environ)) environ[key] = value;
}

function required(environ: PartialEnvironment, key: string): string {
  const value = environ[key];
  if (value === undefined) throw new TypeError(`Environment missing required key: ${repr(key)}`);
  return String(value);
}

function quote(text: string, unsafe: RegExp): string {
  encodeLatin1(text); // Refuses what is not a native string.
  return text.replace(
    unsafe,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
