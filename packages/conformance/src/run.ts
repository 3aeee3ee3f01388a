import type { Awaitable } from '@wsgiref/types';
import { completeRequest, type ConformanceCase } from './case.ts';
import { cases as allCases } from './cases.ts';
import { checkResponse } from './check-response.ts';
import type { Gateway } from './gateway.ts';

/** What has become of a case. */
export interface Result {
  /** The name of the case. */
  readonly name: string;
  /** The clauses that it shows. */
  readonly clauses: readonly string[];
  /** Whether the gateway does it; an exception is one that it gives a reason for. */
  readonly outcome: 'pass' | 'fail' | 'exception';
  /** What came back, and what should have; of an exception, the reason. */
  readonly message: string;
}

/** What has become of all cases. */
export interface Report {
  /** The results, in the order of the cases. */
  readonly results: readonly Result[];
}

/** How to run the suite. */
export interface RunOptions {
  /** Which cases; by default all. */
  readonly cases?: readonly ConformanceCase[];
  /** Milliseconds after which a gateway that has not answered has failed; by default 4000. */
  readonly timeout?: number;
}

/** Less than what test frameworks wait for a test, so that the message is this suite's. */
const DEFAULT_TIMEOUT = 4000;

/** The timers that every host has, declared here because they are not ECMAScript's. */
interface Host {
  setTimeout: (callback: () => void, milliseconds: number) => unknown;
  clearTimeout: (timer: unknown) => void;
}

/**
 * Runs the suite over a gateway, case after case, and closes the gateway.
 *
 * @param gateway the gateway
 * @param options which cases, and how long to wait
 * @returns what has become of each case
 * @throws {RangeError} if the gateway has an exception for a case that does not exist
 *
 * @example
 * ```ts
 * import { memoryGateway, runConformance } from '@wsgiref/conformance';
 * import { BaseCGIHandler } from '@wsgiref/handlers/base';
 *
 * const gateway = memoryGateway((...streams) => new BaseCGIHandler(...streams));
 * const { results } = await runConformance(gateway);
 * const failed = results.filter(({ outcome }) => outcome === 'fail');
 * console.log(failed[0]?.name); // a Date is added where the application gives none
 * ```
 */
export async function runConformance(
  gateway: Gateway,
  { cases = allCases, timeout = DEFAULT_TIMEOUT }: RunOptions = {},
): Promise<Report> {
  checkExceptions(gateway);
  const results: Result[] = [];
  try {
    for (const one of cases) results.push(await runCase(gateway, one, timeout));
  } finally {
    await gateway.close?.();
  }
  return { results };
}

/**
 * Checks that every exception of a gateway is one for a case that exists.
 *
 * @param gateway the gateway
 * @throws {RangeError} if one is not
 */
export function checkExceptions({ exceptions = {} }: Gateway): void {
  for (const name of Object.keys(exceptions)) {
    if (!allCases.some((one) => one.name === name)) {
      throw new RangeError(`there is an exception for '${name}', but no case is called so`);
    }
  }
}

/**
 * Runs one case over a gateway.
 *
 * @param gateway the gateway
 * @param one the case
 * @param timeout milliseconds after which a gateway that has not answered has failed
 * @returns what has become of it
 */
export async function runCase(
  gateway: Gateway,
  one: ConformanceCase,
  timeout: number = DEFAULT_TIMEOUT,
): Promise<Result> {
  const { name, clauses } = one;
  const message = (await tryCase(gateway, one, timeout)).join('\n');
  const reason = gateway.exceptions?.[name];
  if (reason === undefined) {
    return { name, clauses, outcome: message === '' ? 'pass' : 'fail', message };
  }
  if (message !== '') return { name, clauses, outcome: 'exception', message: reason };
  return {
    name,
    clauses,
    outcome: 'fail',
    message: `the gateway does it, and needs no exception any more (${reason})`,
  };
}

async function tryCase(gateway: Gateway, one: ConformanceCase, timeout: number): Promise<string[]> {
  const request = completeRequest(one.request);
  for (let times = one.times ?? 1; times > 0; times--) {
    try {
      const sent = gateway.send(request, one.application, one.name);
      const complaints = checkResponse(await withTimeout(sent, timeout), one.expected);
      if (complaints.length > 0) return complaints;
    } catch (error) {
      return [`no response came: ${String(error)}`];
    }
  }
  return [];
}

async function withTimeout<T>(value: Awaitable<T>, milliseconds: number): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis as unknown as Host;
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
