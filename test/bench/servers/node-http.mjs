// node:http, with the headers that this project's server sends. With --patient idle connections stay
// open for ever.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { announce } from './announce.mjs';
import { blocks, HELLO } from './bodies.mjs';

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'hello' },
    patient: { type: 'boolean', default: false },
  },
});

const SERVER = `node:http Node.js/${process.versions.node}`;

function send(response, type, body) {
  response.writeHead(200, {
    Server: SERVER,
    'Content-Type': type,
    'Content-Length': body.length,
  });
  response.end(body);
}

const listeners = {
  hello(request, response) {
    send(response, 'text/plain', HELLO);
  },

  /** Sends as many bytes as the query says. */
  download(request, response) {
    const length = Number(request.url.split('?')[1]);
    response.writeHead(200, {
      Server: SERVER,
      'Content-Type': 'application/octet-stream',
      'Content-Length': length,
    });
    Readable.from(blocks(length), { objectMode: false }).pipe(response);
  },

  /** Reads the body, and sends its length. */
  upload(request, response) {
    let length = 0;
    request.on('data', (block) => (length += block.length));
    request.on('end', () => send(response, 'text/plain', Buffer.from(String(length))));
  },
};

const options = values.patient ? { keepAliveTimeout: 0 } : {};
const server = createServer(options, listeners[values.app]);
server.listen(0, '127.0.0.1', () => announce(server.address().port));
