// The gateways of this repository, each as the suite wants it. Plain JavaScript, since
// scripts/conformance.mjs runs them without a compiler.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { memoryGateway, parseResponse, toEnviron, toRequestBytes } from '@wsgiref/conformance';
import { makeServer as makeFastCGIServer } from '@wsgiref/fastcgi';
import { BaseCGIHandler, SimpleHandler } from '@wsgiref/handlers';
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
