// What Python is recorded to have said of the calls of util, the operations on headers and the faults
// that the validator finds is what CPython says in Pyodide, which is there on every machine.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadPyodide, runFile } from '../support/pyodide.ts';
import { type Answer, readRecord } from '../util/python.mjs';

// Pyodide takes its time.
jest.setTimeout(60_000);

let answerAll: (source: string, cases: string) => string;

beforeAll(async () => {
  const python = runFile(await loadPyodide(), new URL('../util/answer.py', import.meta.url));
  answerAll = python.get('answer_all') as typeof answerAll;
});

test.each([
  ['util', 300],
  ['headers', 300],
  ['validate', 50],
])('%s: CPython in Pyodide says what is recorded', (folder, least) => {
  const url = new URL(`../${folder}/`, import.meta.url);
  const { recorded } = readRecord(url.href);
  const source = readFileSync(new URL('against-python.py', url), 'utf8');
  const cases = recorded.map((one) => one.case);
  const { version, answers } = JSON.parse(answerAll(source, JSON.stringify(cases))) as {
    version: string;
    answers: Answer[];
  };
  const agreeing = recorded.filter(
    ({ answer }, i) => JSON.stringify(answers[i]) === JSON.stringify(answer),
  );
  process.stderr.write(
    `${folder}: ${agreeing.length} of ${recorded.length} recorded answers are those of CPython ${version}\n`,
  );
  expect(recorded.length).toBeGreaterThan(least);
  expect(recorded.map((one, i) => ({ case: one.case, answer: answers[i] }))).toEqual(recorded);
});
