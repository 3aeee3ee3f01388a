/**
 * Resolves `.`, `..` and repeated slashes in a path, without looking at any file.
 *
 * Python counterpart: `posixpath.normpath`, which `shift_path_info` relies on.
 *
 * @param path a path with `/` between its segments
 * @returns the shortest path that means the same; two leading slashes stay, as POSIX allows
 */
export function normpath(path: string): string {
  if (path === '') return '.';
  const slashes = /^\/*/.exec(path)![0].length;
  // POSIX lets exactly two leading slashes mean something of their own; three or more are one.
  const root = slashes === 2 ? '//' : slashes > 0 ? '/' : '';
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..' || (!root && (kept.length === 0 || kept.at(-1) === '..'))) {
      kept.push(segment);
    } else {
      kept.pop();
    }
  }
  return root + kept.join('/') || '.';
}
