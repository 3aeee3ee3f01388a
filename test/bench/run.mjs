// Measures servers side by side and prints how many times as fast as the others this project's is.
//
//   npm run bench -- [scenario…] [--rounds N] [--seconds S] [--quick] [--print] [--list]
//
// Machines are noisy, and differ: only ratios within one run mean anything. Hence the servers take
// turns, one at a time, round after round, each in a fresh process.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hasWrk } from './clients/load.mjs';
import { pins } from './processes.mjs';
import { scenarios } from './scenarios.mjs';
import { pythonVersions } from './server-commands.mjs';
import { formatTable } from './table.mjs';

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);

/**
 * Seconds of load before the measurement, in which the compiler finds out what is hot: it works in
 * threads of its own, for which the one core of a server leaves little.
 */
const WARM_UP = 3;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      quick: { type: 'boolean', default: false },
      print: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.list) {
    const width = Math.max(...scenarios.map(({ name }) => name.length)) + 2;
    for (const { name, title } of scenarios) console.log(`${name.padEnd(width)}${title}`);
    return;
  }
  const options = values.quick
    ? { rounds: 1, seconds: 1, warmUp: 1, quick: true }
    : {
        rounds: positiveInteger('--rounds', values.rounds),
        seconds: positiveInteger('--seconds', values.seconds),
        warmUp: WARM_UP,
        quick: false,
      };
  const chosen = choose(positionals);
  if (!hasWrk) {
    console.error(
      'wrk is not installed (Debian: apt-get install wrk; macOS: brew install wrk). The load comes ' +
        'from a generator in Node, which is slower than these servers: ratios come out too near ' +
        'to 1. Nothing is written to docs/benchmarks.md.',
    );
  }
  if (!pins) console.error('Processes cannot be kept to a core here: expect more noise.');

  build();
  for (const scenario of chosen) {
    console.log(`\n${scenario.name}: ${scenario.title}\n`);
    const { report } = await import(`./kinds/${scenario.kind}.mjs`);
    const text = describe(scenario, await report(scenario, options), options);
    console.log(`\n${text}`);
    if (hasWrk && !values.quick && !values.print) await write(scenario, text);
  }
}

function positiveInteger(option, text) {
  if (/^[1-9][0-9]*$/.test(text)) return Number(text);
  throw new Error(`${option} takes a whole number of at least 1 (got ${text})`);
}

function choose(names) {
  if (names.length === 0) return scenarios;
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

/** The table, and below it how and where it came about. */
function describe({ kind, servers = [] }, { rows, how }, { rounds, seconds }) {
  const turns = `${rounds} round${rounds === 1 ? '' : 's'}`;
  const time = kind === 'transfer' ? '' : ` of ${seconds} s`;
  const where = [
    `Node ${process.versions.node}`,
    ...pythonVersions(servers),
    `${process.platform}/${process.arch}`,
    `${availableParallelism()} cores`,
  ];
  return `${formatTable(rows)}\n\n${[...how, `${turns}${time} in turn`].join(', ')}; ${where.join(', ')}.`;
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
