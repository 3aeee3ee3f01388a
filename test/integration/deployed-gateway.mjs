// A deployment of docs/deploying.md as a gateway of the conformance suite: a web server, and behind it
// the application of the case.

import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseResponse, toRequestBytes } from '@wsgiref/conformance';
import { FastCGIServer, makeServer as makeFastCGIServer } from '@wsgiref/fastcgi';
import { makeServer as makeSCGIServer, SCGIServer } from '@wsgiref/scgi';
import {
  makeServer as makeHTTPServer,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import { makeServer as makeUWSGIServer, UWSGIServer } from '@wsgiref/uwsgi';
import { StringIO } from '@wsgiref/util';
import { fillIn } from './deployments.mjs';
import { freePort, startFcgiwrap, startWebServer } from './web-server.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @param deployment one of `readDeployments()`
 * @param exceptions the cases that the web server bends, and why
 */
export function deployedGateway(deployment, exceptions = {}) {
  let running = null;
  return {
    exceptions,
    async send(request, application, name) {
      running ??= start(deployment);
      const { port, app } = await running;
      const answered = app.expect(application, name);
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(toRequestBytes(request));
      const reply = await buffer(socket);
      return parseResponse(reply, await answered());
    },
    async close() {
      if (!running) return;
      const { stop } = await running;
      await stop();
    },
  };
}

/** Starts the application, and then the web server. */
async function start(deployment) {
  const folder = makeFolder();
  const port = await freePort();
  const app = await (deployment.protocol === 'CGI'
    ? serveScript(folder)
    : serve(deployment.protocol));
  const fcgiwrap = `${folder}/fcgiwrap.sock`;
  const stopFcgiwrap = deployment.config.includes('fcgiwrap')
    ? await startFcgiwrap(fcgiwrap)
    : null;
  const config = fillIn(deployment.config, { port, appPort: app.port, folder, fcgiwrap });
  const stopWebServer = await startWebServer({ ...deployment, config, folder, port });
  return {
    port,
    app,
    async stop() {
      await stopWebServer();
      await stopFcgiwrap?.();
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A folder that web servers may read and write, whoever they run as. */
export function makeFolder() {
  const folder = mkdtempSync(`${tmpdir()}/wsgiref-deployed-`);
  chmodSync(folder, 0o777);
  return folder;
}

/** Puts the builds of packages where a program in that folder finds them. */
export function installPackages(folder, names) {
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  for (const name of names) {
    const target = `${folder}/node_modules/@wsgiref/${name}`;
    mkdirSync(target, { recursive: true });
    for (const part of ['package.json', 'dist']) {
      cpSync(`${ROOT}packages/${name}/${part}`, `${target}/${part}`, { recursive: true });
    }
  }
}

/** Serves by CGI: a script that asks over a socket which case it is. */
async function serveScript(folder) {
  installPackages(folder, ['types', 'util', 'headers', 'handlers', 'validate', 'conformance']);
  const script = readFileSync(new URL('fixtures/app.mjs', import.meta.url), 'utf8');
  writeFileSync(`${folder}/app.js`, `#!${process.execPath}\n${script}`);
  chmodSync(`${folder}/app.js`, 0o755);
  let expected = '';
  let errors = null;
  const link = createServer((socket) => {
    socket.write(expected);
    errors = buffer(socket).then(String);
  });
  link.listen({ path: `${folder}/link.sock`, writableAll: true });
  await once(link, 'listening');
  return {
    port: 0,
    expect(_application, name) {
      expected = name;
      errors = null;
      return async () => (await errors) ?? '';
    },
    async close() {
      link.close();
      await once(link, 'close');
    },
  };
}

/** Serves by a protocol, in this process. */
async function serve(protocol) {
  const running = new Running();
  const { makeServer, serverClass, options } = SERVERS[protocol](running);
  const httpd = await makeServer('127.0.0.1', 0, () => [], { ...options, serverClass });
  const serving = httpd.serveForever();
  return {
    port: httpd.serverPort,
    expect(application) {
      httpd.setApp(application);
      running.errors = httpd.errorLog = new StringIO();
      return async () => {
        await running.idle();
        return running.errors.getvalue();
      };
    },
    async close() {
      await httpd.serverClose();
      await serving;
    },
  };
}

/** Requests that are being served, and what they log. */
class Running {
  errors = new StringIO();
  #count = 0;
  #waiting = [];

  set count(count) {
    this.#count = count;
    if (count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get count() {
    return this.#count;
  }

  /** Waits until every request is done with, its result closed. */
  idle() {
    return this.#count === 0 ? null : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A server that counts the connections that it serves: one for each request. */
function counting(Server, running) {
  return class extends Server {
    async finishRequest(request, clientAddress) {
      running.count++;
      try {
        await super.finishRequest(request, clientAddress);
      } finally {
        running.count--;
      }
    }
  };
}

const SERVERS = {
  HTTP(running) {
    const handlerClass = class extends WSGIRequestHandler {
      getStderr() {
        return running.errors;
      }
      logMessage() {
        // The access log.
      }
    };
    const serverClass = class extends counting(WSGIServer, running) {
      handleError(_request, _clientAddress, error) {
        running.errors.write(`the server failed: ${error}\n`);
      }
    };
    return { makeServer: makeHTTPServer, serverClass, options: { handlerClass } };
  },
  SCGI: (running) => ({ makeServer: makeSCGIServer, serverClass: counting(SCGIServer, running) }),
  uwsgi: (running) => ({
    makeServer: makeUWSGIServer,
    serverClass: counting(UWSGIServer, running),
  }),
  FastCGI(running) {
    // A connection may be kept: what counts are its requests.
    const serverClass = class extends FastCGIServer {
      constructor(...args) {
        super(...args);
        Object.defineProperty(this, 'requestCount', {
          get: () => running.count,
          set(count) {
            running.count = count;
          },
        });
      }
    };
    return { makeServer: makeFastCGIServer, serverClass };
  },
};
