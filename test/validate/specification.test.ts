// docs/specification.md is made of the rules.

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rules, whereToRead } from '@wsgiref/validate';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = 'scripts/specification.mjs';
const PAGE = 'docs/specification.md';

// The sources are compiled before the script runs.
jest.setTimeout(60_000);

let copy: string;

beforeAll(() => {
  // Within the repository, so that the packages are found.
  mkdirSync(`${ROOT}.cache`, { recursive: true });
  copy = `${mkdtempSync(`${ROOT}.cache/specification-`)}/`;
  for (const file of [SCRIPT, PAGE, '.prettierrc.json']) {
    mkdirSync(dirname(`${copy}${file}`), { recursive: true });
    copyFileSync(`${ROOT}${file}`, `${copy}${file}`);
  }
});

afterAll(() => rmSync(copy, { recursive: true }));

/** Runs the script of a repository against the sources. */
function run(root: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=@wsgiref/source',
      `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
      `${root}${SCRIPT}`,
      ...args,
    ],
    { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' },
  );
  return { status, output: stdout + stderr };
}

describe('scripts/specification.mjs', () => {
  const STALE = {
    status: 1,
    output:
      'docs/specification.md is not what the rules say: run `node scripts/specification.mjs`\n',
  };
  const FRESH = { status: 0, output: '' };

  test('finds the page to be what the rules say', () => {
    expect(run(ROOT, '--check')).toEqual(FRESH);
  });

  test('finds a page that has been changed by hand to be stale, and leaves it alone', () => {
    appendFileSync(`${copy}${PAGE}`, 'And more.\n');
    const changed = readFileSync(`${copy}${PAGE}`, 'utf8');
    expect(run(copy, '--check')).toEqual(STALE);
    expect(readFileSync(`${copy}${PAGE}`, 'utf8')).toBe(changed);
  });

  test('finds a page to be stale that lacks a rule, or is not there', () => {
    const page = readFileSync(`${ROOT}${PAGE}`, 'utf8');
    writeFileSync(`${copy}${PAGE}`, page.replace(/### env-dict\n.*?(?=### )/s, ''));
    expect(run(copy, '--check')).toEqual(STALE);
    rmSync(`${copy}${PAGE}`);
    expect(run(copy, '--check')).toEqual(STALE);
  });

  test('writes the page', () => {
    writeFileSync(`${copy}${PAGE}`, 'nothing\n');
    expect(run(copy)).toEqual(FRESH);
    expect(readFileSync(`${copy}${PAGE}`, 'utf8')).toBe(readFileSync(`${ROOT}${PAGE}`, 'utf8'));
    expect(run(copy, '--check')).toEqual(FRESH);
  });
});

describe('docs/specification.md', () => {
  const page = readFileSync(`${ROOT}${PAGE}`, 'utf8');

  test('has each rule once, in order, with where to read on', () => {
    const titles = Array.from(page.matchAll(/^### (.*)$/gm), ([, id]) => id);
    expect(titles).toEqual(rules.map(({ id }) => id));
    for (const rule of rules) expect(page).toContain(whereToRead(rule));
  });
});
