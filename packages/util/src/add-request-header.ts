import type { PartialEnvironment } from './environ.ts';

/** How many names are remembered: those of all browsers and proxies, and room to spare. */
const MAX_REMEMBERED = 1024;

/** The environ key of each name: names are few and requests are many. */
const remembered = new Map<string, string>();

/**
 * Adds a header of a request to an environ, under its `HTTP_…` key (PEP 3333, "`environ`
 * Variables").
 *
 * `Content-Type` and `Content-Length` have keys of their own, of which the first is kept. A name with
 * `_` is dropped: `X_Real_Ip` would come out as `X-Real-Ip` does, which the server in front vouches
 * for. Values of one name are joined by commas (RFC 9110 §5.3), of `Cookie` by semicolons (RFC 6265
 * §5.4).
 *
 * @param environ the request
 * @param name the name of the header, in any case
 * @param value its value, a native string
 */
export function addRequestHeader(environ: PartialEnvironment, name: string, value: string): void {
  if (name.includes('_')) return;
  const key = headerKey(name);
  const present = environ[key];
  if (present === undefined) environ[key] = value;
  else if (key === 'HTTP_COOKIE') environ[key] = `${present as string}; ${value}`;
  else if (key.startsWith('HTTP_')) environ[key] = `${present as string},${value}`;
}

function headerKey(name: string): string {
  let key = remembered.get(name);
  if (key === undefined) {
    const upper = name.toUpperCase().replaceAll('-', '_');
    key = upper === 'CONTENT_TYPE' || upper === 'CONTENT_LENGTH' ? upper : `HTTP_${upper}`;
    // Names come from clients: they must not fill the memory.
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, key);
  }
  return key;
}
