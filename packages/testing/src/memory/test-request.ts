import { Headers } from '@wsgiref/headers';
import type { HeaderList } from '@wsgiref/types';
import { encodeLatin1, isBytes, repr } from '@wsgiref/util';
import { encodeFields, type Fields } from './fields.ts';
import { encodeText } from './host.ts';

/** Headers of a request, in their order. */
export type RequestHeaders =
  Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** What a request has beside method and path. */
export interface RequestOptions {
  /** Headers, beside those of the client and in the place of those of the same name. */
  headers?: RequestHeaders;
  /** What is appended to the path as its query. */
  query?: Fields;
  /** The body; a string is sent in UTF-8. */
  body?: string | Uint8Array;
  /** The body as JSON, with its Content-Type. */
  json?: unknown;
  /** The body as a form, with its Content-Type. */
  form?: Fields;
  /** Whether redirects are followed; by default as the client does. */
  followRedirects?: boolean;
}

/** A request, as it goes over the wire. */
export interface TestRequest {
  /** The method, such as `GET`. */
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** The headers in their order, all that there are. */
  readonly headers: Headers;
  /** The body; it may be empty. */
  readonly body: Uint8Array;
}

/** RFC 9110 §5.6.2: token = 1*tchar. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110 §8.6: with these, a request without a body says so. */
const WANTS_LENGTH: readonly string[] = ['POST', 'PUT', 'PATCH'];

/**
 * Makes a request of what a test says.
 *
 * @param method the method
 * @param path path and query; what cannot stand in a request line is percent-encoded, and nothing
 *   else is touched
 * @param options the rest
 * @param defaults headers for want of others
 * @returns the request
 * @throws {TypeError} if there is more than one body
 * @throws {RangeError} if something of it cannot be sent
 */
export function makeRequest(
  method: string,
  path: string,
  options: RequestOptions,
  defaults: RequestHeaders,
): TestRequest {
  if (!TOKEN.test(method)) throw new RangeError(`${repr(method)} is no method, as 'GET' is one`);
  const headers = makeHeaders(defaults, options.headers ?? []);
  const body = makeBody(options, headers);
  if (body || WANTS_LENGTH.includes(method)) {
    headers.setdefault('Content-Length', String(body?.length ?? 0));
  }
  return {
    method,
    target: makeTarget(path, options.query),
    headers,
    body: body ?? new Uint8Array(0),
  };
}

function makeTarget(path: string, query: Fields | undefined): string {
  if (!path.startsWith('/') && path !== '*') {
    throw new RangeError(`a path begins with a slash: make ${repr(path)} ${repr(`/${path}`)}`);
  }
  const target = path.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  if (query === undefined) return target;
  return `${target}${target.includes('?') ? '&' : '?'}${encodeFields(query)}`;
}

function makeHeaders(defaults: RequestHeaders, own: RequestHeaders): Headers {
  const ownList = toList(own);
  const names = new Set(ownList.map(([name]) => name.toLowerCase()));
  const headers = new Headers();
  for (const [name, value] of [
    ...toList(defaults).filter(([other]) => !names.has(other.toLowerCase())),
    ...ownList,
  ]) {
    if (!TOKEN.test(name)) throw new RangeError(`${repr(name)} is no name of a header`);
    if (name.toLowerCase() === 'transfer-encoding') {
      throw new RangeError('Transfer-Encoding cannot be given: give the body as it is');
    }
    encodeLatin1(value); // Refuses what is not a native string.
    headers.append(name, value);
  }
  return headers;
}

function toList(headers: RequestHeaders): HeaderList {
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  return [...(pairs as Iterable<readonly [string, string]>)].map(([name, value]) => [name, value]);
}

function makeBody({ body, json, form }: RequestOptions, headers: Headers): Uint8Array | null {
  const given = [body, json, form].filter((value) => value !== undefined);
  if (given.length > 1) throw new TypeError('a request has one of body, json and form');
  if (json !== undefined) {
    headers.setdefault('Content-Type', 'application/json');
    return encodeText(JSON.stringify(json));
  }
  if (form !== undefined) {
    headers.setdefault('Content-Type', 'application/x-www-form-urlencoded');
    return encodeText(encodeFields(form));
  }
  if (body === undefined) return null;
  if (typeof body === 'string') return encodeText(body);
  if (isBytes(body)) return body;
  throw new TypeError(`a body is a string or a Uint8Array (got ${repr(body)})`);
}
