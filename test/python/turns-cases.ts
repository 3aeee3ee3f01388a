// Requests that wait within Python, and others meanwhile: only where WebAssembly can be suspended.

import type { Python } from '@wsgiref/python';
import type { WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1, setupTestingDefaults } from '@wsgiref/util';
import { load, takeEvents, type TestRunner } from './support.ts';

/**
 * Declares the tests.
 *
 * @param runner what runs them
 */
export function describeTurns({ describe, expect, test }: TestRunner): void {
  /** Has two requests wait for their input; if both can, the second goes on first. */
  async function interleave(python: Python, concurrent: boolean): Promise<string[]> {
    python.pyodide.runPython('import plain');
    takeEvents(python);
    const application = python.application('plain:interleaved');
    const begun: (() => void)[] = [];
    const finish: (() => void)[] = [];
    const called = ['/a', '/b'].map(async (path, i) => {
      const input = {
        read: () => {
          begun[i]!();
          return new Promise<Uint8Array>((resolve) => {
            finish[i] = () => resolve(encodeLatin1('body'));
          });
        },
      };
      const environ: Partial<WSGIEnvironment> = {
        PATH_INFO: path,
        CONTENT_LENGTH: '4',
        'wsgi.input': input as never,
      };
      setupTestingDefaults(environ);
      const result = await application(environ, () => () => {});
      const blocks: string[] = [];
      for await (const block of result) blocks.push(decodeLatin1(block));
      await result.close!();
      return blocks.join(' ');
    });
    const reading = [0, 1].map((i) => new Promise<void>((resolve) => (begun[i] = resolve)));
    await reading[0];
    if (concurrent) {
      await reading[1];
      finish[1]!();
      await called[1];
      finish[0]!();
    } else {
      finish[0]!();
      await reading[1];
      finish[1]!();
    }
    return Promise.all(called);
  }

  describe('a request that waits within Python', () => {
    test('keeps others waiting, as in a server of one thread', async () => {
      const python = await load();
      expect(await interleave(python, false)).toEqual(['/a False', '/b False']);
      expect(takeEvents(python)).toEqual(['/a begins', '/a ends', '/b begins', '/b ends']);
    });

    test('lets others in if it is told to, each in its own context', async () => {
      const python = await load({ concurrent: true });
      expect(await interleave(python, true)).toEqual(['/a True', '/b True']);
      expect(takeEvents(python)).toEqual(['/a begins', '/b begins', '/b ends', '/a ends']);
    });
  });
}
