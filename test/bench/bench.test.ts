import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const SCRIPT = 'test/bench/run.mjs';
const PAGE = 'docs/benchmarks.md';

/** Runs the benchmark, with a time limit in milliseconds. */
function bench(...options: string[]) {
  return spawnSync(process.execPath, [SCRIPT, ...options], { encoding: 'utf8', timeout: 90_000 });
}

test('a quick run of a scenario gives the ratio, and leaves the page as it is', () => {
  const page = readFileSync(PAGE, 'utf8');
  const { status, stdout, stderr } = bench('--quick', 'pipelined');

  expect({ status, stderr }).toMatchObject({ status: 0 });
  const row = /^\| node:http +\|(?<cells>.*)\|$/m.exec(stdout);
  const [rate, , ratio, , aim] = (row?.groups?.['cells'] ?? '').split('|').map((s) => s.trim());
  expect(Number(rate)).toBeGreaterThan(0);
  expect(ratio).toMatch(/^[0-9]+\.[0-9]{2} ×$/);
  expect(Number.parseFloat(ratio ?? '')).toBeGreaterThan(0);
  expect(aim).toMatch(/^3 ×: (reached|\*\*missed\*\*)$/);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
}, 100_000);

test('every scenario has its place in the page', () => {
  const { status, stdout } = bench('--list');

  expect(status).toBe(0);
  const names = stdout.split('\n').flatMap((line) => /^\S+/.exec(line) ?? []);
  const places = [...readFileSync(PAGE, 'utf8').matchAll(/^<!-- bench:(\S+) -->$/gm)];
  expect(places.map(([, name]) => name).sort()).toEqual(names.sort());
});

test('a scenario that is not there is refused, with those that are', () => {
  const { status, stderr } = bench('--quick', 'http3');

  expect(status).toBe(1);
  expect(stderr).toMatch(/^no scenario http3: there are http10, keep-alive, /);
});
