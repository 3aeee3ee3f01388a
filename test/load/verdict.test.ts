import { describe, expect, test } from '@jest/globals';
import { Ledger } from './ledger.ts';
import type { Facts } from './messages.ts';
import { judge, judgeExit } from './verdict.ts';

/** What a server process has seen that nothing is wrong with. */
const RIGHT: Facts = {
  shutdownSeconds: 1,
  openConnections: 0,
  resourcesBefore: ['PipeWrap'],
  resourcesAfter: ['PipeWrap'],
  warnings: [],
  uncaught: [],
  serverErrors: [],
  logged: [],
  begun: 100,
  closed: 100,
  closedAgain: 0,
  environs: { made: 100, kept: 1 },
  signals: { made: 100, kept: 1 },
  connections: { made: 100, kept: 1 },
  heapBefore: 10_000_000,
  heapAfter: 10_100_000,
  highestMemory: 100_000_000,
  mostWaiting: 16,
  calls: Buffer.from([0, 1, 0]).toString('base64'),
};

describe('judge()', () => {
  test('has nothing to say where nothing is wrong', () => {
    expect(judge(RIGHT, new Ledger())).toEqual([]);
  });

  const wrong: [fact: Partial<Facts>, problem: string][] = [
    [{ shutdownSeconds: 8 }, 'shutdown() gave up requests after 8.0 s'],
    [{ openConnections: 1 }, '1 connections were open after shutdown()'],
    [
      { resourcesAfter: ['PipeWrap', 'Timeout'] },
      'the process is kept going by PipeWrap,Timeout; before, by PipeWrap',
    ],
    [{ warnings: ['Warning: w'] }, 'the process warned: Warning: w'],
    [{ uncaught: ['Error: u'] }, 'nobody caught Error: u'],
    [{ serverErrors: ['Error: s'] }, 'the server failed: Error: s'],
    [{ logged: ['Error: l'] }, 'an application failed: Error: l'],
    [{ closed: 99 }, '1 of 100 results were not closed'],
    [{ closedAgain: 1 }, '1 results were closed more than once'],
    [{ environs: { made: 100, kept: 11 } }, '11 of 100 environs were kept'],
    [{ signals: { made: 100, kept: 11 } }, '11 of 100 signals were kept'],
    [{ connections: { made: 100, kept: 11 } }, '11 of 100 connections were kept'],
    [{ heapAfter: 20_000_000 }, 'the heap grew by 10000000 bytes'],
    [{ mostWaiting: 128_000 }, '128000 bytes of a response waited in the server'],
    [{ calls: Buffer.from([0, 2]).toString('base64') }, 'request 1 was served 2 times'],
  ];

  test.each(wrong)('%j is a problem', (fact, problem) => {
    const ledger = new Ledger();
    ledger.issue();
    expect(judge({ ...RIGHT, ...fact }, ledger)).toEqual([problem]);
  });
});

test.each([
  ['answered', 0, 'request 1 was answered, and never served'],
  ['idled', 1, 'request 1 was served, and its response was lost'],
  ['closed', 1, 'request 1 was served, and its response was lost'],
  ['stopped', 1, 'request 1 was served, and its response was lost'],
  ['left', 2, 'request 1 was served 2 times'],
] as const)('a request that is %s and was served %i times is a problem', (outcome, times, said) => {
  const ledger = new Ledger();
  ledger.conclude(ledger.issue(), outcome);
  expect(ledger.problems(Buffer.from([0, times]))).toEqual([said]);
});

test('a process ends by itself, with status 0, and has nothing to say', () => {
  expect(judgeExit({ status: 0, stderr: '' })).toEqual([]);
  expect(judgeExit({ status: 13, stderr: '' })).toEqual(['the process ended with status 13']);
  expect(judgeExit({ status: null, stderr: '' })).toEqual(['the process did not end by itself']);
  expect(judgeExit({ status: 0, stderr: 'oh' })).toEqual([
    'the process wrote to standard error: oh',
  ]);
});
