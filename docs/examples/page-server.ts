// The body comes from a file, index.html of the current folder unless another is named. The file is
// read for each request: edit it, reload the page, and see. A file that is missing ends the server;
// try to answer with a `404 Not Found` instead.

import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';

const page = process.argv[3] ?? 'index.html';

const server = createServer((connection) => {
  connection.on('error', () => {}); // A client that goes away does not end the server.
  connection.once('data', () => {
    connection.write('HTTP/1.1 200 OK\r\n\r\n');
    connection.end(readFileSync(page));
  });
});

server.listen(Number(process.argv[2] ?? 9600), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`Listening on ${address} port ${port} ...`);
});
