// The whole suite there and back. Many of its applications are asynchronous: only where WebAssembly
// can be suspended.

import { cases, runConformance } from '@wsgiref/conformance';
import { pythonGateway } from '../conformance/gateways/python.mjs';
import { load, type TestRunner } from './support.ts';

/**
 * Declares the tests.
 *
 * @param runner what runs them
 */
export function describeConformance({ expect, test }: TestRunner): void {
  test('an application that has been in Python and back does what all the cases say', async () => {
    const { results } = await runConformance(pythonGateway(await load()));
    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(results.length).toBe(cases.length);
  });
}
