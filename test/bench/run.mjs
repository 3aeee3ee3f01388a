// Measures servers side by side and prints how many times as fast as the others this project's is.
//
//   npm run bench -- [scenario…] [--rounds N] [--seconds S] [--write] [--list]
//
// Machines are noisy, and differ: only ratios within one run mean anything. Hence the servers take
// turns, one at a time, round after round, each in a fresh process.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hasWrk, load } from './load.mjs';
import { probe } from './probe.mjs';
import { pins, processorTime, run, startServer } from './processes.mjs';
import { pythonVersion, scenarios } from './scenarios.mjs';
import { sampleStarts } from './starts.mjs';
import { formatTable, tabulate, tabulateSubjects } from './table.mjs';

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);
const IN_MEMORY = fileURLToPath(new URL('in-memory.mjs', import.meta.url));

/** Seconds of load before the measurement, in which the compiler finds out what is hot. */
const WARM_UP = 1;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.list) {
    for (const { name, title, later } of scenarios) {
      console.log(`${name.padEnd(12)}${title}${later ? ` (not by default before ${later})` : ''}`);
    }
    return;
  }
  const rounds = positiveInteger('--rounds', values.rounds);
  const seconds = positiveInteger('--seconds', values.seconds);
  const chosen = choose(positionals);
  if (!hasWrk && chosen.some(({ servers }) => servers)) {
    const hint =
      'wrk is not installed (Debian: apt-get install wrk; macOS: brew install wrk). The load comes ' +
      'from a generator in Node, which is slower than these servers: ratios come out too near to 1.';
    if (values.write) throw new Error(`${hint} Nothing is written.`);
    console.error(hint);
  }
  if (!pins) console.error('Processes cannot be kept to a core here: expect more noise.');

  build();
  for (const scenario of chosen) {
    console.log(`\n${scenario.name}: ${scenario.title}\n`);
    const report = scenario.subjects
      ? describeSubjects(scenario, await measureSubjects(scenario, rounds, seconds), seconds)
      : describe(scenario, await measure(scenario, rounds, seconds), rounds, seconds);
    console.log(`\n${report}`);
    if (values.write) await write(scenario, report);
  }
}

function positiveInteger(option, text) {
  if (/^[1-9][0-9]*$/.test(text)) return Number(text);
  throw new Error(`${option} takes a whole number of at least 1 (got ${text})`);
}

function choose(names) {
  if (names.length === 0) return scenarios.filter(({ later }) => later === undefined);
  return names.map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario) return scenario;
    throw new Error(`no scenario ${name}: there are ${scenarios.map((s) => s.name).join(', ')}`);
  });
}

/** What is measured is what is published: the built files. */
function build() {
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the packages do not build');
}

/** @returns {Promise<object[][]>} for each round the sample of each server, null if it is missing */
async function measure(scenario, rounds, seconds) {
  const missing = scenario.servers.map((server) => server.missing?.() ?? null);
  const samples = [];
  for (let round = 1; round <= rounds; round++) {
    const row = [];
    for (const [i, server] of scenario.servers.entries()) {
      row.push(missing[i] === null ? await sample(server, scenario, seconds) : null);
      const { rate } = row[i] ?? {};
      const result = rate ? `${Math.round(rate)} requests/s` : `not run: ${missing[i]}`;
      console.log(`round ${round} of ${rounds}  ${server.title.padEnd(24)} ${result}`);
    }
    samples.push(row);
  }
  return samples;
}

async function sample(server, scenario, seconds) {
  if (scenario.starts) return sampleStarts(server, scenario, seconds);
  const { url, pid, stop } = await startServer(server.command);
  try {
    const responseLength = await probe(url, scenario).catch((error) => {
      throw new Error(`${server.title}: ${error.message}`, { cause: error });
    });
    await load(url, scenario, { seconds: WARM_UP, responseLength });
    const before = processorTime(pid);
    const result = await load(url, scenario, { seconds, responseLength });
    const used = processorTime(pid) - before;
    if (result.requests === 0) throw new Error(`${server.title} has not answered a single request`);
    return {
      rate: result.requests / result.seconds,
      processor: used / result.requests,
      errors: result.errors,
    };
  } finally {
    await stop();
  }
}

/** @returns {Promise<number[][]>} for each round the microseconds of a request to each subject */
async function measureSubjects({ subjects }, rounds, seconds) {
  const samples = [];
  for (let round = 1; round <= rounds; round++) {
    const row = [];
    for (const subject of subjects) {
      const output = await run([process.execPath, IN_MEMORY, subject, String(seconds)]);
      const { microseconds, requests } = JSON.parse(output);
      row.push(microseconds / requests);
      console.log(`round ${round} of ${rounds}  ${subject.padEnd(24)} ${row.at(-1).toFixed(1)} µs`);
    }
    samples.push(row);
  }
  return samples;
}

function describeSubjects(scenario, samples, seconds) {
  const how = [
    `${samples.length} rounds of ${seconds} s in turn`,
    pins ? 'each in a process of its own on one core' : 'each in a process of its own',
  ];
  return `${formatTable(tabulateSubjects(scenario, samples))}\n\n${how.join(', ')}; ${machine().join(', ')}.`;
}

function machine() {
  return [
    `Node ${process.versions.node}`,
    `${process.platform}/${process.arch}`,
    `${availableParallelism()} cores`,
  ];
}

function describe(scenario, samples, rounds, seconds) {
  const python = pythonVersion();
  const how = [
    scenario.starts ? 'one process at a time' : `${scenario.connections} connections`,
    `${rounds} rounds of ${seconds} s in turn`,
    ...(scenario.starts
      ? []
      : [
          pins ? 'server and load generator on a core each' : 'processes not kept to cores',
          hasWrk ? 'load from wrk' : 'load from Node',
        ]),
  ];
  const where = machine();
  if (python && scenario.servers.some(({ command }) => command[0] === 'python3')) {
    where.splice(1, 0, `Python ${python}`);
  }
  return `${formatTable(tabulate(scenario, samples))}\n\n${how.join(', ')}; ${where.join(', ')}.`;
}

/** Puts a report between its two markers in the page. */
async function write({ name }, report) {
  const { format, resolveConfig } = await import('prettier');
  const text = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/benchmarks.md has no place for ${name}: ${begin} ${end}`);
  const page = `${text.slice(0, from + begin.length)}\n\n${report}\n\n${text.slice(to)}`;
  const options = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(page, { ...options, parser: 'markdown' }));
  console.log(`\nwritten to docs/benchmarks.md`);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
