/** RFC 2616 §13.5.1, in its own words: `trailers` with an s, and no `proxy-connection`. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailers',
  'transfer-encoding',
  'upgrade',
]);

const LENGTHS: ReadonlySet<number> = new Set(Array.from(HOP_BY_HOP, (name) => name.length));

/**
 * Whether a header belongs to the connection, not to the response: an application must not send it.
 *
 * Python counterpart: `wsgiref.util.is_hop_by_hop` (PEP 3333, "Other HTTP Features").
 *
 * @param headerName the name, in any case
 * @returns true for the eight hop-by-hop headers of HTTP/1.1
 */
export function isHopByHop(headerName: string): boolean {
  // Asked for every header of every response, and nearly always in vain: the length tells most apart.
  return LENGTHS.has(headerName.length) && HOP_BY_HOP.has(headerName.toLowerCase());
}
