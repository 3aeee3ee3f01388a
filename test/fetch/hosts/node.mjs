// The application in Node's server, through the adapter of Hono; it prints its port, and ends with its
// standard input.

import { serve } from '@hono/node-server';
import { toFetchHandler } from '@wsgiref/fetch';
import { application } from './application.mjs';

const fetch = toFetchHandler(application, {
  environ: (_request, { incoming }) => ({ REMOTE_ADDR: incoming.socket.remoteAddress }),
});
serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));
process.stdin.on('end', () => process.exit()).resume();
