/** The two ways a host lets a library warn; declared here because neither is ECMAScript's. */
interface Host {
  process?: { emitWarning?(message: string, category: string): void };
  console?: { warn(message: string): void };
}

/**
 * Reports something that is wrong but not fatal.
 *
 * Python counterpart: `warnings.warn()`. It goes to `process.emitWarning` where there is one, so
 * that `node --trace-warnings` shows its origin, and to `console.warn` elsewhere.
 *
 * @param message what is wrong
 * @param category the kind of warning, such as `'DeprecationWarning'`
 */
export function warn(message: string, category: string): void {
  const host = globalThis as Host;
  if (host.process?.emitWarning) host.process.emitWarning(message, category);
  else host.console?.warn(`${category}: ${message}`);
}
