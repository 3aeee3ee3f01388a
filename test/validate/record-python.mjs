// Refreshes against-python.jsonl: `node test/validate/record-python.mjs`, with PYTHON=… for another
// Python than `python3`. The faults are those of against-python.py.

import { readFileSync } from 'node:fs';
import { writeRecord } from '../util/python.mjs';

const script = readFileSync(new URL('against-python.py', import.meta.url), 'utf8');
const faults = script.slice(script.indexOf('FAULTS = {')).matchAll(/^ {4}"([^"]+)":/gm);

writeRecord(
  import.meta.url,
  Array.from(faults, ([, name]) => ['fault', name]),
);
