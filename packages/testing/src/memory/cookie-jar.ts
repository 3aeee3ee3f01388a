import type { Headers } from '@wsgiref/headers';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970; infinite for a cookie of the session. */
  readonly expires: number;
}

/**
 * Keeps cookies as a browser does (RFC 6265 §5), for the one host that a client talks to.
 *
 * `Domain`, `HttpOnly` and `SameSite` mean nothing here; `Secure` does not either, as with browsers
 * and `localhost`.
 */
export class CookieJar {
  #cookies: Cookie[] = [];

  /**
   * Keeps what a response sets (RFC 6265 §5.3).
   *
   * @param headers the headers of the response
   * @param target the request that it answers
   */
  store(headers: Headers, target: string): void {
    for (const line of headers.getSetCookie()) {
      const cookie = parse(line, target);
      if (!cookie) continue;
      // One that is there already keeps its place.
      const isSame = ({ name, path }: Cookie): boolean =>
        name === cookie.name && path === cookie.path;
      const at = this.#cookies.findIndex(isSame);
      this.#cookies.splice(at < 0 ? this.#cookies.length : at, at < 0 ? 0 : 1, cookie);
    }
  }

  /**
   * Returns what goes with a request (RFC 6265 §5.4).
   *
   * @param target the request
   * @returns the value of its Cookie header; null if there is none
   */
  header(target: string): string | null {
    const path = pathOf(target);
    this.#cookies = this.#cookies.filter(({ expires }) => expires > Date.now());
    const matching = this.#cookies
      .filter((cookie) => matches(path, cookie.path))
      .toSorted((a, b) => b.path.length - a.path.length);
    if (matching.length === 0) return null;
    return matching.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

/** RFC 6265 §5.2. */
function parse(line: string, target: string): Cookie | null {
  const [pair, ...rest] = line.split(';') as [string, ...string[]];
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  if (name === '') return null;
  const attributes = new Map(
    rest.map((attribute) => {
      const [name, ...value] = attribute.split('=') as [string, ...string[]];
      return [name.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const path = attributes.get('path') ?? '';
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    path: path.startsWith('/') ? path : defaultPath(target),
    expires: expiry(attributes),
  };
}

function expiry(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get('max-age') ?? '';
  if (/^-?[0-9]+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(expires) ? Infinity : expires;
}

/** RFC 6265 §5.1.4. */
function defaultPath(target: string): string {
  const path = pathOf(target);
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function matches(path: string, of: string): boolean {
  return path === of || path.startsWith(of.endsWith('/') ? of : `${of}/`);
}

function pathOf(target: string): string {
  return target.split('?', 1)[0]!;
}
