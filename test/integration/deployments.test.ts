// Real web servers, with the configurations that docs/deploying.md prints. Where a server bends a case,
// bends.mjs says how. The packages must be built, for those that a web server starts.

import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { caseGroups, cases, runCase } from '@wsgiref/conformance';
import * as fastcgi from '@wsgiref/fastcgi';
import * as scgi from '@wsgiref/scgi';
import * as uwsgi from '@wsgiref/uwsgi';
import { defer, serveGateway } from '../support/serve-gateway.ts';
import { bends } from './bends.mjs';
import { deployedGateway, installPackages, makeFolder } from './deployed-gateway.mjs';
import { fillIn, readDeployments } from './deployments.mjs';
import { freePort, installWebServers, startWebServer } from './web-server.mjs';

jest.setTimeout(180_000);

const deployments = readDeployments();

/** A process for every case takes its time; `node scripts/deployments.mjs` runs them all. */
const WHERE_A_PROCESS_MATTERS = [
  'SCRIPT_NAME and PATH_INFO together are the path',
  'the path is percent-decoded into bytes, each of which is a character',
  'a long request body comes in whole',
  'a request body that the application does not read does no harm to the response',
  'a body that is longer than any buffer is sent whole, and in order',
  'a result is closed if it has more than Content-Length says',
];

beforeAll(installWebServers);

test('every bend is one of a deployment on the page, and of a case', () => {
  expect(Object.keys(bends).sort()).toEqual(deployments.map(({ name }) => name).sort());
  const names = cases.map(({ name }) => name);
  for (const ofOne of Object.values(bends)) {
    expect(names).toEqual(expect.arrayContaining(Object.keys(ofOne)));
  }
});

describe.each(deployments.map((deployment) => [deployment.name, deployment] as const))(
  '%s',
  (name, deployment) => {
    const exceptions = bends[name]!;
    const gateway = deployedGateway(deployment, exceptions);
    const chosen =
      deployment.protocol !== 'CGI'
        ? cases
        : cases.filter(
            (one) =>
              one.name in exceptions ||
              WHERE_A_PROCESS_MATTERS.includes(one.name) ||
              Object.values(caseGroups).some(([first]) => one === first),
          );

    test.each(
      chosen.map((one) => {
        const bend = exceptions[one.name];
        return [bend === undefined ? one.name : `not: ${one.name} (${bend})`, one] as const;
      }),
    )('%s', async (_title, one) => {
      const { outcome, message } = await runCase(gateway, one, 30_000);
      if (outcome === 'fail') throw new Error(message);
    });

    afterAll(async () => {
      await gateway.close?.();
    });
  },
);

describe('wsgiref.signal', () => {
  const MAKERS = { FastCGI: fastcgi.makeServer, SCGI: scgi.makeServer, uwsgi: uwsgi.makeServer };
  const telling = deployments.flatMap((deployment) => {
    const { name, server, protocol } = deployment;
    if (server !== 'nginx' || protocol === 'HTTP' || protocol === 'CGI') return [];
    return [[name, deployment, MAKERS[protocol]] as const];
  });

  test.each(telling)(
    'behind %s fires when the client goes away, and nothing is logged',
    async (_name, deployment, makeServer) => {
      const begun = defer();
      const fired = defer();
      const ended = defer();
      await using server = await serveGateway(makeServer, async (environ) => {
        const signal = environ['wsgiref.signal']!;
        signal.addEventListener('abort', () => fired.resolve());
        begun.resolve();
        await fired.promise;
        ended.resolve();
        throw signal.reason as Error;
      });
      const folder = makeFolder();
      const port = await freePort();
      const config = fillIn(deployment.config, { port, appPort: server.address.port, folder });
      const stop = await startWebServer({ ...deployment, config, folder, port });
      try {
        const client = connect(port, '127.0.0.1');
        client.write('GET / HTTP/1.0\r\n\r\n');
        await begun.promise;
        client.destroy();
        await ended.promise;
        await server.httpd.shutdown();
        expect(server.log.text).toBe('');
      } finally {
        await stop();
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('a web server that keeps its connections', () => {
  const keeping = deployments.filter((deployment) => deployment.kept !== null);

  test.each(keeping.map((deployment) => [deployment.name, deployment] as const))(
    '%s: one serves many requests',
    async (_name, deployment) => {
      const connections = new Set<unknown>();
      await using server = await serveGateway(
        fastcgi.makeServer,
        async (environ, startResponse) => {
          const body = await environ['wsgi.input'].read();
          startResponse('200 OK', [['Content-Type', 'text/plain']]);
          return [Buffer.from(environ.PATH_INFO), body];
        },
      );
      server.httpd.socket.on('connection', (connection) => connections.add(connection));
      const folder = makeFolder();
      const port = await freePort();
      const config = fillIn(deployment.kept!, { port, appPort: server.address.port, folder });
      const stop = await startWebServer({ ...deployment, config, folder, port });
      try {
        for (let n = 0; n < 10; n++) {
          const init = { method: 'POST', body: `: ${n}` };
          const response = await fetch(`http://127.0.0.1:${port}/${n}`, init);
          expect(await response.text()).toBe(`/${n}: ${n}`);
        }
        expect(connections.size).toBe(1);
      } finally {
        await stop();
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('a web server that starts the application', () => {
  const started = deployments.filter((deployment) => deployment.started !== null);

  test.each(started.map((deployment) => [deployment.name, deployment] as const))(
    '%s',
    async (_name, deployment) => {
      const folder = makeFolder();
      const protocol = deployment.protocol.toLowerCase();
      const names = ['types', 'util', 'headers', 'handlers', 'simple-server', 'gateway', protocol];
      installPackages(folder, names);
      writeFileSync(
        `${folder}/server.js`,
        `import { makeServer } from '@wsgiref/${protocol}';
        const httpd = await makeServer('fd:0', 0, (environ, startResponse) => {
          startResponse('200 OK', [['Content-Type', 'text/plain']]);
          return [Buffer.from('started for ' + environ.PATH_INFO)];
        });
        const stop = new AbortController();
        process.once('SIGTERM', () => stop.abort());
        await httpd.serveForever({ signal: stop.signal });
        await httpd.serverClose();`,
      );
      const port = await freePort();
      const config = fillIn(deployment.started!, { port, appPort: 0, folder });
      const stop = await startWebServer({ ...deployment, config, folder, port });
      try {
        const response = await fetch(`http://127.0.0.1:${port}/here`);
        expect(await response.text()).toBe('started for /here');
      } finally {
        await stop();
        rmSync(folder, { recursive: true });
      }
    },
  );
});
