// Makes docs/conformance.md: runs the suite over every gateway, and lays the checklist beside it.
//
//   node scripts/conformance.mjs           writes the page
//   node scripts/conformance.mjs --check   fails if the page is not what would be written
//
// Either way it fails if a case does. The packages must be built.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { caseGroups, cases, checklist, proofsOf, runConformance } from '@wsgiref/conformance';
import { whereToRead } from '@wsgiref/validate';
import {
  baseCGIHandlerGateway,
  cgiHandlerGateway,
  fastCGIGateway,
  scgiGateway,
  fetchGateway,
  fetchHandlerGateway,
  nodeHttp2Gateway,
  nodeHttpGateway,
  persistentGateway,
  requestListenerGateway,
  simpleHandlerGateway,
  uwsgiGateway,
  wsgiServerGateway,
} from '../test/conformance/gateways.mjs';
import { cgiApplicationGateway } from '../test/conformance/gateways/cgi.mjs';
import { clientGateway } from '../test/conformance/gateways/testing.mjs';
import { variables } from '../test/conformance/variables.mjs';
import { bends } from '../test/integration/bends.mjs';
import { inDeno } from '../test/support/runtimes.mjs';
import { root } from './workspace.mjs';

const PAGE = `${root}docs/conformance.md`;

const INTRODUCTION = `\
<!-- Made by scripts/conformance.mjs: do not edit. -->

# Conformance

What this repository does with [PEP 3333](https://peps.python.org/pep-3333/), and with what HTTP asks of a server beside it. [\`@wsgiref/conformance\`](../packages/conformance/README.md) is one table of cases: a request, an application, and what must come back. They were run over these gateways, as they are in every \`npm run ok\`:

- \`SimpleHandler\`, an origin server, in memory;
- \`BaseCGIHandler\`, a gateway behind a web server, in memory;
- \`CGIHandler\`, in a process for each request;
- \`WSGIServer\`, over a socket for each request;
- \`WSGIServer\`, HTTP/1.1, over a socket for as long as it stays open: most cases follow another one there;
- \`client()\` of [\`@wsgiref/testing\`](../packages/testing/README.md), in memory;
- \`cgiApplication()\` of [\`@wsgiref/cgi\`](../packages/cgi/README.md), in \`SimpleHandler\`, with \`CGIHandler\` as the script, in a process for each request;
- \`FastCGIServer\`, \`SCGIServer\` and \`UWSGIServer\`, each over a socket, with the other side of its protocol;
- \`node:http\` and \`node:http2\`, over a socket: [\`toRequestListener()\`](../packages/node-http/README.md) in their servers;
- \`fromRequestListener()\`, with \`toRequestListener()\` in it, so that everything goes there and back;
- [\`toFetchHandler()\`](../packages/fetch/README.md), in memory;
- \`fromFetchHandler()\`, with \`toFetchHandler()\` in it;
- \`toPython()\` of [\`@wsgiref/python\`](../packages/python/README.md): an application as one of Python's, and that as one of ours again, in Deno, where Python can wait for what is asynchronous.

The last part of the page holds the obligations of servers, applications and middleware together with what proves that each is met.
`;

const columns = [
  { name: '`SimpleHandler`', results: await run(simpleHandlerGateway()) },
  { name: '`BaseCGIHandler`', results: await run(baseCGIHandlerGateway()) },
  { name: '`CGIHandler`', results: await runProcesses('cgi-handler', cgiHandlerGateway) },
  { name: '`WSGIServer`', results: await run(wsgiServerGateway()) },
  { name: '`WSGIServer`, HTTP/1.1', results: await run(persistentGateway()) },
  { name: '`client()`', results: await run(clientGateway()) },
  {
    name: '`cgiApplication()`',
    results: await runProcesses('cgi-application', cgiApplicationGateway),
  },
  { name: '`FastCGIServer`', results: await run(fastCGIGateway()) },
  { name: '`SCGIServer`', results: await run(scgiGateway()) },
  { name: '`UWSGIServer`', results: await run(uwsgiGateway()) },
  { name: '`node:http`', results: await run(nodeHttpGateway()) },
  { name: '`node:http2`', results: await run(nodeHttp2Gateway()) },
  { name: '`fromRequestListener()`', results: await run(requestListenerGateway()) },
  { name: '`toFetchHandler()`', results: await run(fetchGateway()) },
  { name: '`fromFetchHandler()`', results: await run(fetchHandlerGateway()) },
  { name: '`toPython()`', results: await runInPython() },
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
  [INTRODUCTION, ...casesPart(), ...webServersPart(), ...variablesPart(), ...checklistPart()].join(
    '\n',
  ),
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

/** A process for every case takes its time. */
function runProcesses(name, makeGateway) {
  const paths = [
    ...['types', 'util', 'headers', 'handlers', 'validate', 'conformance', 'cgi'].flatMap(buildOf),
    'test/conformance/gateways.mjs',
    'test/conformance/gateways/cgi.mjs',
    'test/conformance/gateways/cgi-script.mjs',
    'test/conformance/cgi-script.mjs',
  ];
  return remembered(name, paths, () => runLanes(makeGateway));
}

/** So does Python, which can wait for applications in a runtime that this one may not be. */
function runInPython() {
  const script = 'test/conformance/gateways/in-python.mjs';
  const paths = [
    ...['types', 'util', 'headers', 'handlers', 'conformance', 'python'].flatMap(buildOf),
    'test/conformance/gateways/python.mjs',
    script,
  ];
  return remembered('python', paths, async () => {
    const [deno, ...args] = inDeno(root + script);
    const { stdout } = await promisify(execFile)(deno, args, { maxBuffer: 2 ** 26 });
    return new Map(JSON.parse(stdout).map((result) => [result.name, result]));
  });
}

/** What has been found is kept for as long as it holds. */
async function remembered(name, paths, find) {
  const file = `${root}.cache/conformance-${name}.json`;
  const digest = digestOf(paths);
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    if (kept.digest === digest) return new Map(kept.results);
  } catch {
    // There is nothing yet, or it was cut short.
  }
  const results = await find();
  if ([...results.values()].every(({ outcome }) => outcome !== 'fail')) {
    mkdirSync(`${root}.cache`, { recursive: true });
    writeFileSync(file, JSON.stringify({ digest, results: [...results] }));
  }
  return results;
}

/** As many processes at a time as there are processors. */
async function runLanes(makeGateway) {
  const lanes = availableParallelism();
  const parts = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => {
      const part = cases.filter((_one, i) => i % lanes === lane);
      return run(makeGateway(), { cases: part, timeout: 60_000 });
    }),
  );
  return new Map(parts.flatMap((part) => [...part]));
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

/** What test/integration holds: a case that is not named there passes, and one that is does not. */
function webServersPart() {
  const deployments = Object.keys(bends);
  const kinds = [...new Set(Object.values(bends).flatMap((ofOne) => Object.values(ofOne)))];
  const lines = [
    '## Behind web servers',
    '',
    'The same cases behind the web servers of Debian 12, each with the configuration that [deploying.md](deploying.md) prints. Where a web server makes something else of a case, the cell has the number of the reason below; every other case passes. Tests hold all of it, so that a reason that does not hold any more fails; those of CGI, a process for each request, run some of the cases, and `node scripts/deployments.mjs` runs them all.',
    '',
  ];
  const servers = new Set(deployments.map((name) => name.split(', ')[0]));
  for (const server of servers) {
    const names = deployments.filter((name) => name.startsWith(`${server}, `));
    const header = ['', 'case', ...names.map((name) => name.split(', ')[1])];
    lines.push(`### Behind ${server}`, '', ...row(header), ...row(header.map(() => '---')));
    for (const { name } of cases) {
      const marks = names.map((deployment) => {
        const bend = bends[deployment][name];
        return bend === undefined ? '✔' : `(${kinds.indexOf(bend) + 1})`;
      });
      lines.push(...row([numbers.get(name), linkRules(escape(name)), ...marks]));
    }
    lines.push('');
  }
  lines.push('### What web servers make of it', '');
  lines.push(...kinds.map((kind, i) => `${i + 1}. ${kind}.`), '');
  return lines;
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
