// node:http, with the headers that this project's server sends.

import { createServer } from 'node:http';
import { announce } from './announce.mjs';

const BODY = Buffer.from('Hello, World!');

const server = createServer((request, response) => {
  response.writeHead(200, {
    Server: `node:http Node.js/${process.versions.node}`,
    'Content-Type': 'text/plain',
    'Content-Length': BODY.length,
  });
  response.end(BODY);
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));
