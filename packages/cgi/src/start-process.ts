import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isUtf8 } from 'node:buffer';
import { ScriptError } from './script-error.ts';

/**
 * Starts a program.
 *
 * @param command the program and its arguments
 * @param cwd the folder that it runs in
 * @param env its environment: text
 * @param variables the rest of its environment, which wins: native strings, without U+0000
 * @returns the process, the first of a group of its own, so that what it starts ends with it
 * @throws {ScriptError} if it cannot be started
 */
export async function startProcess(
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<ChildProcessWithoutNullStreams> {
  const texts: Record<string, string> = { ...env };
  const exports: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    const bytes = Buffer.from(value, 'latin1');
    if (isUtf8(bytes)) texts[name] = bytes.toString('utf8');
    else exports.push(exportOf(name, bytes));
  }
  const [file, ...args] =
    exports.length === 0
      ? command
      : (['/bin/sh', '-c', `${exports.join('\n')}\nexec "$@"`, 'sh', ...command] as const);
  try {
    const child = spawn(file, args, { cwd, env: texts, detached: true });
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child;
  } catch (error) {
    throw new ScriptError(`cannot be run: ${String(error)}`);
  }
}

/** Node encodes variables in UTF-8, whatever bytes they should hold; a shell does not. */
function exportOf(name: string, bytes: Buffer): string {
  const octal = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  // The shell drops line feeds at the end: there is an x after them.
  return `${name}="$(printf '${octal}x')"; export ${name}="\${${name}%x}"`;
}
