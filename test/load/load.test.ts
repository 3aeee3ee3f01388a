// The load test, bounded, against the server as it is and against servers with faults.

import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { faults } from './faults.ts';
import { PROTOCOLS } from './limits.ts';
import { type ClientKind, load } from './load.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const TYPESCRIPT = new URL('../docs/typescript.mjs', import.meta.url).href;

test.each(PROTOCOLS)(
  'a few hundred clients of %s, of all kinds, leave nothing wrong and nothing behind',
  async (protocol) => {
    const { visits, ledger, facts, problems } = await load({
      protocol,
      seed: 1,
      connections: 32,
      length: { visits: 2 },
    });

    expect(problems).toEqual([]);
    expect(Math.min(...Object.values(visits))).toBeGreaterThanOrEqual(10);
    expect(ledger.counts.answered).toBeGreaterThan(50);
    expect(facts?.environs.made).toBeGreaterThan(50);
  },
  90_000,
);

/** By what clients each fault is found out, and how they say it. */
const FINDINGS: Record<string, [problem: RegExp, ...kinds: ClientKind[]]> = {
  'forgets close()': [/^\d+ of \d+ results were not closed$/, 'good'],
  'closes twice': [/^\d+ results were closed more than once$/, 'good'],
  'answers twice': [/: more than was asked for: "HTTP|: status 200, the response of none$/, 'good'],
  'drops a reply': [/: the connection was closed without a response$/, 'good'],
  'drops what is pipelined': [/: the connection was closed without a response$/, 'good'],
  'serves twice': [/^request \d+ was served 2 times$/, 'good'],
  'spoils a body': [/: a wrong byte in the body, after 0$/, 'good'],
  'takes what is broken': [/^broken client .*: 200 instead of \d+$/, 'good', 'broken'],
  'waits for a head for ever': [/^slow client .*: nothing came for 2 s$/, 'good', 'slow'],
  'waits for the next request for ever': [/^slow client .*: nothing came for 2 s$/, 'slow'],
  'closes what is idle at once': [/: the connection was closed without a response$/, 'good'],
  'does not wait for the client': [
    /^\d+ bytes of a response waited in the server$/,
    'good',
    'slow',
  ],
  'leaves a timer': [/^the process is kept going by \S*,Timeout; before, by /, 'good'],
  'does not let the process end': [/^the process did not end by itself$/, 'good'],
  'leaves listeners': [/^the process warned: MaxListenersExceededWarning: /, 'good'],
  'leaves a rejection': [/^nobody caught Error: nobody looks at this$/m, 'good'],
  'keeps environs': [/^(\d+) of \1 environs were kept$/, 'good'],
  'keeps memory': [/^the heap grew by \d+ bytes$/, 'good'],
  'leaves connections open': [/^\d+ connections were open after shutdown\(\)$/, 'good'],
  'fails by itself': [/^the server failed: Error: a server that fails$/m, 'good'],
  'shuts down in a hurry': [
    /: the connection was closed without|bytes early$|served, and its response was lost$/,
    'slow',
  ],
  'never shuts down': [/^shutdown\(\) did not resolve$/, 'good'],
};

describe('a server', () => {
  test.concurrent.each(Object.keys(faults))(
    'that %s is found out',
    async (fault) => {
      const [problem, ...kinds] = FINDINGS[fault]!;
      const { problems } = await load({
        protocol: 'HTTP/1.1',
        seed: 2,
        connections: 16,
        length: { visits: 4 },
        kinds,
        fault,
        patience: 2,
        enough: 12,
      });

      expect(problems).toContainEqual(expect.stringMatching(problem));
    },
    90_000,
  );
});

test('the command prints what came of it, and fails if something was wrong', () => {
  const command = (...options: string[]): SpawnSyncReturns<string> =>
    spawnSync(
      process.execPath,
      ['--conditions=@wsgiref/source', `--import=${TYPESCRIPT}`, RUN, ...options],
      { encoding: 'utf8', timeout: 45_000 },
    );
  const short = ['--seconds', '1', '--connections', '8', '--seed', '3', '--protocol', 'HTTP/1.1'];

  const right = command(...short);
  expect(right).toMatchObject({ status: 0, stderr: '' });
  expect(right.stdout).toMatch(/^HTTP\/1\.1, seed 3$/m);
  expect(right.stdout).toMatch(/^Nothing was wrong\.$/m);

  const wrong = command(...short, '--fault', 'forgets close()');
  expect(wrong).toMatchObject({ status: 1, stderr: '' });
  expect(wrong.stdout).toMatch(/^\*\*\d+ problems?:\*\*$/m);

  expect(command('--protocol', 'HTTP/2')).toMatchObject({
    status: 1,
    stderr: '--protocol is one of HTTP/1.0, HTTP/1.1 (got HTTP/2)\n',
  });
}, 100_000);
