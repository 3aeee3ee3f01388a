// The processes of a measurement: one server and one load generator, each on a core of its own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

/** Whether processes can be kept to a core. */
export const pins =
  availableParallelism() > 1 && spawnSync('taskset', ['--version']).error === undefined;

const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Milliseconds that a server may take to say where it is. */
const START_TIMEOUT = 15_000;

const pinned = (core, command) => (pins ? ['taskset', '-c', String(core), ...command] : command);

/**
 * Starts a server.
 *
 * @param {string[]} command what to run
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>} where it is
 */
export async function startServer(command) {
  const [file, ...args] = pinned(SERVER_CORE, command);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.stdin.destroy();
    child.kill('SIGKILL');
    await exited;
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT);
  for await (const url of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    return { url, pid: child.pid, stop };
  }
  clearTimeout(timer);
  throw new Error(`the server has not started: ${command.join(' ')}`);
}

/**
 * Runs the load generator.
 *
 * @param {string[]} command what to run
 * @param {Record<string, string>} variables added to its environment
 * @returns {Promise<string>} its output
 */
export async function run(command, variables = {}) {
  const [file, ...args] = pinned(LOAD_CORE, command);
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...variables },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${file} ended with status ${status}: ${output}`);
  return output;
}

/**
 * The processor time that a process has used so far.
 *
 * @param {number} pid the process
 * @returns {number} seconds, in user and kernel mode; NaN but on Linux
 */
export function processorTime(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return NaN;
  }
  // Counted from behind the name, which may hold anything: utime and stime, in hundredths.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
