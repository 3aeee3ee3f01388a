// `npm run ok`: everything that has to hold before a change is handed in, a line for each step,
// and all that a step said if it failed.

import './prepare.mjs';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { root } from './workspace.mjs';

const started = Date.now();
const failures = [];

// What follows needs the build; then the tests, which take longest, run beside the rest.
await step('build', 'npm', 'run', '--silent', 'build');
if (failures.length === 0) {
  const tests = step('tests', 'npm', 'run', '--silent', 'jest', '--', '--coverage');
  await step('types', 'npm', 'run', '--silent', 'typecheck');
  await step('lint', 'npm', 'run', '--silent', 'lint');
  for (const name of readdirSync(`${root}scripts/checks`)) {
    await step(name.replace('.mjs', ''), process.execPath, `scripts/checks/${name}`);
  }
  for (const page of ['from-python', 'specification', 'conformance']) {
    await step(page, process.execPath, `scripts/${page}.mjs`, '--check');
  }
  await tests;
}

for (const { name, output } of failures) console.log(`\n--- ${name}\n${output.trimEnd()}`);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
const names = failures.map(({ name }) => name).join(', ');
console.log(failures.length === 0 ? `\nok in ${seconds} s` : `\nnot ok: ${names} (${seconds} s)`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Runs a command and says how it went; what it printed is kept only if it failed. */
function step(name, command, ...args) {
  const begun = Date.now();
  return new Promise((resolve) => {
    const shell = process.platform === 'win32';
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      const time = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(14)}${time.padStart(8)}`);
      if (code !== 0) failures.push({ name, output });
      resolve();
    });
  });
}
