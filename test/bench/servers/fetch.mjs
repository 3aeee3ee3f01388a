// An application as a Fetch handler in the server of Hono, as built; with --bare a Fetch handler that
// does the same.

import { serve } from '@hono/node-server';
import { toFetchHandler } from '@wsgiref/fetch';
import { announce } from './announce.mjs';

const BODY = Buffer.from('Hello, World!');

function hello(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [BODY];
}

function bare() {
  const headers = { 'Content-Type': 'text/plain', 'Content-Length': String(BODY.length) };
  return new Response(BODY, { headers });
}

const fetch = process.argv.includes('--bare') ? bare : toFetchHandler(hello);
serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => announce(port));
