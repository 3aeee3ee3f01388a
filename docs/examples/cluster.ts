// Several processes on one port, by `node:cluster`: the first process accepts connections and deals
// them out, its workers serve them. SIGTERM, or Ctrl-C, lets requests in flight finish, then all end.
// A worker that dies is not replaced here; try to fork another on the cluster's `exit`.

import cluster from 'node:cluster';
import { makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import type { WSGIApplication } from '@wsgiref/types';

const app: WSGIApplication = async (environ, startResponse) => {
  const milliseconds = Number(environ.QUERY_STRING) || 0; // `/?1000` takes a second.
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const others = environ['wsgi.multiprocess'] ? 'one of several' : 'alone';
  return [Buffer.from(`process ${process.pid}, ${others}\n`)];
};

class Handler extends WSGIRequestHandler {
  override protocolVersion = 'HTTP/1.1';
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  stop.signal.addEventListener('abort', () => {
    for (const worker of workers) worker.process.kill('SIGTERM');
  });
  let listening = 0;
  cluster.on('listening', (_worker, { address, port }) => {
    if (++listening === workers.length) console.log(`Serving HTTP on ${address} port ${port} ...`);
  });
} else {
  const httpd = await makeServer('127.0.0.1', Number(process.argv[2] ?? 8000), app, {
    handlerClass: Handler,
  });
  await httpd.serveForever({ signal: stop.signal });
  await httpd.serverClose();
  cluster.worker!.disconnect();
}
