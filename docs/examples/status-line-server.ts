// The server that a browser understands: before "world" goes the status line, and the blank line that
// ends the headers, of which there are none. It does not look at the request: every URL and method
// gets the same. Try to add a header, such as `Content-Type: text/html`.

import { type AddressInfo, createServer } from 'node:net';

const server = createServer((connection) => {
  connection.on('error', () => {}); // A client that goes away does not end the server.
  connection.once('data', () => {
    connection.write('HTTP/1.1 200 OK\r\n\r\n');
    connection.end('world');
  });
});

server.listen(Number(process.argv[2] ?? 9600), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`Listening on ${address} port ${port} ...`);
});
