// Starts a CGI script again and again, one process at a time, as a web server would.

import { spawnSync } from 'node:child_process';
import { pins } from './processes.mjs';

/** The request of every script. */
const REQUEST = {
  GATEWAY_INTERFACE: 'CGI/1.1',
  SERVER_NAME: 'localhost',
  SERVER_PORT: '80',
  SERVER_PROTOCOL: 'HTTP/1.1',
  REQUEST_METHOD: 'GET',
  SCRIPT_NAME: '',
  PATH_INFO: '/',
};

/**
 * @param {object} server its `command`, and its `output`, if not that of the scenario
 * @param {object} scenario see `scenarios.mjs`
 * @param {number} seconds how long to go on
 * @returns {{rate: number, processor: number, errors: object}} how many processes a second there were
 */
export function sampleStarts(server, { body }, seconds) {
  const [file, ...args] = pins ? ['taskset', '-c', '0', ...server.command] : server.command;
  const env = { ...process.env, ...REQUEST };
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let count = 0;
  do {
    const { status, stdout, stderr } = spawnSync(file, args, { env, encoding: 'latin1' });
    if (status !== 0) throw new Error(`${server.title} ended with ${status}: ${stderr}`);
    if (!stdout.endsWith(server.output ?? body)) throw new Error(`${server.title} said ${stdout}`);
    count++;
  } while (elapsed() < seconds);
  return { rate: count / elapsed(), processor: NaN, errors: {} };
}
