// Asks Python itself, and keeps what it said. A folder that compares with Python has
// `against-python.py`, Python's side of it, and `against-python.jsonl`, the record: a JSON line a
// case, the version of Python in the first. Both are found from the folder's URL.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The command to run; set PYTHON to ask another one than `python3`. */
export const PYTHON = process.env.PYTHON ?? 'python3';

/**
 * Runs one process for all cases.
 *
 * @returns the version and the answers, in order, or null if there is no Python
 */
export function askPython(folder, cases) {
  const scripts = [new URL('answer.py', import.meta.url), new URL('against-python.py', folder)];
  const { error, status, stdout, stderr } = spawnSync(PYTHON, scripts.map(fileURLToPath), {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (error?.code === 'ENOENT') return null;
  if (error) throw error;
  if (status !== 0) throw new Error(`${PYTHON} failed with status ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}

export function readRecord(folder) {
  const lines = readFileSync(new URL('against-python.jsonl', folder), 'utf8').trim().split('\n');
  const [{ version }, ...recorded] = lines.map((line) => JSON.parse(line));
  return { version, recorded };
}

export function writeRecord(folder, cases) {
  const asked = askPython(folder, cases);
  if (!asked) throw new Error(`cannot record: there is no ${PYTHON}`);
  const { version, answers } = asked;
  const lines = cases.map((one, i) => ({ case: one, answer: answers[i] }));
  const record = [{ version }, ...lines].map(asciiLine).join('');
  writeFileSync(new URL('against-python.jsonl', folder), record);
  console.log(`recorded ${cases.length} answers of Python ${version}`);
}

/** JSON in which no character is invisible, or taken for a line end. */
function asciiLine(value) {
  const json = JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${json}\n`;
}
