// What only the garbage collector sees.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, jest, test } from '@jest/globals';
import type { WSGIResult } from '@wsgiref/types';
import { type Level, validator, type ValidatorOptions } from '@wsgiref/validate';
import { environ, helloApp, startResponse } from './support.ts';

const MESSAGE =
  'Iterator garbage collected without being closed. Call close() if there is one: closeResult() ' +
  'in a finally block (not-closed: https://peps.python.org/pep-3333/#specification-details)';

// Programs are compiled before they run.
jest.setTimeout(60_000);

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe('DIFFERS(42): a result that is collected without having been closed', () => {
  test.each([
    ['broken', [`WSGIWarning: ${MESSAGE}`]],
    ['corrected', []],
  ])('the %s example of the rule', (which, warnings) => {
    const { stdout, stderr, signal } = spawnSync(
      process.execPath,
      [
        '--expose-gc',
        '--no-warnings',
        '--conditions=@wsgiref/source',
        `--import=${new URL('../docs/typescript.mjs', import.meta.url).href}`,
        path('not-closed.program.ts'),
        which,
      ],
      { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' },
    );
    expect([stderr, signal]).toEqual(['', null]);
    expect(JSON.parse(stdout)).toEqual({ outcome: { broken: [], error: null }, warnings });
  });

  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /**
   * Has a result be collected, after something has been done with it.
   *
   * @returns when it has been, and something has come of it
   */
  async function abandon(
    options: ValidatorOptions,
    use: (result: WSGIResult) => unknown,
    seen: () => boolean = () => true,
  ): Promise<void> {
    let collected = false;
    const registry = new FinalizationRegistry(() => {
      collected = true;
    });
    await (async () => {
      const result = await validator(helloApp, options)(environ(), startResponse);
      await use(result);
      registry.register(result, null);
    })();
    while (!collected || !seen()) {
      collectGarbage();
      await nextTurn();
    }
    await nextTurn();
  }

  test.each<[string, (result: WSGIResult) => unknown]>([
    ['has not been read', () => {}],
    ['has been read', (result) => [...(result as Iterable<Uint8Array>)]],
  ])('is a warning if it %s', async (_, use) => {
    const said: string[] = [];
    const onWarning = ({ message }: Error): unknown => said.push(message);
    await abandon({ onWarning }, use, () => said.length > 0);
    expect(said).toEqual([MESSAGE]);
  });

  test.each<[string, Level, (result: WSGIResult) => unknown]>([
    ['it has been closed', 'warning', (result) => result.close!()],
    ['the rule is off', 'off', () => {}],
    ['the rule is an error, which nobody could catch', 'error', () => {}],
  ])('is none if %s', async (_, level, use) => {
    const said: string[] = [];
    const onWarning = ({ message }: Error): unknown => said.push(message);
    await abandon({ rules: { 'not-closed': level }, onWarning }, use);
    expect(said).toEqual([]);
  });

  test('what onWarning throws goes nowhere', async () => {
    let called = 0;
    const onWarning = (): never => {
      called++;
      throw new Error('nobody could catch this');
    };
    await abandon(
      { onWarning },
      () => {},
      () => called > 0,
    );
    expect(called).toBe(1);
  });
});
