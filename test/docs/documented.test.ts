// Every example of the pages and the docstrings compiles, runs, and prints what it says.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import {
  documentedFiles,
  type Example,
  findExamples,
  read,
  ROOT,
  runAll,
  typeCheck,
} from './documented.ts';

/** How many examples may be tagged `no-check`. */
const MOST_UNCHECKED = 5;

/**
 * Pages that are made of records, and show fragments which mean nothing alone; and the tests of the
 * records, which give each its context.
 */
const FRAGMENTS: ReadonlyMap<string, string> = new Map([
  ['docs/from-python.md', 'test/conformance/names/idioms.test.ts'],
  ['docs/specification.md', 'test/validate/rules.test.ts'],
]);

jest.setTimeout(180_000);

mkdirSync(`${ROOT}.cache`, { recursive: true });
const folder = mkdtempSync(`${ROOT}.cache/documented-`);

const files = documentedFiles();
const found = files
  .filter((file) => !FRAGMENTS.has(file))
  .map((file) => findExamples(file, read(file)));
const examples = found.flatMap((one) => one.examples);
const unchecked = examples.filter(({ tag }) => tag === 'no-check');
const checked = examples.filter(({ tag }) => tag !== 'no-check');
const stop = new AbortController();
const outcomes = runAll(
  checked.filter(({ tag }) => tag !== 'no-run'),
  folder,
  stop,
);
afterAll(async () => {
  // Some may be running still, if not all of the tests were asked for.
  stop.abort();
  await Promise.allSettled(outcomes.values());
  rmSync(folder, { recursive: true });
});
const mistakes = typeCheck(checked, folder);

process.stderr.write(
  `${examples.length} documented examples: ${outcomes.size} run, ` +
    `${checked.length - outcomes.size} only compiled, ${unchecked.length} unchecked\n`,
);

const titled = (list: readonly Example[]): [string, Example][] =>
  list.map((example) => [`${example.file}:${example.line}`, example]);

describe('the documented examples', () => {
  test('are marked so that they are found', () => {
    expect(found.flatMap(({ problems }) => problems)).toEqual([]);
    expect(examples.length).toBeGreaterThan(0);
  });

  test('are checked, but for a few', () => {
    expect(unchecked.length).toBeLessThanOrEqual(MOST_UNCHECKED);
  });

  test('that are fragments are checked elsewhere', () => {
    const checkers = files.flatMap((file) => FRAGMENTS.get(file) ?? []);
    expect(checkers.length).toBeGreaterThan(0);
    expect(checkers.filter((checker) => !existsSync(`${ROOT}${checker}`))).toEqual([]);
  });

  test.each(titled(checked))('%s compiles', (_, example) => {
    expect(mistakes.get(example)).toEqual([]);
  });

  test.each(titled([...outcomes.keys()]))(
    '%s runs, and prints what it says',
    async (_, example) => {
      expect(await outcomes.get(example)).toEqual([]);
    },
  );
});
