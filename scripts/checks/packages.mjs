// Packs every package as it would be published and has publint and attw look at it. What passed
// is remembered by its digest and not looked at again. The packages must be built.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, root } from '../workspace.mjs';

const bin = `${root}node_modules/.bin`;
const passedPath = `${root}.cache/packages.json`;
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'wsgiref-'));
try {
  const passedBefore = readPassed();
  const passed = [];
  const complaints = [];
  for (const { filename, integrity } of await pack()) {
    const found = passedBefore.includes(integrity) ? [] : await check(join(folder, filename));
    if (found.length === 0) passed.push(integrity);
    complaints.push(...found);
  }
  writePassed(passed);
  report(complaints);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function pack() {
  const { output, failed } = await run('npm', [
    ...['pack', '--workspaces', '--json', '--loglevel=error', '--pack-destination', folder],
  ]);
  if (failed) throw new Error(`npm pack failed: ${output}`);
  return Object.values(JSON.parse(output));
}

/** The complaints of both tools about a tarball. */
async function check(tarball) {
  const results = await Promise.all([
    run(`${bin}/publint`, ['run', '--strict', tarball]),
    // The types of the dependencies are not asked for: there are none outside the family.
    run(`${bin}/attw`, ['--profile', 'esm-only', '--no-definitely-typed', '--no-color', tarball]),
  ]);
  return results.filter(({ failed }) => failed).map(({ output }) => output);
}

/** Runs a command: whether it failed, and its output. */
function run(command, args) {
  return new Promise((resolve) => {
    const options = { cwd: root, shell: process.platform === 'win32', maxBuffer: 2 ** 26 };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({
        failed: error !== null,
        output: error ? `${stdout}${stderr}${error.message}` : stdout,
      });
    });
  });
}

/** The digests of what passed, with the tools that are installed now. */
function readPassed() {
  try {
    const passed = JSON.parse(readFileSync(passedPath, 'utf8'));
    return passed.lock === lock ? passed.digests : [];
  } catch {
    return []; // There is none yet, or it was cut short.
  }
}

function writePassed(digests) {
  mkdirSync(`${root}.cache`, { recursive: true });
  writeFileSync(passedPath, JSON.stringify({ lock, digests }));
}
