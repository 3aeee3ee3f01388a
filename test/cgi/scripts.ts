// Scripts of a few lines, each in a file of its own.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** The folder of the scripts. */
export const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wsgiref cgi-'));

let count = 0;

afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Writes a script that can be executed.
 *
 * @param text the script, without its first line
 * @param program what executes it
 * @returns its path
 */
export function script(text: string, program = '/bin/sh'): string {
  const directory = join(folder, String(++count));
  mkdirSync(directory);
  const path = join(directory, 'script');
  writeFileSync(path, `#!${program}\n${text}\n`, { mode: 0o755 });
  return path;
}

/** The head of a text, as shell scripts print it. */
export const TEXT = "printf 'Content-Type: text/plain\\n\\n'";

/** What tells whether a script and all that it has started are gone. */
export interface Lifeline {
  /** The command by which the script takes it up. */
  readonly take: string;
  /** Resolves when none of them is left. */
  readonly cut: Promise<unknown>;
}

/** Makes a pipe with a name, which ends when the last process that has it open does. */
export function lifeline(): Lifeline {
  const path = join(folder, `lifeline ${++count}`);
  execFileSync('mkfifo', [path]);
  return { take: `exec 9>'${path}'`, cut: once(createReadStream(path).resume(), 'end') };
}
