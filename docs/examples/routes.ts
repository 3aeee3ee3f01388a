// The router once more, but the server comes from this repository: it reads the request, and the
// application finds its path in the environ. An application knows nothing of sockets, so that any
// WSGI server can run it: gopher-server.ts runs this one. As with router.ts, what is not found is
// still `200 OK`: try to put that right here, where it takes one word.

import { makeServer } from '@wsgiref/simple-server';
import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';

function index(): Uint8Array {
  return Buffer.from('index');
}

function home(): Uint8Array {
  return Buffer.from('home');
}

const urlpattern: [path: string, view: () => Uint8Array][] = [
  ['/index', index],
  ['/home', home],
];

export function simpleApp(environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const found = urlpattern.find(([path]) => path === environ.PATH_INFO);
  return [found ? found[1]() : Buffer.from('404 not found!')];
}

if (import.meta.filename === process.argv[1]) {
  const srv = await makeServer('127.0.0.1', Number(process.argv[2] ?? 9000), simpleApp);
  console.log(`Serving HTTP on 127.0.0.1 port ${srv.serverPort} ...`);
  await srv.serveForever();
}
