/* global Bun */
// The application in Bun's server; it prints its port, and ends with its standard input.

import { toFetchHandler } from '@wsgiref/fetch';
import { application } from './application.mjs';

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: toFetchHandler(application, {
    environ: (request, server) => ({ REMOTE_ADDR: server.requestIP(request)?.address }),
  }),
});
console.log(server.port);
process.stdin.on('end', () => process.exit()).resume();
