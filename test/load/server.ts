// The process under load: a server, and what is looked at when it has shut down. Its argument is a
// `Job`. Nothing but the server may keep it going: it ends by itself, or it has failed.

import { promisify } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import { makeServer, type TCPServer, WSGIRequestHandler, WSGIServer } from '@wsgiref/simple-server';
import type { ErrorStream, WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { CONNECTION, loadApp, ON_PURPOSE } from './applications.ts';
import { Books, type Census } from './books.ts';
import { faults } from './faults.ts';
import { CERTFILE, handlerLimits, SERVER_LIMITS } from './limits.ts';
import type { Answer, Facts, Job, Order } from './messages.ts';

/** How often the collector is run before what it has left counts as kept. */
const COLLECTIONS = 10;

/** What clients make applications log: a body that stops too late for a 408, a reply not taken. */
const CLIENTS_FAULT = 'TimeoutError: timed out';

const { protocol, tls, fault } = JSON.parse(process.argv[2]!) as Job;
const books = new Books();

const errors: ErrorStream = {
  write(text) {
    if (!text.includes(ON_PURPOSE) && !text.includes(CLIENTS_FAULT)) books.logged.push(text);
  },
  writelines(lines) {
    for (const line of lines) void this.write(line);
  },
  flush() {},
};

class LoadHandler extends WSGIRequestHandler {
  override protocolVersion = protocol;

  override setup(): void {
    Object.assign(this, handlerLimits(protocol));
    void super.setup();
  }

  override getEnviron(): WSGIEnvironment {
    const environ = super.getEnviron();
    environ[CONNECTION] = this.connection;
    books.environs.add(environ);
    return environ;
  }

  override getStderr(): ErrorStream {
    return errors;
  }

  override logMessage(): void {}
}

class LoadServer extends WSGIServer {
  readonly #app: WSGIApplication = loadApp(books);

  override getApp(): WSGIApplication {
    return this.#app;
  }

  override verifyRequest(...[request]: Parameters<TCPServer['verifyRequest']>): boolean {
    books.connections.add(request);
    return true;
  }

  override handleError(...[, , error]: Parameters<TCPServer['handleError']>): void {
    books.serverErrors.push(describe(error));
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function say(answer: Answer): Promise<void> {
  return new Promise((resolve) => process.send!(answer, undefined, {}, () => resolve()));
}

/** Runs the collector, and lets it say what it has taken. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    gc!();
    await turn();
  }
}

async function collectAll(...kinds: readonly Census[]): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await collect();
    if (kinds.every(({ kept }) => kept.kept === 0)) break;
  }
}

async function heap(): Promise<number> {
  await collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What keeps the process going, once what is being closed is gone. */
async function resources(): Promise<string[]> {
  for (let i = 0; i < 3; i++) await turn();
  return process.getActiveResourcesInfo().sort();
}

process.on('warning', (warning) => books.warnings.push(`${warning.name}: ${warning.message}`));
process.on('unhandledRejection', (reason) => books.uncaught.push(describe(reason)));
process.on('uncaughtException', (error) => books.uncaught.push(describe(error)));

const orders = new Map<Order, () => void>();
process.on('message', (order: Order) => orders.get(order)!());
const received = (order: Order): Promise<void> =>
  new Promise((resolve) => orders.set(order, resolve));
const [measure, shutdown] = [received('measure'), received('shutdown')];

const resourcesBefore = await resources();
const [serverClass, handlerClass] = fault
  ? faults[fault]!(LoadServer, LoadHandler)
  : [LoadServer, LoadHandler];
const httpd = await makeServer('127.0.0.1', 0, loadApp(books), {
  serverClass,
  handlerClass,
  ...(tls ? { certfile: CERTFILE } : {}),
});
Object.assign(httpd, SERVER_LIMITS);
const serving = httpd.serveForever();
await say({ port: httpd.serverPort });

await measure;
const heapBefore = await heap();
await say({ measured: true });

await shutdown;
const started = performance.now();
await httpd.shutdown();
const shutdownSeconds = (performance.now() - started) / 1000;
await turn(); // A connection that has been destroyed is closed in the next turn.
const openConnections = await promisify(httpd.socket.getConnections.bind(httpd.socket))();
await httpd.serverClose();
await serving;
await say({ shutDown: true });

const resourcesAfter = await resources();
await collectAll(books.environs, books.signals, books.connections);
const heapAfter = await heap();
const facts: Facts = {
  shutdownSeconds,
  openConnections,
  resourcesBefore,
  resourcesAfter,
  warnings: books.warnings,
  uncaught: books.uncaught,
  serverErrors: books.serverErrors,
  logged: books.logged,
  begun: books.begun,
  closed: books.closed,
  closedAgain: books.closedAgain,
  environs: books.environs.kept,
  signals: books.signals.kept,
  connections: books.connections.kept,
  heapBefore,
  heapAfter,
  highestMemory: process.resourceUsage().maxRSS * 1024,
  mostWaiting: books.mostWaiting,
  calls: books.calls,
};
await say({ facts });
process.disconnect();
