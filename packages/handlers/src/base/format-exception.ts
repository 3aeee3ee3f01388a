import { repr } from '@wsgiref/util';

/**
 * Formats what was caught, for a log.
 *
 * Python counterpart: `traceback.format_exception`.
 *
 * @param excInfo the caught value, an `Error` or not
 * @param limit the most stack frames to show; null, all that there are
 * @returns the stack and those of its causes, ending in a line feed
 */
export function formatException(excInfo: unknown, limit: number | null): string {
  if (!isError(excInfo)) return `Uncaught ${repr(excInfo)}\n`;
  let text = '';
  const seen = new Set<unknown>();
  let current: unknown = excInfo;
  for (; isError(current) && !seen.has(current); current = current.cause) {
    seen.add(current);
    text += `${text && 'Caused by: '}${limitFrames(current, limit)}\n`;
  }
  return text;
}

/** True for errors of another realm as well, which are not `instanceof Error`. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function limitFrames(error: Error, limit: number | null): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  if (limit === null) return stack;
  let frames = 0;
  return stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || frames++ < limit)
    .join('\n');
}
