import { Headers } from '@wsgiref/headers';
import { CookieJar } from './cookie-jar.ts';
import { resolveUrl } from './host.ts';
import type { ReadResponse } from './read-response.ts';
import {
  makeRequest,
  type RequestHeaders,
  type RequestOptions,
  type TestRequest,
} from './test-request.ts';
import { IncompleteResponse, TestResponse } from './test-response.ts';

/** What a client does with every request. */
export interface ClientOptions {
  /** Headers of every request. */
  headers?: RequestHeaders;
  /** Whether redirects are followed, up to 20 of them; false by default. */
  followRedirects?: boolean;
  /** Whether cookies are kept from one request to the next; false by default. */
  cookies?: boolean;
}

/** Where requests go: to an application, or to a server. */
export interface Transport {
  /** Scheme and host of its URLs, such as `http://localhost`. */
  readonly origin: string;
  /** Sends a request, and returns the response with what was written to `wsgi.errors`. */
  send(request: TestRequest): Promise<ReadResponse & { readonly errors: string }>;
}

/** As many as browsers follow. */
const MOST_REDIRECTS = 20;

/** RFC 9110 §15.4: what there is to follow. */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Sends requests, one after the other or side by side.
 *
 * Each method throws what the application threw; a `RangeError` or `TypeError` if the request cannot
 * be sent; and an {@link IncompleteResponse} if the response ends early.
 */
export class Client {
  readonly #transport: Transport;
  readonly #headers: RequestHeaders;
  readonly #followRedirects: boolean;
  readonly #cookies: CookieJar | null;

  /**
   * @param transport where requests go
   * @param options what to do with every request
   */
  constructor(
    transport: Transport,
    { headers = [], followRedirects = false, cookies = false }: ClientOptions = {},
  ) {
    this.#transport = transport;
    this.#headers = headers;
    this.#followRedirects = followRedirects;
    this.#cookies = cookies ? new CookieJar() : null;
  }

  /** Sends a GET request. */
  get(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('GET', path, options);
  }

  /** Sends a HEAD request. */
  head(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('HEAD', path, options);
  }

  /** Sends a POST request. */
  post(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('POST', path, options);
  }

  /** Sends a PUT request. */
  put(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('PUT', path, options);
  }

  /** Sends a PATCH request. */
  patch(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('PATCH', path, options);
  }

  /** Sends a DELETE request. */
  delete(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('DELETE', path, options);
  }

  /** Sends an OPTIONS request. */
  options(path: string, options?: RequestOptions): Promise<TestResponse> {
    return this.request('OPTIONS', path, options);
  }

  /**
   * Sends a request of any method.
   *
   * @param method the method; methods are case-sensitive
   * @param path path and query, such as `'/users?sort=name'`: sent as it is, but for spaces and
   *   what is not ASCII, which is percent-encoded
   * @param options the rest of the request
   * @returns the response, to the last byte of its body
   * @throws {TypeError} if there is more than one body
   * @throws {RangeError} if something of the request cannot be sent
   * @throws {IncompleteResponse} if the response ends early
   * @throws what the application threw
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<TestResponse> {
    const follow = options.followRedirects ?? this.#followRedirects;
    let request = makeRequest(method, path, options, this.#headers);
    for (let followed = 0; ; followed++) {
      const response = await this.#send(request);
      const next = follow ? this.#follow(request, response) : null;
      if (!next) return response;
      if (followed === MOST_REDIRECTS) {
        throw new Error(
          `there are more than ${MOST_REDIRECTS} redirects, the last to ${next.target}`,
        );
      }
      request = next;
    }
  }

  async #send(request: TestRequest): Promise<TestResponse> {
    const { target } = request;
    const headers = new Headers(request.headers.items());
    const cookies = this.#cookies?.header(target) ?? null;
    if (cookies !== null) headers.setdefault('Cookie', cookies);
    const { missing, ...parts } = await this.#transport.send({ ...request, headers });
    const response = new TestResponse({ target, ...parts });
    this.#cookies?.store(response.headers, target);
    if (missing === null) return response;
    throw new IncompleteResponse(`the response has ended after ${missing}`, response);
  }

  /** The request that a redirect leads to; null if there is none, or it leads elsewhere. */
  #follow(request: TestRequest, { statusCode, headers }: TestResponse): TestRequest | null {
    const location = headers.get('Location');
    if (location === null || !REDIRECTS.includes(statusCode)) return null;
    const { origin } = this.#transport;
    const url = resolveUrl(location, `${origin}${request.target}`);
    if (url.origin !== origin) return null;
    const target = url.pathname + url.search;
    // RFC 9110 §15.4.2 to §15.4.4: browsers turn a POST into a GET, and 303 asks for it.
    const turns =
      statusCode === 303
        ? request.method !== 'HEAD'
        : statusCode < 303 && request.method === 'POST';
    if (!turns) return { ...request, target };
    for (const name of ['Content-Type', 'Content-Length', 'Content-Encoding']) {
      request.headers.delete(name);
    }
    return { method: 'GET', target, headers: request.headers, body: new Uint8Array(0) };
  }
}
