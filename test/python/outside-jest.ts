// Runs the tests in a runtime that can suspend WebAssembly, where jest is not: Deno, or Node from 26 on.
// Prints what has become of each, as JSON.

import { expect } from 'expect';
import { describeApplications } from './application-cases.ts';
import { describeConformance } from './conformance-cases.ts';
import { describeToPython } from './to-python-cases.ts';
import { describeTurns } from './turns-cases.ts';
import type { TestRunner } from './support.ts';

type Step = () => unknown;

const tests: { name: string; body: Step }[] = [];
const steps = { beforeAll: [] as Step[], beforeEach: [] as Step[], afterAll: [] as Step[] };
const names: string[] = [];

const describe = (name: string, declare: Step): void => {
  names.push(name);
  declare();
  names.pop();
};
const test = (name: string, body: Step): void => {
  tests.push({ name: [...names, name].join(' '), body });
};
const each =
  (table: readonly unknown[]) =>
  (name: string, body: (...row: unknown[]) => unknown): void => {
    for (const [i, row] of table.entries()) test(`${name} ${i}`, () => body(...[row].flat()));
  };
const runner = {
  describe,
  test: Object.assign(test, { each }),
  expect,
  beforeAll: (step: Step) => steps.beforeAll.push(step),
  beforeEach: (step: Step) => steps.beforeEach.push(step),
  afterAll: (step: Step) => steps.afterAll.push(step),
} as unknown as TestRunner;

describeApplications(runner, true);
describeToPython(runner, true);
describeTurns(runner);
describeConformance(runner);

const failures: { name: string; error: string }[] = [];
for (const step of steps.beforeAll) await step();
for (const { name, body } of tests) {
  try {
    for (const step of steps.beforeEach) await step();
    await body();
  } catch (error) {
    failures.push({ name, error: String((error as Error).stack ?? error) });
  }
}
for (const step of steps.afterAll) await step();
process.stdout.write(`${JSON.stringify({ count: tests.length, failures })}\n`);
process.exit();
