// Different answers to different URLs: the URL is the second word of the request, and a table says
// which function answers it. The rest of the request is ignored, and one that comes in pieces is not
// put together. What is not found is still `200 OK`: try to put that right.

import { type AddressInfo, createServer } from 'node:net';

function index(): string {
  return 'index';
}

function home(): string {
  return 'home';
}

const urlpattern: [url: string, view: () => string][] = [
  ['/index', index],
  ['/home', home],
];

const server = createServer((connection) => {
  connection.on('error', () => {}); // A client that goes away does not end the server.
  connection.once('data', (data) => {
    const url = data.toString().split(/\s+/)[1];
    console.log(url);
    const found = urlpattern.find(([candidate]) => candidate === url);
    connection.write('HTTP/1.1 200 OK\r\n\r\n');
    connection.end(found ? found[1]() : '404 not found!');
  });
});

server.listen(Number(process.argv[2] ?? 9600), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`Listening on ${address} port ${port} ...`);
});
