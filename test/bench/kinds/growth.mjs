// How the time of a request grows with its size: it is linear where each unit more costs the same.

import { fileURLToPath } from 'node:url';
import { load } from '../clients/load.mjs';
import { probe } from '../probe.mjs';
import { run, startServer } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { median, samplesOf } from '../table.mjs';
import { timeRequest } from '../timing.mjs';
import { describeLoad } from './load.mjs';

const CLIENT = fileURLToPath(new URL('../clients/transfer.mjs', import.meta.url));

/**
 * Times requests of growing size to the servers of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`: `sizes`, and either `requestOf(size)`, the request of
 *   that size, or `headOf(size)`, the head of a request with a body of so many bytes; `unit` is what
 *   a size is counted in for `perUnit`, and `format` how it is shown
 * @param {{rounds: number, seconds: number, warmUp: number}} options how often, and for how long
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report(scenario, options) {
  const samples = await takeTurns(
    scenario.servers,
    options.rounds,
    (server) => sample(server, scenario, options),
    (times) => times.map((time) => time.toFixed(0)).join(', ') + ' µs',
  );
  const how = scenario.headOf ? ['one connection'] : describeLoad(scenario);
  return { rows: tabulate(scenario, samples), how };
}

/** @returns {Promise<number[]>} the microseconds of a request, for each size */
async function sample(server, scenario, { seconds, warmUp }) {
  const { announced: url, pid, stop } = await startServer(server.command);
  const { sizes } = scenario;
  const send = scenario.headOf ? upload : request;
  const times = [];
  try {
    await send(url, scenario, sizes[sizes.length >> 1], warmUp);
    for (const size of sizes) {
      times.push(await timeRequest(pid, () => send(url, scenario, size, seconds)));
    }
    return times;
  } finally {
    await stop();
  }
}

async function request(url, scenario, size, seconds) {
  const one = { ...scenario, request: scenario.requestOf(size) };
  const responseLength = await probe(url, one);
  const result = await load(url, one, { seconds, responseLength });
  if (result.errors.status > 0) throw new Error(`the server refuses a request of size ${size}`);
  return result;
}

async function upload(url, { headOf }, size, seconds) {
  const job = { url, head: headOf(size), bodyLength: size, seconds };
  return JSON.parse(await run([process.execPath, CLIENT, JSON.stringify(job)]));
}

function tabulate({ servers, sizes, of, unit, perUnit, format }, rounds) {
  const columns = servers.map((server, i) => {
    const samples = samplesOf(rounds, i);
    return sizes.map((_, j) => median(samples.map((times) => times[j])));
  });
  const titles = servers.flatMap((server) => [server.title, perUnit]);
  const rows = sizes.map((size, j) => [
    format(size),
    ...columns.flatMap((times) => [
      `${times[j].toFixed(1)} µs`,
      size - sizes[0] < unit / 2
        ? ''
        : `${((times[j] - times[0]) / ((size - sizes[0]) / unit)).toFixed(2)} µs`,
    ]),
  ]);
  return [[of, ...titles], ...rows];
}
