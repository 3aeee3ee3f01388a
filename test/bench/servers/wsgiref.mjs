// This project's server, as built, with its default classes; only the access log is off.

import { parseArgs } from 'node:util';
import { makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import { announce } from './announce.mjs';

const { values } = parseArgs({ options: { protocol: { type: 'string', default: 'HTTP/1.0' } } });

class QuietHandler extends WSGIRequestHandler {
  protocolVersion = values.protocol;

  logRequest() {}
}

const BODY = Buffer.from('Hello, World!');

function hello(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [BODY];
}

const httpd = await makeServer('127.0.0.1', 0, hello, { handlerClass: QuietHandler });
announce(httpd.serverPort);
await httpd.serveForever();
