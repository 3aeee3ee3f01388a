// The processes of a measurement: one server and its clients, each side on a core of its own.

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

/** Milliseconds that a process may take to say that it is ready. */
const START_TIMEOUT = 60_000;

/** Milliseconds that it may take to end. */
const STOP_TIMEOUT = 3_000;

const pinned = (core, command) => (pins ? ['taskset', '-c', String(core), ...command] : command);

/**
 * Starts a server.
 *
 * @param {string[]} command what to run; its first line of output is where it listens
 * @returns {Promise<Program>} the server; its `announced` is a URL
 */
export function startServer(command) {
  return start(SERVER_CORE, command);
}

/**
 * Starts a client that goes on until it is stopped.
 *
 * @param {string[]} command what to run; with its first line of output it is ready
 * @returns {Promise<Program>} the client
 */
export function startClient(command) {
  return start(LOAD_CORE, command);
}

/**
 * @typedef {object} Program a process that ends with its standard input
 * @property {string} announced its first line of output
 * @property {number} pid its process id
 * @property {() => Promise<object>} ask gives what it answers to a line, in JSON
 * @property {() => Promise<void>} stop ends it
 */

async function start(core, command) {
  const [file, ...args] = pinned(core, command);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}); // It may have ended already.
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const stop = async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
    child.stdin.end();
    await exited;
    clearTimeout(timer);
  };
  const ask = async () => {
    child.stdin.write('?\n');
    const { done, value } = await lines.next();
    if (done) throw new Error(`the process has ended: ${command.join(' ')}`);
    return JSON.parse(value);
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT);
  const { done, value } = await lines.next();
  clearTimeout(timer);
  if (done) throw new Error(`the process has not started: ${command.join(' ')}`);
  return { announced: value, pid: child.pid, ask, stop };
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

/**
 * The most memory that a process has occupied so far, as its kernel has kept count of it.
 *
 * @param {number} pid the process
 * @returns {number} bytes; NaN but on Linux
 */
export function highestMemory(pid) {
  try {
    const [, kibibytes] = /^VmHWM:\s*([0-9]+) kB$/m.exec(
      readFileSync(`/proc/${pid}/status`, 'latin1'),
    );
    return Number(kibibytes) * 1024;
  } catch {
    return NaN;
  }
}
