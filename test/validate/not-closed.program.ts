// Runs an example until what it leaves behind has been collected, and prints the warnings that came:
//
//   node --expose-gc not-closed.program.ts broken|corrected

import { setImmediate } from 'node:timers/promises';
import { rules } from '@wsgiref/validate';
import { runExample } from './run-example.ts';

const rule = rules.find(({ id }) => id === 'not-closed')!;
const which = process.argv[2] as 'broken' | 'corrected';

const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

const outcome = await runExample(rule, rule.example[which], {});

// Once this has been collected, so has everything that was left behind before it.
let collected = false;
const registry = new FinalizationRegistry(() => {
  collected = true;
});
registry.register({}, null);
while (!collected || (which === 'broken' && warnings.length === 0)) {
  globalThis.gc!();
  await setImmediate();
}
await setImmediate();
console.log(JSON.stringify({ outcome, warnings }));
