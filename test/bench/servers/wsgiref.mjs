// This project's server, as built, with its default classes; only the access log is off. With
// --patient idle connections stay open for ever.

import { parseArgs } from 'node:util';
import { makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import { announce } from './announce.mjs';
import { BLOCK, blocks, HELLO } from './bodies.mjs';

const { values } = parseArgs({
  options: {
    protocol: { type: 'string', default: 'HTTP/1.0' },
    app: { type: 'string', default: 'hello' },
    patient: { type: 'boolean', default: false },
  },
});

class QuietHandler extends WSGIRequestHandler {
  protocolVersion = values.protocol;

  logRequest() {}
}

class PatientHandler extends QuietHandler {
  keepAliveTimeout = null;
}

const applications = {
  hello(environ, startResponse) {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [HELLO];
  },

  /** Sends as many bytes as the query says. */
  download(environ, startResponse) {
    const length = Number(environ.QUERY_STRING);
    startResponse('200 OK', [
      ['Content-Type', 'application/octet-stream'],
      ['Content-Length', String(length)],
    ]);
    return blocks(length);
  },

  /** Reads the body, and sends its length. */
  async upload(environ, startResponse) {
    let length = 0;
    for (let block; (block = await environ['wsgi.input'].read(BLOCK)).length > 0;) {
      length += block.length;
    }
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from(String(length))];
  },
};

const handlerClass = values.patient ? PatientHandler : QuietHandler;
const httpd = await makeServer('127.0.0.1', 0, applications[values.app], { handlerClass });
announce(httpd.serverPort);
await httpd.serveForever();
