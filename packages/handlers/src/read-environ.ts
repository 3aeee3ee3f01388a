import { readFileSync } from 'node:fs';

/**
 * Returns the process's environment as native strings: each character is one byte.
 *
 * Python counterpart: `wsgiref.handlers.read_environ`. On Linux the bytes are those that the process
 * was started with, even where they are not UTF-8, for every variable that has not been changed
 * since; elsewhere, and where one has been, `process.env` is encoded as UTF-8.
 *
 * DIFFERS(15): every variable is transcoded. Python leaves those alone that are not CGI's, so that
 * characters above U+00FF reach the application (PEP 3333, "A Note On String Types").
 *
 * @returns a new object
 */
export function readEnviron(): Record<string, string> {
  return transcode(process.env, () => readBlock('/proc/self/environ'), process.platform);
}

/** What Node has put in the place of bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * @param env the environment as Node decodes it
 * @param readInitial returns what the variables were at the start of the process, in bytes
 * @param platform the operating system, as in `process.platform`
 */
export function transcode(
  env: Readonly<Record<string, string | undefined>>,
  readInitial: () => ReadonlyMap<string, Buffer>,
  platform: string,
): Record<string, string> {
  // On Windows, where variables are text, Apache puts a byte into each character by itself.
  const isApache = /^apache\//i.test(env['SERVER_SOFTWARE'] ?? '');
  const environ: Record<string, string> = {};
  let initial: ReadonlyMap<string, Buffer> | null = null;
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (platform === 'win32' && isApache) {
      environ[name] = value;
      continue;
    }
    environ[name] = Buffer.from(value, 'utf8').toString('latin1');
    if (!value.includes(REPLACEMENT)) continue;
    initial ??= readInitial();
    const bytes = initial.get(name);
    if (bytes?.toString('utf8') === value) environ[name] = bytes.toString('latin1');
  }
  return environ;
}

/**
 * @param file the environment that a process was started with, as Linux shows it
 * @returns its variables byte for byte; none if there is no such file
 */
export function readBlock(file: string): Map<string, Buffer> {
  const block = new Map<string, Buffer>();
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return block;
  }
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    const entry = bytes.subarray(start, end < 0 ? bytes.length : end);
    start += entry.length + 1;
    const equals = entry.indexOf('=');
    if (equals > 0) block.set(entry.toString('utf8', 0, equals), entry.subarray(equals + 1));
  }
  return block;
}
