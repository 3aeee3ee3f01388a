// Inside an example that is run: compares what its console.log() calls print with what it says.

import { writeSync } from 'node:fs';
import { format } from 'node:util';

/**
 * @param where the file that the example stands in
 * @param expected what is printed, by line
 * @returns what is called, with the line, instead of console.log()
 */
export function expecting(where, expected) {
  const missing = new Set(Object.keys(expected).map(Number));
  const complain = (line, problem) => {
    writeSync(2, `${where}:${line}: ${problem}\n`);
    process.exitCode = 1;
  };
  process.once('exit', () => {
    for (const line of missing) complain(line, `never printed ${expected[line]}`);
  });
  return (line, ...values) => {
    missing.delete(line);
    const printed = format(...values).trim();
    if (printed !== expected[line]) complain(line, `printed ${printed}, not ${expected[line]}`);
  };
}
