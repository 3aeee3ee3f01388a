// Several backends: the program and the configurations of docs/deploying.md, and clients that keep
// asking while backends go away.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { installPackages } from './deployed-gateway.mjs';
import { freePort } from './web-server.mjs';

const PAGE = new URL('../../docs/deploying.md', import.meta.url);

/** How many ask at the same time. */
const CLIENTS = 8;

/** The programs of "Several backends", and its configurations by web server. */
export function readBalancers() {
  const [, section] = readFileSync(PAGE, 'utf8').split(/^## Several backends$/m);
  const blocks = [...section.matchAll(/^```(\w+).*\n([^]*?)^```$/gm)];
  const [program, cluster, nginx, HAProxy] = ['ts', 'ts', 'nginx', 'haproxy'].map((language) => {
    const index = blocks.findIndex(([, name]) => name === language);
    return blocks.splice(index, 1)[0][2];
  });
  return { program, cluster, nginx, HAProxy };
}

/** Puts the backends in the places of 10.0.0.1:9000 and so on. */
export function fillInBackends(config, backends) {
  return backends.reduce(
    (filled, { host, port }, index) =>
      filled.replaceAll(`10.0.0.${index + 1}:9000`, `${host}:${port}`),
    config,
  );
}

/** Puts what the programs need into a folder, with another application in the place of `demoApp`. */
export function installApplication(folder) {
  installPackages(folder, ['types', 'util', 'headers', 'handlers', 'simple-server']);
  cpSync(new URL('fixtures/counted-app.mjs', import.meta.url), `${folder}/app.js`);
}

/**
 * Starts the program, and waits until it listens.
 *
 * @param programs those of the page
 * @param host where it listens
 * @param clustered whether in several processes
 */
export async function startBackend(folder, programs, host, clustered) {
  const port = await freePort();
  const server = `${folder}/server-${port}.js`;
  const cluster = `${folder}/cluster-${port}.js`;
  const program = programs.program
    .replace(/(?<=import \{ demoApp \} from )'.*'/, "'./app.js'")
    .replace("'10.0.0.1', 9000", `'${host}', ${port}`);
  writeFileSync(server, toJavaScript(program));
  writeFileSync(cluster, toJavaScript(programs.cluster.replace('/srv/app/server.js', server)));
  const path = clustered ? cluster : server;
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let log = '';
  child.stderr.on('data', (piece) => (log += piece));
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const told = (isIt) =>
    new Promise((resolve) => {
      child.on('message', (message) => isIt(message) && resolve(message));
    });
  const held = Promise.all([
    told(({ held }) => held === 'GET'),
    told(({ held }) => held === 'POST'),
  ]);
  const first = await Promise.race([told((message) => message === 'listening'), ended]);
  if (first !== 'listening') throw new Error(`the backend ended with ${first}: ${log}`);
  const holders = held.then((messages) => messages.map(({ pid }) => pid));
  return { host, port, child, ended, holders };
}

function toJavaScript(program) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(program, { compilerOptions }).outputText;
}

/** The POSTs that had their effect since the last call, as often as they had it. */
export function takeEffects(folder) {
  const path = `${folder}/effects`;
  if (!existsSync(path)) return [];
  const effects = readFileSync(path, 'utf8').trimEnd().split('\n');
  rmSync(path);
  return effects;
}

/**
 * Clients that send one request after the other: of five, two are POSTs. A web server that asks three
 * or four backends in turn sends each of them both.
 */
export class Load {
  outcomes = [];
  /** The backend that never answers the next GET and the next POST that it gets. */
  holder = null;
  #port;
  #sent = 0;
  #limit = 0;
  #waiting = [];

  /** @param port the web server's */
  constructor(port) {
    this.#port = port;
  }

  /** Waits until that many requests have been answered, or have failed. */
  reach(count) {
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Sends requests until `finish()` ends it, or there have been so many. */
  async run(limit) {
    this.#limit = limit;
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#runClient(agent)));
    agent.destroy();
  }

  /** Lets the clients send so many requests more. */
  finish(count) {
    this.#limit = Math.min(this.#limit, this.#sent + count);
  }

  async #runClient(agent) {
    while (this.#sent < this.#limit) {
      const number = this.#sent++;
      const method = (number % 5) % 2 === 1 ? 'POST' : 'GET';
      const id = `${method}-${number}`;
      this.outcomes.push({ id, method, ...(await this.#send(agent, method, id)) });
      for (const { count, resolve } of this.#waiting) {
        if (this.outcomes.length >= count) resolve();
      }
    }
  }

  async #send(agent, method, id) {
    const path = this.holder ? `/?hold=${this.holder.port}` : '/';
    const headers = { 'X-Id': id };
    try {
      const sent = request({ host: '127.0.0.1', port: this.#port, path, method, headers, agent });
      sent.end(method === 'POST' ? id : undefined);
      const [response] = await once(sent, 'response');
      return { status: response.statusCode, body: await text(response) };
    } catch (error) {
      return { status: String(error), body: '' };
    }
  }
}
