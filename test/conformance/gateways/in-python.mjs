// Prints as JSON what the suite finds of `pythonGateway()`, in the runtime that runs this.

import { runConformance } from '@wsgiref/conformance';
import { loadPython } from '@wsgiref/python';
import { pythonGateway } from './python.mjs';

const { results } = await runConformance(pythonGateway(await loadPython()), { timeout: 60_000 });
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit());
