// Starts CGI scripts again and again, one process at a time, as a web server would.

import { spawnSync } from 'node:child_process';
import { pins } from '../processes.mjs';
import { takeTurns } from '../rounds.mjs';
import { tabulate } from './rates.mjs';

/** What a web server starts every script with, and no more: Node reads variables of its own. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  GATEWAY_INTERFACE: 'CGI/1.1',
  SERVER_NAME: 'localhost',
  SERVER_PORT: '80',
  SERVER_PROTOCOL: 'HTTP/1.1',
  REQUEST_METHOD: 'GET',
  SCRIPT_NAME: '',
  PATH_INFO: '/',
};

/**
 * Starts the scripts of a scenario in turn.
 *
 * @param {object} scenario see `scenarios.mjs`; a server's `output` is its own, if it has one
 * @param {{rounds: number, seconds: number}} options how often, and for how long
 * @returns {Promise<{rows: string[][], how: string[]}>} the table, and what to say below it
 */
export async function report({ servers, body }, { rounds, seconds }) {
  const samples = await takeTurns(
    servers,
    rounds,
    (server) => sample(server, server.output ?? body, seconds),
    ({ rate }) => `${rate.toFixed(1)} processes/s`,
  );
  return { rows: tabulate(servers, samples), how: ['one process at a time'] };
}

function sample(server, expected, seconds) {
  const [file, ...args] = pins ? ['taskset', '-c', '0', ...server.command] : server.command;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let count = 0;
  do {
    const { status, stdout, stderr } = spawnSync(file, args, {
      env: ENVIRONMENT,
      encoding: 'latin1',
    });
    if (status !== 0) throw new Error(`${server.title} ended with ${status}: ${stderr}`);
    if (!stdout.endsWith(expected)) throw new Error(`${server.title} said ${stdout}`);
    count++;
  } while (elapsed() < seconds);
  return { rate: count / elapsed(), processor: NaN, errors: {} };
}
