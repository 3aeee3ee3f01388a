// What the server process must not have seen.

import type { Ledger } from './ledger.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { Facts, Kept } from './messages.ts';
import type { Exit } from './server-process.ts';

/** Objects that may be left: what the engine has at hand of the last requests. */
const MOST_KEPT = 10;

/** Bytes by which the heap may have grown: compiled code, and what Node keeps for later. */
const MOST_GROWTH = 4 * 1024 * 1024;

/** Bytes of a response that may wait in the server: one block of the application, with its frame. */
const MOST_WAITING = 65_536;

/** Looks for what is wrong with what the server process has seen; returns it in words. */
export function judge(facts: Facts, ledger: Ledger): string[] {
  const problems = ledger.problems(Buffer.from(facts.calls, 'base64'));
  const expect = (isRight: boolean, problem: string): void => {
    if (!isRight) problems.push(problem);
  };
  const { shutdownSeconds, openConnections, begun, closed, closedAgain, mostWaiting } = facts;
  expect(
    shutdownSeconds < SERVER_LIMITS.shutdownTimeout,
    `shutdown() gave up requests after ${shutdownSeconds.toFixed(1)} s`,
  );
  expect(openConnections === 0, `${openConnections} connections were open after shutdown()`);
  const [before, after] = [facts.resourcesBefore, facts.resourcesAfter].map(String);
  expect(before === after, `the process is kept going by ${after}; before, by ${before}`);
  expect(closed === begun, `${begun - closed} of ${begun} results were not closed`);
  expect(closedAgain === 0, `${closedAgain} results were closed more than once`);
  expect(mostWaiting <= MOST_WAITING, `${mostWaiting} bytes of a response waited in the server`);
  const growth = facts.heapAfter - facts.heapBefore;
  expect(growth <= MOST_GROWTH, `the heap grew by ${growth} bytes`);
  for (const kind of ['environs', 'signals', 'connections'] as const) {
    const { made, kept }: Kept = facts[kind];
    expect(kept <= MOST_KEPT, `${kept} of ${made} ${kind} were kept`);
  }
  for (const warning of facts.warnings) problems.push(`the process warned: ${warning}`);
  for (const error of facts.uncaught) problems.push(`nobody caught ${error}`);
  for (const error of facts.serverErrors) problems.push(`the server failed: ${error}`);
  for (const text of facts.logged) problems.push(`an application failed: ${text}`);
  return problems;
}

/** Looks at how the process has ended. */
export function judgeExit({ status, stderr }: Exit): string[] {
  const problems: string[] = [];
  if (status === null) problems.push('the process did not end by itself');
  else if (status !== 0) problems.push(`the process ended with status ${status}`);
  if (stderr !== '') problems.push(`the process wrote to standard error: ${stderr}`);
  return problems;
}
