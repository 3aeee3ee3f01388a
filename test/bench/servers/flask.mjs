// The Flask project of the tests in this project's server, as built; only the access log is off.

import { fileURLToPath } from 'node:url';
import { loadPython } from '@wsgiref/python';
import { makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import { announce } from './announce.mjs';

class QuietHandler extends WSGIRequestHandler {
  logRequest() {}
}

const fixture = (name) => fileURLToPath(new URL(`../../python/fixtures/${name}`, import.meta.url));
const python = await loadPython({
  paths: [fixture('flaskproject'), fixture('shims'), '/usr/lib/python3/dist-packages'],
});
python.pyodide.runPython('import debian_on_314');
const app = python.application('shop:app');
const httpd = await makeServer('127.0.0.1', 0, app, { handlerClass: QuietHandler });
announce(httpd.serverPort);
await httpd.serveForever();
