// The development server of a Flask project: Python runs in this process, as WebAssembly, and answers
// what our server is asked. The project and Flask come from folders of this system; nothing of either
// knows that its server is not Python's. It serves one request at a time, and takes no notice of changes.
// Try `node dist/flask-server.js 5000 hello:app /path/to/project /path/to/site-packages`, with a project
// of your own, and then raise an exception in it: the traceback is in the terminal.

import type { AddressInfo } from 'node:net';
import { loadPython } from '@wsgiref/python';
import { makeServer } from '@wsgiref/simple-server';

const [name = 'hello:app', ...paths] = process.argv.slice(3);
const python = await loadPython({ paths });
const app = python.application(name);
const httpd = await makeServer('127.0.0.1', Number(process.argv[2] ?? 5000), app);
const { address, port } = httpd.socket.address() as AddressInfo;
console.log(`Serving ${name} on ${address} port ${port} ...`);
await httpd.serveForever();
