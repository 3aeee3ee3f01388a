// Requests a second of servers under load.

import { hasWrk, load } from '../clients/load.mjs';
import { probe } from '../probe.mjs';
import { pins, processorTime, startServer } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { tabulate } from './rates.mjs';

/**
 * Loads the servers of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`
 * @param {{rounds: number, seconds: number, warmUp: number}} options how often, and for how long
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report(scenario, options) {
  const samples = await takeTurns(
    scenario.servers,
    options.rounds,
    (server) => sample(server, scenario, options),
    ({ rate }) => `${Math.round(rate)} requests/s`,
  );
  return { rows: tabulate(scenario.servers, samples), how: describeLoad(scenario) };
}

/** What there is to say of any load. */
export function describeLoad({ connections }) {
  return [
    `${connections} connections`,
    pins ? 'server and load generator on a core each' : 'processes not kept to cores',
    hasWrk ? 'load from wrk' : 'load from Node',
  ];
}

async function sample(server, scenario, { seconds, warmUp }) {
  const { announced: url, pid, stop } = await startServer(server.command);
  try {
    const responseLength = await probe(url, scenario).catch((error) => {
      throw new Error(`${server.title}: ${error.message}`, { cause: error });
    });
    await load(url, scenario, { seconds: warmUp, responseLength });
    const before = processorTime(pid);
    const result = await load(url, scenario, { seconds, responseLength });
    const used = processorTime(pid) - before;
    if (result.requests === 0) throw new Error(`${server.title} has not answered a single request`);
    return {
      rate: result.requests / result.seconds,
      processor: server.workers ? NaN : used / result.requests,
      errors: result.errors,
    };
  } finally {
    await stop();
  }
}
