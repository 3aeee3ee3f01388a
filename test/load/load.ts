// A run of the load: a server process, its clients in this process, and what came of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { broken } from './clients/broken.ts';
import { good } from './clients/good.ts';
import { slow } from './clients/slow.ts';
import { vanishing } from './clients/vanishing.ts';
import { Problem } from './connection.ts';
import { Ledger } from './ledger.ts';
import { handlerLimits, type Protocol, SERVER_LIMITS } from './limits.ts';
import type { Facts } from './messages.ts';
import { Random } from './random.ts';
import { ServerProcess } from './server-process.ts';
import { Refused, type Run, type Visit } from './visit.ts';
import { judge, judgeExit } from './verdict.ts';

/** What clients there are, and how they share the connections. */
const CLIENTS = {
  good: { act: good, share: 50 },
  slow: { act: slow, share: 20 },
  broken: { act: broken, share: 15 },
  vanishing: { act: vanishing, share: 15 },
} as const;

/** A kind of client. */
export type ClientKind = keyof typeof CLIENTS;

const KINDS = Object.keys(CLIENTS) as ClientKind[];

/** Part of a run that comes before it is measured. */
const WARM_UP = 1 / 5;

/** Problems after which there is no point in going on, if nothing else is asked for. */
const ENOUGH = 50;

/** Seconds that the server process may take to answer beyond what it is asked to do. */
const PATIENCE = 20;

/** How a run is to be. */
export interface LoadOptions {
  protocol: Protocol;
  /** Whether over TLS. */
  tls?: boolean;
  /** What all that is random follows from. */
  seed: number;
  /** How many connections there are at a time. */
  connections: number;
  /** How long it lasts, besides the warm-up: so many seconds, or visits of each client. */
  length: { seconds: number } | { visits: number };
  /** What kinds of clients there are; all by default. */
  kinds?: readonly ClientKind[];
  /** The name of a fault that the server is to have. */
  fault?: string | null;
  /** Seconds that the server may be silent while something is to come. */
  patience?: number;
  /** Problems after which there is no point in going on. */
  enough?: number;
}

/** What came of a run. */
export interface LoadResult {
  /** How many visits there were of each kind of client. */
  visits: Record<ClientKind, number>;
  ledger: Ledger;
  /** Seconds between the warm-up and the shutdown. */
  seconds: number;
  /** What the server process has seen; null if it did not say. */
  facts: Facts | null;
  /** Everything that was not as it should be, in words. */
  problems: string[];
}

/** Puts a server under load, and shuts it down in the middle of it. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { protocol, seed, connections, length, fault = null, patience = PATIENCE } = options;
  const { tls = false, kinds = KINDS, enough = ENOUGH } = options;
  const [server, port] = await ServerProcess.start({ protocol, tls, fault });
  const ledger = new Ledger();
  const problems: string[] = [];
  const visits = { good: 0, slow: 0, broken: 0, vanishing: 0 };
  const run: Run = {
    port,
    protocol,
    tls,
    limits: handlerLimits(protocol),
    patience,
    ledger,
    stopping: false,
  };
  const workers = shareOut(connections, kinds);
  const turns = workers.map(() => 0);

  /** Has a client go on, one visit after the other. */
  const work = async (worker: number, goesOn: () => boolean): Promise<void> => {
    const kind = workers[worker]!;
    while (goesOn() && problems.length < enough) {
      const turn = turns[worker]!++;
      // What the run shares changes: it is looked up, not copied.
      const visit: Visit = Object.create(run, {
        random: { value: new Random(seed, worker, turn) },
      }) as Visit;
      try {
        await CLIENTS[kind].act(visit);
        visits[kind]++;
      } catch (error) {
        if (error instanceof Refused) return;
        const said = error instanceof Problem ? error.message : (error as Error).stack;
        problems.push(`${kind} client ${worker}.${turn}: ${said}`);
      }
    }
  };
  const workAll = (makeGoesOn: () => () => boolean): Promise<unknown> =>
    Promise.all(workers.map((_, worker) => work(worker, makeGoesOn())));
  const part = (factor: number): (() => () => boolean) => {
    if ('seconds' in length) {
      const end = performance.now() + length.seconds * factor * 1000;
      return () => () => performance.now() < end;
    }
    return () => {
      let left = Math.ceil(length.visits * factor);
      return () => left-- > 0;
    };
  };

  try {
    await workAll(part(WARM_UP));
    if (!(await server.measure(PATIENCE))) problems.push('the server does not answer');
    const started = performance.now();
    await workAll(part(1));
    const seconds = (performance.now() - started) / 1000;

    // Until they are refused.
    const last = workAll(() => () => true);
    await moreAnswers(ledger, connections, () => problems.length >= enough);
    run.stopping = true;
    const isShutDown = await server.shutdown(SERVER_LIMITS.shutdownTimeout + patience);
    if (!isShutDown) problems.push('shutdown() did not resolve');
    await last;
    const facts = isShutDown ? await server.facts(PATIENCE) : null;
    if (facts) problems.push(...judge(facts, ledger));
    else problems.push('the server has not said what it has seen');
    problems.push(...judgeExit(await server.exit(patience)));
    return { visits, ledger, seconds, facts, problems };
  } finally {
    await server.exit(0);
  }
}

/** Returns what kind each client is of: at least one of each. */
function shareOut(connections: number, kinds: readonly ClientKind[]): ClientKind[] {
  const all = kinds.reduce((sum, kind) => sum + CLIENTS[kind].share, 0);
  return kinds.flatMap((kind) => {
    const count = Math.max(1, Math.round((connections * CLIENTS[kind].share) / all));
    return Array.from({ length: count }, () => kind);
  });
}

/** Waits until so many more requests have been answered: the load is on again. */
async function moreAnswers(ledger: Ledger, more: number, isHopeless: () => boolean): Promise<void> {
  const enough = ledger.counts.answered + more;
  while (ledger.counts.answered < enough && !isHopeless()) await sleep(5);
}
