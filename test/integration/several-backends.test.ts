// One application on several hosts behind a web server, with the program and the configurations that
// docs/deploying.md prints: addresses of the loopback stand for hosts. The packages must be built.

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type Backend,
  fillInBackends,
  installApplication,
  Load,
  type Outcome,
  readBalancers,
  startBackend,
  takeEffects,
} from './balancing.mjs';
import { makeFolder } from './deployed-gateway.mjs';
import { fillIn } from './deployments.mjs';
import { freePort, installWebServers, startWebServer } from './web-server.mjs';

jest.setTimeout(180_000);

/** How many requests come before a backend goes away, and how many after it has. */
const SOME = 100;
/** The most requests of one load, should nobody end it. */
const MOST = 20_000;

const balancers = readBalancers();

beforeAll(installWebServers);

describe.each([
  { server: 'nginx', kind: 'processes' },
  { server: 'nginx', kind: 'clusters' },
  { server: 'HAProxy', kind: 'processes' },
  { server: 'HAProxy', kind: 'clusters' },
] as const)('several backends behind $server, $kind', ({ server, kind }) => {
  const isCluster = kind === 'clusters';
  let folder = '';
  const backends: Backend[] = [];
  let stopWebServer: (() => Promise<void>) | null = null;
  let port = 0;

  beforeAll(async () => {
    folder = makeFolder();
    installApplication(folder);
    backends.push(await startBackend(folder, balancers, '127.0.0.1', isCluster));
    backends.push(await startBackend(folder, balancers, '127.0.0.2', !isCluster));
    backends.push(await startBackend(folder, balancers, '127.0.0.3', isCluster));
    backends.push(await startBackend(folder, balancers, '127.0.0.4', !isCluster));
    port = await freePort();
    const config = fillIn(fillInBackends(balancers[server], backends), {
      port,
      appPort: 0,
      folder,
    });
    stopWebServer = await startWebServer({ server, config, folder, port });
  });

  test('one is drained by SIGTERM: no request is lost, no POST served twice', async () => {
    const drained = backends[0]!;
    const load = new Load(port);
    const running = load.run(MOST);
    await load.reach(SOME);
    drained.child.kill('SIGTERM');
    expect(await drained.ended).toBe(0);
    load.finish(SOME);
    await running;

    expect(load.outcomes.length).toBeLessThan(MOST);
    expect(lost(load.outcomes)).toEqual([]);
    const posts = load.outcomes.filter(({ method }) => method === 'POST').map(({ id }) => id);
    expect(takeEffects(folder).sort()).toEqual(posts.sort());
  });

  test('a process is killed: no GET is lost, no POST served twice', async () => {
    const killed = backends[2]!;
    const load = new Load(port);
    const running = load.run(MOST);
    await load.reach(SOME);
    load.holder = killed;
    // Of a cluster those die that hold a request; the others go on, and new ones take their place.
    const holders = new Set(await killed.holders);
    const replaced = once(killed.child, 'message');
    for (const pid of holders) process.kill(pid, 'SIGKILL');
    if (isCluster) expect(await replaced).toEqual(['listening', undefined]);
    else expect(await killed.ended).toBe('SIGKILL');
    load.finish(SOME);
    await running;

    expect(load.outcomes.length).toBeLessThan(MOST);
    expect(lost(load.outcomes.filter(({ method }) => method === 'GET'))).toEqual([]);
    const effects = takeEffects(folder);
    expect(effects).toEqual([...new Set(effects)]);
    const answered = load.outcomes.filter(
      ({ method, status }) => method === 'POST' && status === 200,
    );
    expect(effects).toEqual(expect.arrayContaining(answered.map(({ id }) => id)));
  });

  afterAll(async () => {
    await stopWebServer?.();
    for (const { child, ended } of backends) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true });
  });
});

/** The requests without the answer that is theirs. */
function lost(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ id, status, body }) => status !== 200 || body !== `answered ${id}`);
}
