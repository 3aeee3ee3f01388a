// RFC 3875 §4.1, Request Meta-Variables: built of the environ, and of nothing else.

import { join, posix } from 'node:path';
import type { WSGIEnvironment } from '@wsgiref/types';
import type { Settings } from './options.ts';

/** Those that are there if the environ has them, and they are not empty. */
const OPTIONAL = [
  ...['AUTH_TYPE', 'CONTENT_TYPE', 'REMOTE_ADDR', 'REMOTE_HOST', 'REMOTE_IDENT', 'REMOTE_PORT'],
  ...['REMOTE_USER', 'REQUEST_METHOD', 'REQUEST_URI', 'SERVER_NAME', 'SERVER_PORT'],
  ...['SERVER_PROTOCOL', 'SERVER_SOFTWARE'],
];

/** Those that are there in any case. */
const REQUIRED = ['PATH_INFO', 'QUERY_STRING', 'SCRIPT_NAME'];

/** RFC 3875 §4.1.18: protocol variables; nothing that a shell could take for something else. */
const PROTOCOL = /^HTTP_[A-Z0-9_]+$/;

/** Headers that no script sees. */
const KEPT_BACK = new Set([
  // Libraries take it for the proxy that they should use ("httpoxy", CVE-2016-5385).
  'HTTP_PROXY',
  // RFC 3875 §4.1.18: "The server SHOULD remove any header fields carrying authentication information".
  'HTTP_PROXY_AUTHORIZATION',
]);

/**
 * Makes the meta-variables of a request.
 *
 * @param environ the request
 * @param settings how the script is run
 * @param contentLength the length of the request body in bytes; null, there is none
 * @returns the variables, in native strings
 */
export function makeVariables(
  environ: WSGIEnvironment,
  { script, documentRoot, passAuthorization }: Settings,
  contentLength: number | null,
): Record<string, string> {
  const variables: Record<string, string> = { GATEWAY_INTERFACE: 'CGI/1.1' };
  const take = (name: string, isThere: (value: string) => boolean): void => {
    const value = environ[name];
    if (typeof value === 'string' && isThere(value)) variables[name] = value;
  };
  for (const name of REQUIRED) {
    variables[name] = '';
    take(name, () => true);
  }
  for (const name of OPTIONAL) take(name, (value) => value !== '');
  for (const name of Object.keys(environ)) {
    if (!PROTOCOL.test(name) || KEPT_BACK.has(name)) continue;
    if (name !== 'HTTP_AUTHORIZATION' || passAuthorization) take(name, () => true);
  }
  if (contentLength !== null) variables['CONTENT_LENGTH'] = String(contentLength);
  if (environ['wsgi.url_scheme'] === 'https') variables['HTTPS'] = 'on';

  // Paths of this system, which other servers tell, too.
  const toNative = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
  variables['SCRIPT_FILENAME'] = toNative(script);
  if (documentRoot !== null) {
    variables['DOCUMENT_ROOT'] = toNative(documentRoot);
    // RFC 3875 §4.1.6: where PATH_INFO would lead; it does not climb out of the folder.
    const pathInfo = variables['PATH_INFO']!;
    if (pathInfo !== '') {
      const path = posix.normalize(`/${pathInfo}`);
      variables['PATH_TRANSLATED'] = join(toNative(documentRoot), path);
    }
  }
  return variables;
}
