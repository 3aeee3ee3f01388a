// One request, then the end: make a server for an application, serve, close. `demoApp` greets and
// shows its environ, which is everything that an application is told of a request. Try the same with
// `await httpd.serveForever()`, and then with a host of `''`, which listens on all addresses.

import type { AddressInfo } from 'node:net';
import { demoApp, makeServer } from '@wsgiref/simple-server';

const httpd = await makeServer('127.0.0.1', Number(process.argv[2] ?? 8000), demoApp);
const { address, port } = httpd.socket.address() as AddressInfo;
console.log(`Serving HTTP on ${address} port ${port} ...`);
console.log(`Open http://${address}:${port}/xyz?abc`);
await httpd.handleRequest();
await httpd.serverClose();
