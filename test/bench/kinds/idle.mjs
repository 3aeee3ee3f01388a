// Idle connections: the memory that each takes, and what a request takes beside them.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { load } from '../clients/load.mjs';
import { probe } from '../probe.mjs';
import { startClient, startServer } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { aimCell, median, missingRow, ratiosTo, samplesOf, spread } from '../table.mjs';
import { timeRequest } from '../timing.mjs';
import { describeLoad } from './load.mjs';

const CLIENT = fileURLToPath(new URL('../clients/idle.mjs', import.meta.url));

/** Processes that the connections come from. */
const CLIENTS = 4;

/** Descriptors that a server needs for other things. */
const OTHER_DESCRIPTORS = 200;

/** In a quick run this part of the connections will do. */
const QUICK = 1 / 20;

/**
 * Opens idle connections to the servers of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`: `idle` is how many connections
 * @param {{rounds: number, seconds: number, warmUp: number, quick: boolean}} options how often, for
 *   how long, and whether fewer connections will do
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report(scenario, options) {
  const idle = options.quick ? scenario.idle * QUICK : scenario.idle;
  const samples = await takeTurns(
    scenario.servers.map((server) => ({ missing: () => lacksDescriptors(idle), ...server })),
    options.rounds,
    (server) => sample(server, scenario, idle, options),
    ({ memory, alone, beside }) =>
      `${memory.toFixed(0)} bytes a connection, a request ${alone.toFixed(1)} and ${beside.toFixed(1)} µs`,
  );
  return { rows: tabulate(scenario.servers, samples, idle), how: describeLoad(scenario) };
}

function lacksDescriptors(idle) {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' });
  const limit = stdout.trim();
  if (limit === 'unlimited' || Number(limit) >= idle + OTHER_DESCRIPTORS) return null;
  return `a process may open ${limit} files: raise it by \`ulimit -n ${idle + OTHER_DESCRIPTORS}\``;
}

async function sample(server, scenario, idle, { seconds, warmUp }) {
  const { announced: url, pid, ask, stop } = await startServer(server.command);
  const clients = [];
  try {
    const responseLength = await probe(url, scenario);
    const open = async (connections) => {
      const { request } = scenario;
      // Each address has ports of its own; elsewhere than on Linux there is but one.
      const localAddress = `127.0.0.${process.platform === 'linux' ? clients.length + 2 : 1}`;
      const job = { url, localAddress, connections, request, responseLength };
      clients.push(await startClient([process.execPath, CLIENT, JSON.stringify(job)]));
    };
    const time = () => timeRequest(pid, () => load(url, scenario, { seconds, responseLength }));

    await load(url, scenario, { seconds: warmUp, responseLength });
    await open(1);
    const alone = await time();
    const before = await ask();
    for (let i = 0; i < CLIENTS; i++) await open(idle / CLIENTS);
    const after = await ask();
    const beside = await time();
    const answers = await Promise.all(clients.map((client) => client.ask()));
    const added = answers.reduce((sum, answer) => sum + answer.open, -1);
    if (added < idle) {
      throw new Error(`${server.title} has closed idle connections: ${added} of ${idle} are open`);
    }
    return {
      memory: (after.resident - before.resident) / added,
      used: (after.used - before.used) / added,
      alone,
      beside,
    };
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await stop();
  }
}

function tabulate(servers, rounds, idle) {
  const titles = [
    'server',
    'memory a connection',
    'lowest–highest',
    'of it heap and buffers',
    'this ÷ it',
    'aim',
    'a request beside 1',
    `beside ${idle.toLocaleString('en')}`,
    'many ÷ 1',
    'aim',
  ];
  const rows = servers.map((server, i) => {
    const samples = samplesOf(rounds, i);
    if (samples.length === 0) return missingRow(server, titles.length);
    const of = (value) => samples.map(value);
    const memory = of((each) => each.memory);
    const ratios = ratiosTo(rounds, i, (each) => each.memory);
    const slowdown = median(of(({ alone, beside }) => beside / alone));
    const ratio = ratios.length === 0 ? NaN : median(ratios);
    return [
      server.title,
      kibibytes(median(memory)),
      spread(memory, kibibytes),
      kibibytes(median(of(({ used }) => used))),
      i === 0 ? '' : `${ratio.toFixed(2)} ×`,
      server.mostMemory
        ? aimCell(`at most ${server.mostMemory} ×`, ratio <= server.mostMemory)
        : '',
      `${median(of(({ alone }) => alone)).toFixed(1)} µs`,
      `${median(of(({ beside }) => beside)).toFixed(1)} µs`,
      `${slowdown.toFixed(2)} ×`,
      server.mostTime ? aimCell(`at most ${server.mostTime} ×`, slowdown <= server.mostTime) : '',
    ];
  });
  return [titles, ...rows];
}

function kibibytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
