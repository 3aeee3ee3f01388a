// An application mounted in Express, as built; with --bare a handler of Express's own that does the
// same.

import express from 'express';
import { toRequestListener } from '@wsgiref/node-http';
import { announce } from './announce.mjs';

const BODY = Buffer.from('Hello, World!');

function hello(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [BODY];
}

function bare(_request, response) {
  response.setHeader('Content-Type', 'text/plain');
  response.setHeader('Content-Length', BODY.length);
  response.end(BODY);
}

const app = express().use('/', process.argv.includes('--bare') ? bare : toRequestListener(hello));
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));
