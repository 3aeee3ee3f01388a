import { cases } from './cases.ts';
import type { Gateway } from './gateway.ts';
import { checkExceptions, runCase } from './run.ts';

/** What is needed of a test framework: Jest's, Vitest's and `node:test`'s functions will do. */
export interface TestFramework {
  describe(name: string, define: () => void): unknown;
  test(name: string, run: () => Promise<void>): unknown;
  /** Runs after the last test; `node:test` calls it `after`. */
  afterAll(run: () => Promise<void>): unknown;
}

/**
 * Makes a test of every case, in a group of their own.
 *
 * @param name the name of the gateway, for the group
 * @param gateway the gateway; it is closed after the last test
 * @param framework where to define the tests; by default the global functions of that name
 * @throws {RangeError} if the gateway has an exception for a case that does not exist
 *
 * @example
 * ```ts no-run
 * import { after, describe, test } from 'node:test';
 * import { describeConformance, memoryGateway } from '@wsgiref/conformance';
 * import { SimpleHandler } from '@wsgiref/handlers/base';
 *
 * const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
 * describeConformance('SimpleHandler', gateway, { describe, test, afterAll: after });
 * ```
 */
export function describeConformance(
  name: string,
  gateway: Gateway,
  framework: TestFramework = globalThis as unknown as TestFramework,
): void {
  checkExceptions(gateway);
  framework.describe(name, () => {
    for (const one of cases) {
      const reason = gateway.exceptions?.[one.name];
      framework.test(reason === undefined ? one.name : `not: ${one.name} (${reason})`, async () => {
        const { outcome, message } = await runCase(gateway, one);
        if (outcome === 'fail') throw new Error(message);
      });
    }
    framework.afterAll(async () => {
      await gateway.close?.();
    });
  });
}
