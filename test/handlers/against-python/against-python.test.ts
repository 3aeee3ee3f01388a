// The same applications and requests, given to our handlers and to CPython's own wsgiref.handlers,
// and what came of them compared to the byte: output, log, order of calls, errors, environ. Every
// mismatch is one that rows of docs/differences.md make, as claims.ts has them.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadPyodide, runFile } from '../../support/pyodide.ts';
import { type Answer, type Case, METHODS, REQUEST } from './case.ts';
import { cases } from './cases.ts';
import { claims as allClaims } from './claims.ts';
import { ourAnswer } from './ours.ts';

// Pyodide takes its time.
jest.setTimeout(60_000);

interface Compared {
  readonly one: Case;
  readonly theirs: Answer;
  readonly ours: Answer;
  /** The rows that make the difference, and what they leave unexplained; none if we agree. */
  readonly claims: readonly number[];
  readonly rest: unknown;
}

const compared: Compared[] = [];
/** Cases in which it matters whether the application is synchronous. */
const divided: unknown[] = [];

beforeAll(async () => {
  const theirs = await theirAnswers();
  for (const [i, one] of cases.entries()) {
    const ours = comparable(await ourAnswer(one, true));
    // What reads has to wait for the bytes.
    if (!one.application.steps.some(([name]) => name.startsWith('read'))) {
      const synchronous = comparable(await ourAnswer(one, false));
      if (!same(synchronous, ours)) divided.push({ one, synchronous, asynchronous: ours });
    }
    compared.push(compare(one, comparable(theirs[i]!), ours));
  }
});

async function theirAnswers(): Promise<Answer[]> {
  const python = runFile(await loadPyodide(), new URL('theirs.py', import.meta.url));
  const answers = python.get('answers') as (...args: string[]) => string;
  const args = [cases, REQUEST, METHODS].map((arg) => JSON.stringify(arg));
  return JSON.parse(answers(...args)) as Answer[];
}

/** An answer without dates and versions. */
function comparable(answer: Answer): Answer {
  const text = JSON.stringify(answer)
    .replaceAll(/Date: [A-Z][a-z]{2}, [\w :]* GMT/g, 'Date: -')
    .replaceAll(/WSGIServer\/0\.2 (?:CPython|Node\.js)\/[\d.]+/g, 'WSGIServer/0.2 -');
  const { environ, ...others } = JSON.parse(text) as Answer;
  const sorted = Object.entries(environ).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...others, environ: Object.fromEntries(sorted) };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Applies the rows that concern a case to Python's answer. */
function compare(one: Case, theirs: Answer, ours: Answer): Compared {
  if (same(theirs, ours)) return { one, theirs, ours, claims: [], rest: null };
  const differing = eventsThatDiffer(theirs.events, ours.events);
  const claims: number[] = [];
  let rewritten = theirs;
  let unclaimed = differing;
  for (const claim of allClaims) {
    if (same(withoutEvents(rewritten), withoutEvents(ours)) && unclaimed.length === 0) break;
    if (!claim.concerns(one, rewritten, ours)) continue;
    const next = { ...rewritten, ...claim.rewrite?.(rewritten, ours, one) };
    const left = unclaimed.filter((event) => !claim.events?.test(event));
    if (same(next, rewritten) && left.length === unclaimed.length) continue;
    claims.push(claim.row);
    rewritten = next;
    unclaimed = left;
  }
  const agrees = same(withoutEvents(rewritten), withoutEvents(ours)) && unclaimed.length === 0;
  return { one, theirs, ours, claims, rest: agrees ? null : { rewritten, unclaimed } };
}

function withoutEvents({ events: _, ...others }: Answer): unknown {
  return others;
}

/** The events that only one side has, as `- write` and `+ flush`, in the order of the longest match. */
function eventsThatDiffer(theirs: readonly string[], ours: readonly string[]): string[] {
  // What is sent stands in the output.
  const [a, b] = [theirs, ours].map((events) =>
    events.map((event) => (event.startsWith('out ') ? 'out' : event)),
  ) as [string[], string[]];
  const length = [...a, ''].map(() => [...b, ''].map(() => 0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i]![j] =
        a[i] === b[j]
          ? length[i + 1]![j + 1]! + 1
          : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const differing: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
    else if (j === b.length || (i < a.length && length[i + 1]![j]! >= length[i]![j + 1]!)) {
      differing.push(`- ${a[i++]}`);
    } else differing.push(`+ ${b[j++]}`);
  }
  return differing;
}

function claimedBy(row: number): Compared[] {
  return compared.filter(({ claims }) => claims.includes(row));
}

describe("against CPython's wsgiref.handlers", () => {
  test('every mismatch is one that a row of docs/differences.md makes', () => {
    const agreeing = compared.filter(({ theirs, ours }) => same(theirs, ours)).length;
    const counts = allClaims.map(({ row }) => `${row}: ${claimedBy(row).length}`);
    process.stderr.write(
      `${compared.length} cases for the handlers: ${agreeing} agree with CPython, the rest by row ` +
        `of docs/differences.md: ${counts.join(', ')}\n`,
    );
    expect(compared.filter(({ rest }) => rest !== null)).toEqual([]);
  });

  test('it does not matter whether an application is synchronous', () => {
    expect(divided).toEqual([]);
  });

  test('there are at least a hundred cases, no two of one name', () => {
    expect(compared.length).toBeGreaterThan(1000);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  test('no row claims what is not there', () => {
    const page = readFileSync(new URL('../../../docs/differences.md', import.meta.url), 'utf8');
    const missing = allClaims.filter(({ row }) => !page.includes(`\n| ${row} | `));
    expect(missing).toEqual([]);
  });

  test.each(allClaims)('row $row still makes a difference', ({ row }) => {
    expect(claimedBy(row).length).toBeGreaterThan(0);
  });
});
