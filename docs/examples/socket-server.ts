// A server on a bare socket: whatever a client sends, it is answered "world", and that is all. There
// is no HTTP in it, so a browser has no use for the answer; start socket-client.ts beside it. Try to
// answer with what the client sent.

import { type AddressInfo, createServer } from 'node:net';

const server = createServer((connection) => {
  connection.on('error', () => {}); // A client that goes away does not end the server.
  connection.once('data', () => connection.end('world'));
});

server.listen(Number(process.argv[2] ?? 9600), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`Listening on ${address} port ${port} ...`);
});
