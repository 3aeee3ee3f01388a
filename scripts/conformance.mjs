// Makes docs/conformance.md: runs the suite over every gateway, and lays the checklist beside it.
//
//   node scripts/conformance.mjs           writes the page
//   node scripts/conformance.mjs --check   fails if the page is not what would be written
//
// Either way it fails if a case does. The packages must be built.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { caseGroups, cases, checklist, proofsOf, runConformance } from '@wsgiref/conformance';
import { whereToRead } from '@wsgiref/validate';
import {
  baseCGIHandlerGateway,
  cgiHandlerGateway,
  fetchGateway,
  fetchHandlerGateway,
  nodeHttp2Gateway,
  nodeHttpGateway,
  requestListenerGateway,
  simpleHandlerGateway,
  wsgiServerGateway,
} from '../test/conformance/gateways.mjs';
import { variables } from '../test/conformance/variables.mjs';
import { root } from './workspace.mjs';

const PAGE = `${root}docs/conformance.md`;
const REMEMBERED = `${root}.cache/conformance.json`;

const INTRODUCTION = `\
<!-- Made by scripts/conformance.mjs: do not edit. -->

# Conformance

What this repository does with [PEP 3333](https://peps.python.org/pep-3333/), and with what HTTP asks of a server beside it. [\`@wsgiref/conformance\`](../packages/conformance/README.md) is one table of cases: a request, an application, and what must come back. They were run over these gateways, as they are in every \`npm run ok\`:

- \`SimpleHandler\`, an origin server, in memory;
- \`BaseCGIHandler\`, a gateway behind a web server, in memory;
- \`CGIHandler\`, in a process for each request;
- \`WSGIServer\`, over a socket;
- \`node:http\` and \`node:http2\`, over a socket: [\`toRequestListener()\`](../packages/node-http/README.md) in their servers;
- \`fromRequestListener()\`, with \`toRequestListener()\` in it, so that everything goes there and back;
- [\`toFetchHandler()\`](../packages/fetch/README.md), in memory;
- \`fromFetchHandler()\`, with \`toFetchHandler()\` in it.

The last part of the page holds the obligations of servers, applications and middleware together with what proves that each is met.
`;

const columns = [
  { name: '`SimpleHandler`', results: await run(simpleHandlerGateway()) },
  { name: '`BaseCGIHandler`', results: await run(baseCGIHandlerGateway()) },
  { name: '`CGIHandler`', results: await remembered(runProcesses) },
  { name: '`WSGIServer`', results: await run(wsgiServerGateway()) },
  { name: '`node:http`', results: await run(nodeHttpGateway()) },
  { name: '`node:http2`', results: await run(nodeHttp2Gateway()) },
  { name: '`fromRequestListener()`', results: await run(requestListenerGateway()) },
  { name: '`toFetchHandler()`', results: await run(fetchGateway()) },
  { name: '`fromFetchHandler()`', results: await run(fetchHandlerGateway()) },
];
const numbers = new Map(cases.map(({ name }, i) => [name, i + 1]));
const failing = new Set();
for (const { name, results } of columns) {
  for (const result of results.values()) {
    if (result.outcome !== 'fail') continue;
    failing.add(result.name);
    console.error(`${name}: ${result.name}: ${result.message}\n`);
  }
}
const reasons = [
  ...new Set(columns.flatMap(({ results }) => [...results.values()].map(reasonOf))),
].filter((reason) => reason !== null);

const page = await format(
  [INTRODUCTION, ...casesPart(), ...variablesPart(), ...checklistPart()].join('\n'),
  { ...(await resolveConfig(PAGE)), parser: 'markdown' },
);
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readOld() !== page) {
  console.error(
    'docs/conformance.md is not what the suite says: run `node scripts/conformance.mjs`',
  );
  process.exitCode = 1;
}
if (failing.size > 0) process.exitCode = 1;

function readOld() {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return null; // There is none yet.
  }
}

/** The results by the name of the case. */
async function run(gateway, options) {
  const { results } = await runConformance(gateway, options);
  return new Map(results.map((result) => [result.name, result]));
}

/** As many processes at a time as there are processors. */
async function runProcesses() {
  const lanes = availableParallelism();
  const parts = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => {
      const part = cases.filter((_one, i) => i % lanes === lane);
      return run(cgiHandlerGateway(), { cases: part, timeout: 60_000 });
    }),
  );
  return new Map(parts.flatMap((part) => [...part]));
}

/** A process for every case takes its time: what has been found is kept for as long as it holds. */
async function remembered(make) {
  const digest = digestOf([
    ...['types', 'util', 'headers', 'handlers', 'validate', 'conformance'].flatMap(buildOf),
    'test/conformance/gateways.mjs',
    'test/conformance/cgi-script.mjs',
  ]);
  try {
    const kept = JSON.parse(readFileSync(REMEMBERED, 'utf8'));
    if (kept.digest === digest) return new Map(kept.results);
  } catch {
    // There is nothing yet, or it was cut short.
  }
  const results = await make();
  if ([...results.values()].every(({ outcome }) => outcome !== 'fail')) {
    mkdirSync(`${root}.cache`, { recursive: true });
    writeFileSync(REMEMBERED, JSON.stringify({ digest, results: [...results] }));
  }
  return results;
}

function buildOf(name) {
  const folder = `packages/${name}/dist`;
  return readdirSync(root + folder, { recursive: true })
    .filter((path) => path.endsWith('.js'))
    .sort()
    .map((path) => `${folder}/${path}`);
}

function digestOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) hash.update(path).update(readFileSync(root + path));
  return hash.digest('hex');
}

function casesPart() {
  const lines = ['## The cases', ''];
  const others = [];
  if (reasons.length > 0) others.push('what has a number, for which see below');
  if (failing.size > 0) others.push('what has a ✘');
  const exceptions = others.map((other) => `, but for ${other}`).join(' and');
  lines.push(`There are ${cases.length}, and every gateway does what they say${exceptions}.`, '');
  for (const [title, group] of Object.entries(caseGroups)) {
    lines.push(`### ${title}`, '');
    const header = ['', 'case', 'shows', ...columns.map(({ name }) => name)];
    lines.push(...row(header), ...row(header.map(() => '---')));
    for (const { name, clauses } of group) {
      const marks = columns.map(({ results }) => markOf(results.get(name)));
      lines.push(
        ...row([numbers.get(name), linkRules(escape(name)), clauses.join(', '), ...marks]),
      );
    }
    lines.push('');
  }
  if (reasons.length > 0) lines.push('### Exceptions', '');
  lines.push(
    ...reasons.map((reason, i) => `${i + 1}. ${reason[0].toUpperCase()}${reason.slice(1)}.`),
    '',
  );
  return lines;
}

function markOf(result) {
  if (result.outcome === 'exception') return `(${reasons.indexOf(result.message) + 1})`;
  return result.outcome === 'pass' ? '✔' : '✘';
}

function reasonOf({ outcome, message }) {
  return outcome === 'exception' ? message : null;
}

function variablesPart() {
  return [
    '## The variables of an environ',
    '',
    'What `WSGIServer` puts into every environ, beside a variable for each header of the request: `HTTP_`, then its name in capitals, with `_` for `-`. The handlers put in those that begin with `wsgi.`; the rest is the request that they are given, for `CGIHandler` the environment of its process. Add to `baseEnviron` of a `WSGIServer`, or to `osEnviron` of a handler, what the application is to be configured by.',
    '',
    ...row(['variable', 'meaning']),
    ...row(['---', '---']),
    ...Object.entries(variables).flatMap(([name, meaning]) => row([`\`${name}\``, meaning])),
    '',
  ];
}

function checklistPart() {
  return [
    '## The checklist',
    '',
    'S: what servers and gateways owe, H: what HTTP asks of them, A: what applications owe, M: middleware, of which there is one here, the validator. A number is a case above; a name is a rule of the validator; a file holds a test of that title, for what no client can see.',
    '',
    ...row(['', 'obligation', 'section', 'proof', '']),
    ...row(['---', '---', '---', '---', '---']),
    ...checklist.flatMap((clause) => {
      const proofs = proofsOf(clause);
      const names = proofs.filter(({ kind }) => kind === 'case').map(({ name }) => name);
      const isMet = proofs.length > 0 && !names.some((name) => failing.has(name));
      return row([
        clause.id,
        escape(clause.text),
        sectionOf(clause),
        [casesOf(names), ...proofs.map(proofOf)].filter((proof) => proof !== '').join('; '),
        isMet ? '✔' : '✘',
      ]);
    }),
  ];
}

/** `1, 3–5, 9`. */
function casesOf(names) {
  const ranges = [];
  for (const number of names.map((name) => numbers.get(name))) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) => {
      if (first === last) return `${first}`;
      return last === first + 1 ? `${first}, ${last}` : `${first}–${last}`;
    })
    .join(', ');
}

function proofOf(proof) {
  if (proof.kind === 'rule') return linkRule(proof.id);
  if (proof.kind === 'test') return `[${escape(proof.title)}](../${proof.file})`;
  return '';
}

function sectionOf({ section }) {
  return section.startsWith('RFC') ? section : `[${section}](${whereToRead({ section })})`;
}

function linkRules(text) {
  return text.replace(/(?<=rule )[a-z-]+/, linkRule);
}

function linkRule(id) {
  return `[\`${id}\`](specification.md#${id})`;
}

function row(cells) {
  return [`| ${cells.join(' | ')} |`];
}

function escape(text) {
  return text.replaceAll(/[|*_<>[\]`\\]/g, '\\$&');
}
