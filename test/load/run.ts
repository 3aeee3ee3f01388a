// Puts the server under load from clients that are good, slow, broken, or gone, shuts it down in the
// middle of it, and prints what came of it; the status is 1 if anything was not as it should be.
//
//   npm run load -- [--seconds S] [--connections N] [--seed N] [--protocol HTTP/1.1] [--tls] [--fault NAME]
//
// Without --protocol there is a run for each. What clients do follows from the seed; when they do it,
// from the machine.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { formatTable } from '../bench/table.mjs';
import { faults } from './faults.ts';
import { PROTOCOLS } from './limits.ts';
import { type ClientKind, load, type LoadOptions, type LoadResult } from './load.ts';
import type { Facts } from './messages.ts';

/** The most problems that are shown. */
const SHOWN = 20;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      connections: { type: 'string', default: '64' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      protocol: { type: 'string' },
      tls: { type: 'boolean', default: false },
      fault: { type: 'string' },
    },
  });
  const { protocol, fault = null } = values;
  const protocols = PROTOCOLS.filter((each) => protocol === undefined || each === protocol);
  if (protocols.length === 0) {
    throw new Error(`--protocol is one of ${PROTOCOLS.join(', ')} (got ${protocol})`);
  }
  if (fault !== null && !(fault in faults)) {
    throw new Error(`--fault is one of ${Object.keys(faults).join(', ')} (got ${fault})`);
  }
  const options = {
    length: { seconds: wholeNumber('--seconds', values.seconds, 1) },
    connections: wholeNumber('--connections', values.connections, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    tls: values.tls,
    fault,
  };
  for (const each of protocols) {
    console.log(`\n${each}${options.tls ? ' over TLS' : ''}, seed ${options.seed}\n`);
    const result = await load({ ...options, protocol: each });
    console.log(describe(result, options));
    if (result.problems.length > 0) process.exitCode = 1;
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^[0-9]{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${option} takes a whole number of at least ${least} (got ${text})`);
}

function describe(result: LoadResult, { connections }: Pick<LoadOptions, 'connections'>): string {
  const { facts, problems, seconds } = result;
  const where = `Node ${process.versions.node}, ${process.platform}/${process.arch}, ${availableParallelism()} cores`;
  const parts = [
    formatTable(clientRows(result)),
    ...(facts ? [formatTable(factRows(facts))] : []),
    `${connections} connections, ${seconds.toFixed(1)} s after the warm-up; ${where}.`,
    problems.length === 0
      ? 'Nothing was wrong.'
      : `**${problems.length} problem${problems.length === 1 ? '' : 's'}:**`,
  ];
  const list = problems.slice(0, SHOWN).map((problem) => `- ${problem}`);
  if (problems.length > SHOWN) list.push(`- and ${problems.length - SHOWN} more`);
  return [...parts, ...(list.length > 0 ? [list.join('\n')] : [])].join('\n\n');
}

function clientRows({ visits, ledger }: LoadResult): string[][] {
  const { answered, idled, closed, stopped, left } = ledger.counts;
  const clients = Object.keys(visits).map((kind) => [
    `${kind} clients`,
    count(visits[kind as ClientKind]),
  ]);
  return [
    ['what', 'how many'],
    ...clients,
    ['requests answered, once and rightly', count(answered)],
    ['neither answered nor served: the connection had idled too long', count(idled)],
    ['the same: the response before it was the last', count(closed)],
    ['the same: the server was told to shut down', count(stopped)],
    ['not waited for', count(left)],
  ];
}

function factRows(facts: Facts): string[][] {
  const { begun, closed, environs, signals, connections } = facts;
  return [
    ['in the server process', 'before', 'after'],
    ['heap and buffers', mebibytes(facts.heapBefore), mebibytes(facts.heapAfter)],
    ['highest memory', '', mebibytes(facts.highestMemory)],
    ['a response that waited, at most', '', `${count(facts.mostWaiting)} bytes`],
    ['results begun, closed', count(begun), count(closed)],
    ['environs made, kept', count(environs.made), count(environs.kept)],
    ['signals listened to, kept', count(signals.made), count(signals.kept)],
    ['connections made, kept', count(connections.made), count(connections.kept)],
    ['what keeps it going', ...[facts.resourcesBefore, facts.resourcesAfter].map(String)],
    ['shutdown() took', '', `${facts.shutdownSeconds.toFixed(2)} s`],
  ];
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
