// Puts a server under load: with wrk where it is installed, else with the generator of
// `generator.mjs`, which is itself written for Node and slower than the servers that it measures.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { run } from '../processes.mjs';

const local = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Whether wrk is installed; it says its version with status 1. */
export const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

/**
 * Loads a server.
 *
 * @param {string} url where it is
 * @param {object} scenario what to send; see `scenarios.mjs`
 * @param {object} options `seconds` to go on, and `responseLength` in bytes
 * @returns {Promise<{requests: number, seconds: number, errors: Record<string, number>}>} how many
 *   requests were answered in how long, and what went wrong
 */
export async function load(url, scenario, { seconds, responseLength }) {
  const { connections, request, pipeline, keepAlive } = scenario;
  if (!hasWrk) {
    const job = { url, connections, request, pipeline, keepAlive, seconds, responseLength };
    return JSON.parse(await run([process.execPath, local('generator.mjs'), JSON.stringify(job)]));
  }
  const output = await run(
    ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', local('wrk.lua'), url],
    { WRK_REQUEST: request, WRK_PIPELINE: String(pipeline) },
  );
  return JSON.parse(output.trim().split('\n').at(-1));
}
