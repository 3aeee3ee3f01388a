// The gateways of this repository, each as the suite wants it. Plain JavaScript, since
// scripts/conformance.mjs runs them without a compiler.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { memoryGateway, parseResponse, toEnviron, toRequestBytes } from '@wsgiref/conformance';
import { makeServer as makeFastCGIServer } from '@wsgiref/fastcgi';
import { FetchHandler, fromFetchHandler, toFetchHandler } from '@wsgiref/fetch';
import { BaseCGIHandler, SimpleHandler } from '@wsgiref/handlers';
import { fromRequestListener, toRequestListener } from '@wsgiref/node-http';
import { makeServer as makeSCGIServer } from '@wsgiref/scgi';
import { makeServer, WSGIRequestHandler, WSGIServer } from '@wsgiref/simple-server';
import { makeServer as makeUWSGIServer } from '@wsgiref/uwsgi';
import { StringIO } from '@wsgiref/util';
import {
  ask,
  fcgiRequest,
  fcgiResponse,
  scgiRequest,
  splitFcgi,
  uwsgiRequest,
} from '../support/gateway-clients.mjs';

/** RFC 3875 §6.3: the web server completes the response of a script. */
const BEHIND_A_SERVER = {
  'a Date is added where the application gives none': 'the web server in front adds it',
};

/** RFC 9113 §8.3.2: HTTP/2 has no reason phrase. */
const WITHOUT_PHRASE = Object.fromEntries(
  [
    'the status is the one that the application has given, phrase included',
    'with the caught error, and nothing sent, a second call replaces status and headers',
  ].map((name) => [name, 'HTTP/2 has no reason phrase']),
);

/** What a Request does not carry, and what the host makes of a Response. */
const IN_FETCH = {
  'a Date is added where the application gives none': 'the host of a Fetch handler adds it',
  'the address of the client is in REMOTE_ADDR':
    'a Request does not know it: the host tells, by the option `environ`',
};

/** `SimpleHandler`, in memory. */
export function simpleHandlerGateway() {
  return memoryGateway((...streams) => new SimpleHandler(...streams));
}

/** `BaseCGIHandler`, in memory. */
export function baseCGIHandlerGateway() {
  return memoryGateway((...streams) => new BaseCGIHandler(...streams), BEHIND_A_SERVER);
}

/**
 * `CGIHandler`, in a process for each request.
 *
 * @param nodeOptions how Node finds the packages; by default their builds
 */
export function cgiHandlerGateway(nodeOptions = []) {
  const script = fileURLToPath(new URL('cgi-script.mjs', import.meta.url));
  return {
    exceptions: BEHIND_A_SERVER,
    async send(request, _application, name) {
      const child = start([process.execPath, ...nodeOptions, script, name], toEnviron(request));
      // A script need not read its input.
      child.stdin.on('error', () => {});
      child.stdin.end(request.body);
      const [output, errors] = await Promise.all([
        buffer(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return parseResponse(output, errors);
    },
  };
}

/** Starts a program with variables in native strings. */
function start(command, variables) {
  const env = {};
  let exports = '';
  for (const [name, value] of Object.entries(variables)) {
    if (/^[\0-\x7f]*$/.test(value)) env[name] = value;
    else exports += `export ${name}="$(printf '${octal(value)}')"; `;
  }
  if (exports === '') return spawn(command[0], command.slice(1), { env });
  // Node encodes variables as UTF-8, whatever bytes they should hold; a shell does not.
  return spawn('sh', ['-c', `${exports} exec "$@"`, 'sh', ...command], { env });
}

function octal(text) {
  return Buffer.from(text, 'latin1').reduce(
    (escaped, byte) => `${escaped}\\${byte.toString(8).padStart(3, '0')}`,
    '',
  );
}

/** `WSGIServer`, over a socket. */
export function wsgiServerGateway() {
  let errors;
  let httpd = null;
  let serving;

  class RequestHandler extends WSGIRequestHandler {
    getStderr() {
      return errors;
    }
    logMessage() {
      // The access log.
    }
  }

  class Server extends WSGIServer {
    handleError(_request, _clientAddress, error) {
      errors.write(`the server failed: ${error}\n`);
    }
  }

  return {
    async send(request, application) {
      if (!httpd) {
        const options = { serverClass: Server, handlerClass: RequestHandler };
        httpd = await makeServer('127.0.0.1', 0, application, options);
        serving = httpd.serveForever();
      }
      errors = new StringIO();
      httpd.setApp(application);
      const socket = connect(httpd.serverPort, '127.0.0.1');
      socket.write(toRequestBytes(request));
      return parseResponse(await buffer(socket), errors.getvalue());
    },
    async close() {
      await httpd?.serverClose();
      await serving;
    },
  };
}

/** `FastCGIServer`, over a socket. */
export function fastCGIGateway() {
  return socketGateway(makeFastCGIServer, async (address, request) => {
    const reply = await ask(address, fcgiRequest(toEnviron(request), request.body));
    return fcgiResponse(splitFcgi(reply).records).stdout;
  });
}

/** `SCGIServer`, over a socket. */
export function scgiGateway() {
  return socketGateway(makeSCGIServer, (address, request) =>
    ask(address, scgiRequest(toEnviron(request), request.body)),
  );
}

/** `UWSGIServer`, over a socket. */
export function uwsgiGateway() {
  return socketGateway(makeUWSGIServer, (address, request) =>
    ask(address, uwsgiRequest(toEnviron(request), request.body)),
  );
}

/** A server for a gateway protocol: how it is made, and how it is asked. */
function socketGateway(makeServer, askServer) {
  let httpd = null;
  let serving;
  return {
    exceptions: BEHIND_A_SERVER,
    async send(request, application) {
      if (!httpd) {
        httpd = await makeServer('127.0.0.1', 0, application);
        serving = httpd.serveForever();
      }
      const errors = new StringIO();
      httpd.errorLog = errors;
      httpd.setApp(application);
      const address = { host: '127.0.0.1', port: httpd.serverPort };
      const reply = await askServer(address, request);
      return parseResponse(reply, errors.getvalue());
    },
    async close() {
      await httpd?.serverClose();
      await serving;
    },
  };
}
/** `toRequestListener()` in a server of `node:http`, over a socket. */
export function nodeHttpGateway() {
  const server = createServer();
  return {
    async send(request, application) {
      if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
      const { errors, done } = listen(server, application);
      const socket = connect(server.address().port, '127.0.0.1');
      socket.write(toRequestBytes(request));
      const output = await buffer(socket);
      await done;
      return parseResponse(output, errors.getvalue());
    },
    async close() {
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

/** `toRequestListener()` in a server of `node:http2`, over a socket. */
export function nodeHttp2Gateway() {
  const server = createHttp2Server();
  let session = null;
  return {
    exceptions: WITHOUT_PHRASE,
    async send(request, application) {
      if (!session) {
        await once(server.listen(0, '127.0.0.1'), 'listening');
        session = connectHttp2(`http://127.0.0.1:${server.address().port}`);
      }
      const { errors, done } = listen(server, application);
      const stream = session.request(toHttp2Headers(request), { endStream: false });
      stream.end(request.body);
      const [head, , rawHeaders] = await once(stream, 'response');
      const blocks = [];
      // One that was cut off ends with an error; what has come before counts.
      await stream.forEach((block) => blocks.push(block)).catch(() => {});
      await done;
      return {
        status: `${head[':status']} `,
        headers: pairs(rawHeaders).filter(([name]) => !name.startsWith(':')),
        body: Buffer.concat(blocks),
        errors: errors.getvalue(),
      };
    },
    async close() {
      session?.close();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

/** `toRequestListener()` within `fromRequestListener()`, in memory. */
export function requestListenerGateway() {
  return memoryGateway((stdin, stdout, stderr, environ) => ({
    async run(application) {
      const listener = toRequestListener(application, { errors: stderr });
      let done;
      const there = fromRequestListener((...args) => (done = listener(...args)));
      await new SimpleHandler(stdin, stdout, stderr, environ).run(there);
      await done;
    },
  }));
}

/** `toFetchHandler()`, in memory. */
export function fetchGateway() {
  return {
    exceptions: IN_FETCH,
    async send({ method, target, headers, body }, application) {
      const errors = new StringIO();
      const { done, Handler } = finishing();
      const handler = toFetchHandler(application, { errors, handlerClass: Handler });
      const fields = new Headers(headers);
      if (body.length > 0) fields.set('Content-Length', String(body.length));
      const init = { method, headers: fields, ...(body.length > 0 && { body }) };
      const response = await handler(new Request(`http://localhost${target}`, init));
      const blocks = [];
      try {
        for await (const block of response.body ?? []) blocks.push(block);
      } catch {
        // One that was broken off ends with an error; what has come before counts.
      }
      await done;
      return {
        status: `${response.status} ${response.statusText}`,
        headers: [...response.headers],
        body: Buffer.concat(blocks),
        errors: errors.getvalue(),
      };
    },
  };
}

/** `toFetchHandler()` within `fromFetchHandler()`, in memory. */
export function fetchHandlerGateway() {
  const address = 'the address of the client is in REMOTE_ADDR';
  return memoryGateway(
    (stdin, stdout, stderr, environ) => ({
      async run(application) {
        const { done, Handler } = finishing();
        const handler = toFetchHandler(application, { errors: stderr, handlerClass: Handler });
        await new SimpleHandler(stdin, stdout, stderr, environ).run(fromFetchHandler(handler));
        await done;
      },
    }),
    { [address]: IN_FETCH[address] },
  );
}

/** A class of handlers that tells when it is done with the request. */
function finishing() {
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  class Handler extends FetchHandler {
    async run(application) {
      try {
        await super.run(application);
      } finally {
        finish();
      }
    }
  }
  return { done, Handler };
}

/** Has a server answer its next request by an application. */
function listen(server, application) {
  const errors = new StringIO();
  const listener = toRequestListener(application, { errors });
  const done = once(server, 'request').then((args) => listener(...args));
  return { errors, done };
}

function toHttp2Headers({ method, target, headers, body }) {
  const fields = { ':method': method, ':path': target, ':authority': 'localhost' };
  for (const [name, value] of headers) {
    (fields[name.toLowerCase()] ??= []).push(value);
  }
  if (body.length > 0) fields['content-length'] = body.length;
  return fields;
}

function pairs(list) {
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);
}
