// The whole suite there and back: applications of ours as applications of Python's, and those as
// applications of ours. Many are asynchronous: only where WebAssembly can be suspended.

import { cases, memoryGateway, runConformance } from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';
import { load, type TestRunner } from './support.ts';

/**
 * Declares the tests.
 *
 * @param runner what runs them
 */
export function describeConformance({ expect, test }: TestRunner): void {
  test('an application that has been in Python and back does what all the cases say', async () => {
    const python = await load();
    const gateway = memoryGateway((stdin, stdout, stderr, environ) => ({
      async run(application) {
        const callable = python.toPython(application);
        const handler = new SimpleHandler(stdin, stdout, stderr, environ);
        await handler.run(python.application(callable));
        callable.destroy();
      },
    }));
    const { results } = await runConformance(gateway);
    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(results.length).toBe(cases.length);
  });
}
