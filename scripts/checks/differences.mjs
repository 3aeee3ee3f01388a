// Holds together the rows of docs/differences.md, the DIFFERS(n) in the packages' sources and the
// DIFFERS(n) in the tests that the rows name.

import { existsSync, readFileSync } from 'node:fs';
import { listFiles, report, root } from '../workspace.mjs';

const PAGE = 'docs/differences.md';

const complaints = [];
const rows = readRows();
const marks = readMarks();

for (const [n, place] of marks) {
  if (!rows.has(n)) complaints.push(`${place}: DIFFERS(${n}) has no row in ${PAGE}`);
}
for (const [n, row] of rows) {
  if (!marks.has(n) && !row.includes('(no code)')) {
    complaints.push(`${PAGE}: row ${n} has no DIFFERS(${n}) in packages/*/src, nor says (no code)`);
  }
  const tests = new Set(row.match(/\btest\/[\w./-]+\.test\.ts\b/g));
  if (tests.size === 0) complaints.push(`${PAGE}: row ${n} names no test/….test.ts`);
  for (const test of tests) complaints.push(...checkTest(n, test));
}
report(complaints);

/** Number to row; a row starts `| 12 |`. */
function readRows() {
  const found = new Map();
  for (const line of readFileSync(root + PAGE, 'utf8').split('\n')) {
    const n = /^\| *(\d+) *\|/.exec(line)?.[1];
    if (n === undefined) continue;
    if (found.has(n)) complaints.push(`${PAGE}: there are two rows ${n}`);
    found.set(n, line);
  }
  return found;
}

/** Number to the first file that has it. */
function readMarks() {
  const found = new Map();
  for (const path of listFiles('packages/*/src/*.ts')) {
    for (const [, n] of readFileSync(root + path, 'utf8').matchAll(/\bDIFFERS\((\d+)\)/g)) {
      if (!found.has(n)) found.set(n, path);
    }
  }
  return found;
}

function checkTest(n, path) {
  if (!existsSync(root + path)) return [`${PAGE}: row ${n} names ${path}, which is not there`];
  if (readFileSync(root + path, 'utf8').includes(`DIFFERS(${n})`)) return [];
  return [`${path}: has no DIFFERS(${n}), though row ${n} of ${PAGE} names it`];
}
