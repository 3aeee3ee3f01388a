// An application behind nginx, which it is asked through: by FastCGI, SCGI or uwsgi, or node:http by
// HTTP. Connections to the application are kept where the protocol can, but with --close.

import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { freePort } from '../../integration/web-server.mjs';
import { announce } from './announce.mjs';

const [protocol, close] = process.argv.slice(2);
const isClosing = close === '--close';
const BODY = Buffer.from('Hello, World!');
const HEADERS = { 'Content-Type': 'text/plain' };

/** What nginx is told of each protocol. */
const LOCATIONS = {
  fastcgi: `include /etc/nginx/fastcgi_params; fastcgi_keep_conn ${isClosing ? 'off' : 'on'}; fastcgi_pass app;`,
  scgi: 'include /etc/nginx/scgi_params; scgi_pass app;',
  uwsgi: 'include /etc/nginx/uwsgi_params; uwsgi_pass app;',
  'node-http': `proxy_http_version 1.1; proxy_set_header Connection "${isClosing ? 'close' : ''}"; proxy_pass http://app;`,
};

const appPort = await (protocol === 'node-http' ? serveHttp() : serveGateway());
const port = await freePort();
startNginx();
while (!(await isListening())) continue;
announce(port);

function hello(environ, startResponse) {
  startResponse('200 OK', Object.entries(HEADERS));
  return [BODY];
}

async function serveGateway() {
  const { makeServer } = await import(`@wsgiref/${protocol}`);
  const httpd = await makeServer('127.0.0.1', 0, hello);
  void httpd.serveForever();
  return httpd.serverPort;
}

function serveHttp() {
  const server = createServer((request, response) => {
    response.writeHead(200, { ...HEADERS, 'Content-Length': BODY.length });
    response.end(BODY);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

/** It ends when this process does, however that ends. */
function startNginx() {
  const folder = mkdtempSync(`${tmpdir()}/wsgiref-bench-`);
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log;
    events {}
    http {
      access_log off; keepalive_requests 1000000;
      upstream app { server 127.0.0.1:${appPort}; keepalive 64; keepalive_requests 1000000; }
      server { listen ${port}; location / { ${LOCATIONS[protocol]} } }
    }`,
  );
  const nginx = ['nginx', '-e', `${folder}/log`, '-c', `${folder}/nginx.conf`];
  spawn('setpriv', ['--pdeathsig', 'TERM', ...nginx], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function isListening() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, 10, false));
  });
}
