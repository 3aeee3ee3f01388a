// Where a request goes: RFC 9112 §3.2, and how frameworks tell where they have mounted a listener.

import { RequestError } from '@wsgiref/handlers/base';
import { repr, unquote } from '@wsgiref/util';

/** RFC 9112 §3.2.2: absolute-form, here of HTTP only: authority, path and query. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?]+)(.*)$/i;

/** What frameworks add to the request where they have cut something off its `url`. */
export interface MountedRequest {
  /** The request target as it stands: behind a mount point, the rest of it. */
  readonly url?: string | undefined;
  /** Connect, Express and middie: the request target as it came. */
  readonly originalUrl?: unknown;
  /** Express: what was cut off. */
  readonly baseUrl?: unknown;
}

/** The parts of a request target, in native strings. */
export interface RequestTarget {
  /** SCRIPT_NAME: the path that leads to the application. */
  readonly scriptName: string;
  /** PATH_INFO: the rest of it. */
  readonly pathInfo: string;
  /** QUERY_STRING, as it came. */
  readonly query: string;
  /** The authority of a target in absolute-form, which stands for Host (RFC 9112 §3.2.2). */
  readonly authority: string | null;
  /** The target as it came, before anything was cut off. */
  readonly uri: string;
}

/**
 * Finds out what of the path led to the application.
 *
 * @param request the request
 * @param scriptName the path that the application is mounted at, decoded; null, what the framework
 *   says, if there is one
 * @throws {RequestError} 400 if the target is no path, 404 if it does not begin with `scriptName`
 */
export function locate(request: MountedRequest, scriptName: string | null): RequestTarget {
  const url = request.url!;
  const uri = typeof request.originalUrl === 'string' ? request.originalUrl : url;
  const { path, query, authority } = split(url);
  const whole = uri === url ? path : split(uri).path;
  const [mount, rest] =
    scriptName === null
      ? findMount(whole, path, request.baseUrl).map(unquote)
      : cutMount(unquote(whole), scriptName);
  // One slash, so that no application takes a path for a URL of another host (CVE-2021-28861).
  const pathInfo = mount === '' ? rest!.replace(/^\/{2,}/, '/') : rest!;
  return { scriptName: mount!, pathInfo, query, authority, uri };
}

function split(target: string): { path: string; query: string; authority: string | null } {
  const absolute = ABSOLUTE_FORM.exec(target);
  // RFC 9112 §3.2.4: `*` stands for the server as a whole, whose path is empty.
  const local = absolute ? absolute[2]! : target === '*' ? '' : target;
  const mark = local.indexOf('?');
  let path = mark < 0 ? local : local.slice(0, mark);
  if (absolute && path === '') path = '/';
  if (path !== '' && !path.startsWith('/')) {
    throw new RequestError('400 Bad Request', `Bad request target (${repr(target)})`);
  }
  const query = mark < 0 ? '' : local.slice(mark + 1);
  return { path, query, authority: absolute?.[1] ?? null };
}

/** `/app` and `/x` of `/app/x`; a framework makes `/` of nothing, which is undone here. */
function findMount(whole: string, path: string, baseUrl: unknown): [mount: string, rest: string] {
  if (typeof baseUrl === 'string') return [baseUrl, whole === baseUrl ? '' : path];
  if (whole.endsWith(path)) return [whole.slice(0, whole.length - path.length), path];
  // What was neither cut off nor left is another path, that something has put there.
  return path === '/' ? [whole, ''] : ['', path];
}

function cutMount(whole: string, scriptName: string): [mount: string, rest: string] {
  if (!`${whole}/`.startsWith(`${scriptName}/`)) {
    throw new RequestError('404 Not Found', `Nothing is mounted at ${repr(whole)}`);
  }
  return [scriptName, whole.slice(scriptName.length)];
}
