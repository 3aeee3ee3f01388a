import { repr } from '@wsgiref/util';

/** What stands in a URL, but never in a decoded path of one's own. */
const NOT_DECODED = /[%?#]/;

/**
 * Cuts the path of a route or a mount into what `shiftPathInfo` will meet.
 *
 * @param path a path as people read it, with a slash at its beginning
 * @returns its segments in native strings; the last is `''` if a slash ends it
 * @throws {RangeError} if no request could ever have this path
 */
export function parsePath(path: string): string[] {
  if (!path.startsWith('/')) {
    throw new RangeError(`a path begins with a slash: make ${repr(path)} ${repr(`/${path}`)}`);
  }
  if (NOT_DECODED.test(path)) {
    throw new RangeError(
      `${repr(path)} should be a path alone, and not percent-encoded: leave out '%', '?' and '#'`,
    );
  }
  const segments = path.slice(1).split('/');
  segments.forEach((segment, i) => {
    if (segment === '.' || segment === '..' || (segment === '' && i < segments.length - 1)) {
      throw new RangeError(
        `${repr(path)} has a segment ${repr(segment)}, which no request comes by: leave it out`,
      );
    }
  });
  return segments.map(toNative);
}

/** PATH_INFO has the bytes of what a browser sends, which are UTF-8 (RFC 3987 §3.1). */
function toNative(segment: string): string {
  return encodeURIComponent(segment).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}
