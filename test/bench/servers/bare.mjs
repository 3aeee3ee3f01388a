// As little as a server on node:net can do: it parses nothing, and answers each block of bytes with
// a fixed string of the bytes that this project's server sends. With --close it closes, too.

import { createServer } from 'node:net';
import { announce } from './announce.mjs';

const closes = process.argv.includes('--close');

const RESPONSE =
  `HTTP/1.${closes ? 0 : 1} 200 OK\r\n` +
  'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n' +
  `Server: WSGIServer/0.2 Node.js/${process.versions.node}\r\n` +
  'Content-Type: text/plain\r\n' +
  'Content-Length: 13\r\n' +
  '\r\n' +
  'Hello, World!';

const server = createServer((connection) => {
  connection.on('error', () => {});
  if (closes) connection.once('data', () => connection.end(RESPONSE, 'latin1'));
  else connection.on('data', () => connection.write(RESPONSE, 'latin1'));
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));
