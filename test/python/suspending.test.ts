// The same tests where WebAssembly can be suspended: in Deno, which can in any Node that this is.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { inDeno } from '../support/runtimes.mjs';

// Python takes its time.
jest.setTimeout(300_000);

test('everything is the same where WebAssembly can be suspended', async () => {
  const script = fileURLToPath(new URL('outside-jest.ts', import.meta.url));
  const [deno, ...args] = inDeno(script);
  const { stdout } = await promisify(execFile)(deno!, args, { maxBuffer: 2 ** 26 });
  const { count, failures } = JSON.parse(stdout) as { count: number; failures: unknown[] };
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThan(85);
});
