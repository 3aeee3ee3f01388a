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

/** `WSGIServer`, over a socket for each request. */
export function wsgiServerGateway() {
  const server = quietServer();
  return {
    async send(request, application) {
      const errors = await server.answerBy(application);
      const socket = connect(server.port, '127.0.0.1');
      socket.write(toRequestBytes(request));
      return parseResponse(await buffer(socket), errors.getvalue());
    },
    close: server.close,
  };
}

/** `WSGIServer` with HTTP/1.1, over a socket for as long as it stays open. */
export function persistentGateway() {
  const server = quietServer('HTTP/1.1');
  let connection = null;
  const gateway = {
    /** How many connections there have been. */
    connections: 0,
    async send(request, application) {
      const errors = await server.answerBy(application);
      if (connection === null) {
        gateway.connections++;
        connection = new PersistentConnection(connect(server.port, '127.0.0.1'));
      }
      const response = await connection.ask(request);
      // A result is closed after its last byte, which may not be what the head has announced.
      const { isLast } = await server.served();
      if (isLast) {
        await connection.end();
        connection = null;
      }
      return { ...response, errors: errors.getvalue() };
    },
    async close() {
      connection?.close();
      await server.close();
    },
  };
  return gateway;
}

/** A client's side of a connection of HTTP/1.1. */
class PersistentConnection {
  #socket;
  #received = Buffer.alloc(0);
  #look = () => {};
  #ended = false;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (block) => {
      this.#received = Buffer.concat([this.#received, block]);
      this.#look();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#look();
    });
    socket.on('error', (error) => socket.destroy(error));
  }

  /** Sends a request, and reads the response to it, and no more. */
  async ask(request) {
    if (this.#received.length > 0) {
      throw new Error(`the server sent more than a response: ${this.#received}`);
    }
    const bytes = Buffer.from(toRequestBytes(request)).toString('latin1');
    this.#socket.write(bytes.replace(' HTTP/1.0\r\n', ' HTTP/1.1\r\n'), 'latin1');
    let response;
    // RFC 9110 §15.2: an interim response comes before the final one.
    do {
      const end = await this.#until(() => this.#received.indexOf('\r\n\r\n') + 1);
      response = parseResponse(this.#take(end + 3), '');
    } while (response.status.startsWith('1'));
    const headers = new Headers(response.headers);
    const code = Number(response.status.slice(0, 3));
    const blocks = [];
    if (request.method === 'HEAD' || code === 204 || code === 304) {
      // RFC 9112 §6.3: the head is all there is.
    } else if (headers.get('Transfer-Encoding') === 'chunked') {
      for (let size = -1; size !== 0 && !this.#ended;) {
        size = await this.#until(() => this.#received.indexOf('\r\n') + 1);
        size = parseInt(this.#take(size + 1).toString('latin1'), 16);
        await this.#until(() => this.#received.length >= size + 2);
        blocks.push(this.#take(size));
        this.#take(2);
      }
    } else {
      const length = headers.has('Content-Length')
        ? Number(headers.get('Content-Length'))
        : Infinity;
      await this.#until(() => this.#received.length >= length);
      blocks.push(this.#take(length));
    }
    return {
      status: response.status,
      // RFC 9112 §7.1.3: who decodes the chunks takes the header away; §9.6: and `Connection`.
      headers: response.headers.filter(([name]) => !/^(transfer-encoding|connection)$/i.test(name)),
      body: Buffer.concat(blocks),
    };
  }

  /** Waits until the server has closed it: nothing comes before that. */
  async end() {
    await this.#until(() => false);
    if (this.#received.length > 0) {
      throw new Error(`the server sent more than a response: ${this.#received}`);
    }
  }

  close() {
    this.#socket.destroy();
  }

  #take(size) {
    const taken = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return taken;
  }

  /** Waits until something is true, or the server has closed the connection. */
  #until(condition) {
    return new Promise((resolve) => {
      this.#look = () => {
        const value = condition();
        if (!value && !this.#ended) return;
        this.#look = () => {};
        resolve(value);
      };
      this.#look();
    });
  }
}

/** A server whose application can be changed. */
function quietServer(protocolVersion = 'HTTP/1.0') {
  let errors;
  let httpd = null;
  let serving;
  let serve;
  let served;

  class RequestHandler extends WSGIRequestHandler {
    protocolVersion = protocolVersion;

    async handleOneRequest() {
      await super.handleOneRequest();
      serve({ isLast: this.closeConnection });
    }
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
    get port() {
      return httpd.serverPort;
    },
    /** Has the next request answered by an application. Returns what is logged meanwhile. */
    async answerBy(application) {
      if (!httpd) {
        const options = { serverClass: Server, handlerClass: RequestHandler };
        httpd = await makeServer('127.0.0.1', 0, application, options);
        serving = httpd.serveForever();
      }
      errors = new StringIO();
      served = new Promise((resolve) => (serve = resolve));
      httpd.setApp(application);
      return errors;
    },
    /** Settles when the request has been served. Returns whether it is the last of its connection. */
    served: () => served,
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
