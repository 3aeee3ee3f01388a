import { decodeLatin1 } from './latin1.ts';

/**
 * Decodes the percent-encoded bytes of a path into a native string; what is no escape is left as it
 * is.
 *
 * Python counterpart: `urllib.parse.unquote(path, 'iso-8859-1')`.
 *
 * @param path a path as it came over the wire
 * @returns the path as PATH_INFO and SCRIPT_NAME have it
 */
export function unquote(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    decodeLatin1(Uint8Array.of(parseInt(hex, 16))),
  );
}
