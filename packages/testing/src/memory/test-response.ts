import type { Headers } from '@wsgiref/headers';
import { decodeText } from './host.ts';

/** What a {@link TestResponse} is made of. */
export interface ResponseParts {
  /** Path and query of the request that was answered. */
  readonly target: string;
  /** The status, such as `'200 OK'`. */
  readonly status: string;
  /** The headers in their order and case. */
  readonly headers: Headers;
  /** The body, without any transfer coding. */
  readonly body: Uint8Array;
  /** What was written to `wsgi.errors`. */
  readonly errors: string;
}

/** What has come back. */
export class TestResponse {
  /** Path and query of the request that was answered: the last, if redirects were followed. */
  readonly target: string;
  /** The status, such as `'200 OK'`. */
  readonly status: string;
  /** The headers in their order and case, those that the server has added included. */
  readonly headers: Headers;
  /** The body, without any transfer coding. */
  readonly body: Uint8Array;
  /** What was written to `wsgi.errors`; empty with a live server, whose log is not at hand. */
  readonly errors: string;

  /** @param parts what has come back */
  constructor({ target, status, headers, body, errors }: ResponseParts) {
    this.target = target;
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.errors = errors;
  }

  /** The code of the status, such as 200. */
  get statusCode(): number {
    return Number(this.status.slice(0, 3));
  }

  /** The reason phrase of the status, such as `'OK'`; it may be empty. */
  get reason(): string {
    return this.status.slice(4);
  }

  /**
   * Decodes the body.
   *
   * @returns it as text in the charset of its Content-Type, which is UTF-8 by default
   * @throws {TypeError} if it is not text in that charset
   * @throws {RangeError} if there is no such charset
   */
  text(): string {
    const contentType = this.headers.get('Content-Type') ?? '';
    const [, charset] = /;[ \t]*charset="?([^\s;"]+)/i.exec(contentType) ?? [];
    return decodeText(this.body, charset ?? 'utf-8');
  }

  /**
   * Parses the body.
   *
   * @returns what it says in JSON
   * @throws {SyntaxError} if it is not JSON
   * @throws {TypeError} if it is not UTF-8
   */
  json(): unknown {
    // RFC 8259 §8.1: JSON is UTF-8, and has no charset.
    return JSON.parse(decodeText(this.body, 'utf-8'));
  }
}

/** The response ended before it was complete: less has come than its head says. */
export class IncompleteResponse extends Error {
  override readonly name: string = 'IncompleteResponse';
  /** What has come. */
  readonly response: TestResponse;

  /**
   * @param message what is missing
   * @param response what has come
   */
  constructor(message: string, response: TestResponse) {
    super(message);
    this.response = response;
  }
}
