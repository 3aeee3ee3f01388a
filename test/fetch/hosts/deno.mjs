/* global Deno */
// The application in Deno's server; it prints its port, and ends with its standard input.

import { toFetchHandler } from '@wsgiref/fetch';
import { application } from './application.mjs';

const handler = toFetchHandler(application, {
  environ: (_request, info) => ({ REMOTE_ADDR: info.remoteAddr.hostname }),
});
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: ({ port }) => console.log(port) }, handler);
await Deno.stdin.readable.pipeTo(new WritableStream());
Deno.exit();
