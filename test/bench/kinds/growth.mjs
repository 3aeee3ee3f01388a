// How the time of a request grows with its size: it is linear where each unit more costs the same.

import { fileURLToPath } from 'node:url';
import { load } from '../clients/load.mjs';
import { probe } from '../probe.mjs';
import { run, startServer } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { median, samplesOf } from '../table.mjs';
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
  const { announced: url, stop } = await startServer(server.command);
  const times = [];
  const middle = scenario.sizes[scenario.sizes.length >> 1];
  const time = scenario.headOf ? timeUpload : timeRequest;
  try {
    await time(url, scenario, middle, warmUp);
    for (const size of scenario.sizes) times.push(await time(url, scenario, size, seconds));
    return times;
  } finally {
    await stop();
  }
}

async function timeRequest(url, scenario, size, seconds) {
  const one = { ...scenario, request: scenario.requestOf(size) };
  const responseLength = await probe(url, one);
  const { requests, seconds: taken, errors } = await load(url, one, { seconds, responseLength });
  if (errors.status > 0) throw new Error(`${size}: the server refuses what it should answer`);
  return (taken / requests) * 1e6;
}

async function timeUpload(url, { headOf }, size, seconds) {
  const job = { url, head: headOf(size), bodyLength: size, seconds };
  const result = JSON.parse(await run([process.execPath, CLIENT, JSON.stringify(job)]));
  return (result.seconds / result.requests) * 1e6;
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
      j === 0 ? '' : `${((times[j] - times[0]) / ((size - sizes[0]) / unit)).toFixed(2)} µs`,
    ]),
  ]);
  return [[of, ...titles], ...rows];
}
