// Applications that have been in Python and back: as applications of Python's, by `toPython()`, and
// those as applications of ours again. Many of the suite are asynchronous, and Python can wait for them
// only where WebAssembly can be suspended: in Deno, for one.

import { memoryGateway } from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers/base';

/** `python.application(python.toPython(application))`, in `SimpleHandler`. */
export function pythonGateway(python) {
  return memoryGateway((stdin, stdout, stderr, environ) => ({
    async run(application) {
      const callable = python.toPython(application);
      const handler = new SimpleHandler(stdin, stdout, stderr, environ);
      await handler.run(python.application(callable));
      callable.destroy();
    },
  }));
}
