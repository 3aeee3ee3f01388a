import type { HeaderList, WSGIApplicationLike } from '@wsgiref/types';

/** A request, as whoever sends it sees it. */
export interface GatewayRequest {
  /** The method, such as `GET`. */
  readonly method: string;
  /** Path and query as they go over the wire: percent-encoded, with a slash at the beginning. */
  readonly target: string;
  /** The headers in their order, all but Host and Content-Length, which follow from the rest. */
  readonly headers: HeaderList;
  /** The body. */
  readonly body: Uint8Array;
}

/** What has come back, and what has been logged. */
export interface GatewayResponse {
  /** Code and phrase, such as `200 OK`. */
  readonly status: string;
  /** The headers in their order, those that the gateway has added included. */
  readonly headers: HeaderList;
  /** The body, without any transfer coding. */
  readonly body: Uint8Array;
  /** What was written to `wsgi.errors`, and errors that the gateway has logged: no access log. */
  readonly errors: string;
}

/** A text that matches a regular expression, in which `.` is any character. */
export interface Pattern {
  readonly pattern: string;
  /** Whether it may be missing. */
  readonly optional?: true;
}

/**
 * What a header must be: its value; the values of several of that name, in order; what its value
 * looks like; or null, it must not be there.
 */
export type ExpectedHeader = string | readonly string[] | Pattern | null;

/** What must come back: data, so that other programs can read it. Text is in native strings. */
export interface Expected {
  /** The status code. */
  readonly code: number;
  /** The reason phrase, where it matters. */
  readonly phrase?: string;
  /** The headers that matter, by name. */
  readonly headers?: Readonly<Record<string, ExpectedHeader>>;
  /** The body, where it matters. */
  readonly body?: string | Pattern;
  /** What the application has noted in `wsgi.errors`, in order; nothing by default. */
  readonly notes?: readonly string[];
  /**
   * What has been logged beside the notes: a text that is part of it, or what it looks like; null if
   * that does not matter. By default nothing may have been logged.
   */
  readonly errors?: string | Pattern | null;
}

/** One thing that every gateway does: a request, an application, and what must come back. */
export interface ConformanceCase {
  /** What a gateway does, as a sentence; no two cases have the same. */
  readonly name: string;
  /** The clauses of the checklist that it shows, such as `S6`. */
  readonly clauses: readonly string[];
  /** The request; by default GET / without headers of its own and without a body. */
  readonly request?: Partial<GatewayRequest>;
  /** The application, self-contained: it knows nothing but its arguments. */
  readonly application: WSGIApplicationLike;
  /** What must come back. */
  readonly expected: Expected;
  /** False if the validator finds fault with the application, which does wrong on purpose. */
  readonly valid?: false;
  /** How many times the request is sent, each time with the same outcome; once by default. */
  readonly times?: number;
}

/** Completes the request of a case. */
export function completeRequest({
  method = 'GET',
  target = '/',
  headers = [],
  body = new Uint8Array(0),
}: Partial<GatewayRequest> = {}): GatewayRequest {
  return { method, target, headers, body };
}
