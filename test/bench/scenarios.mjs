// What is measured: a table. A new scenario, or a new server in one, is an entry here.
//
// A server is a command. It listens on 127.0.0.1, prints its URL as its first line, and ends when its
// standard input does. A scenario compares its first server with the others.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = (name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

/** This project's server; the access log is off, as it is in every other server here. */
const ours = (...options) => ({
  title: 'wsgiref (this)',
  command: [process.execPath, script('wsgiref.mjs'), ...options],
});

const cpython = {
  title: "CPython's wsgiref",
  command: ['python3', script('cpython.py')],
  missing: () => (pythonVersion() === null ? 'there is no python3' : null),
};

const bareClosing = {
  title: 'bare node:net, closing',
  command: [process.execPath, script('bare.mjs'), '--close'],
};

const bare = {
  title: 'bare node:net',
  command: [process.execPath, script('bare.mjs')],
};

const nodeHttp = {
  title: 'node:http',
  command: [process.execPath, script('node-http.mjs')],
};

/** An application behind nginx; both are kept to one core. */
const behindNginx = (title, protocol) => ({
  title,
  command: [process.execPath, script('behind-nginx.mjs'), protocol],
  missing: () => (existsSync('/usr/sbin/nginx') ? null : 'there is no nginx'),
});

const express = (title, ...options) => ({
  title,
  command: [process.execPath, script('express.mjs'), ...options],
});

const fetch = (title, ...options) => ({
  title,
  command: [process.execPath, script('fetch.mjs'), ...options],
});

const HOST_ONLY = ['Host: 127.0.0.1:8000'];

/** What a browser sends with a page of a site that it has been to before. */
const BROWSER = [
  ...HOST_ONLY,
  'Connection: keep-alive',
  'Cache-Control: max-age=0',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-User: ?1',
  'Sec-Fetch-Dest: document',
  'Referer: http://127.0.0.1:8000/index.html',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Language: en-GB,en;q=0.9',
  'Cookie: session=6a3f0c9e2b7d48f1; theme=dark',
];

const get = (version, lines) => `GET / ${version}\r\n${lines.join('\r\n')}\r\n\r\n`;

/**
 * The scenarios.
 *
 * - `connections`: how many the load generator keeps open
 * - `request`: the bytes of one request
 * - `pipeline`: how many requests it sends before it waits for their responses
 * - `keepAlive`: whether a connection serves more than one request
 * - `body`: what every server must answer
 * - `servers`: what is compared; `aim` is how many times as fast as that server the first should be
 * - `starts`: that the servers are CGI scripts, each of which answers one request
 * - `later`: what has to be there first; until then it runs only if it is named
 *
 * A scenario with `subjects` in the place of servers is timed in memory, by `in-memory.mjs`: what each
 * costs more than the first.
 */
export const scenarios = [
  {
    name: 'http10',
    title: '"Hello, World!" over HTTP/1.0, one request a connection',
    connections: 32,
    request: get('HTTP/1.0', HOST_ONLY),
    pipeline: 1,
    keepAlive: false,
    body: 'Hello, World!',
    servers: [ours(), { ...cpython, aim: 2 }, { ...bareClosing, aim: 0.9 }],
  },
  {
    name: 'keep-alive',
    title: '"Hello, World!" over HTTP/1.1, a lone Host line',
    connections: 32,
    request: get('HTTP/1.1', HOST_ONLY),
    pipeline: 1,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [ours('--protocol', 'HTTP/1.1'), { ...nodeHttp, aim: 1.3 }, { ...bare, aim: 0.8 }],
    later: 'HTTP/1.1',
  },
  {
    name: 'browser',
    title: `"Hello, World!" over HTTP/1.1, the ${BROWSER.length} header lines of a browser`,
    connections: 32,
    request: get('HTTP/1.1', BROWSER),
    pipeline: 1,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [ours('--protocol', 'HTTP/1.1'), { ...nodeHttp, aim: 1.4 }, bare],
    later: 'HTTP/1.1',
  },
  {
    name: 'pipelined',
    title: '"Hello, World!" over HTTP/1.1, pipelined 16 deep',
    connections: 32,
    request: get('HTTP/1.1', HOST_ONLY),
    pipeline: 16,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [ours('--protocol', 'HTTP/1.1'), { ...nodeHttp, aim: 3 }],
    later: 'HTTP/1.1',
  },
  {
    name: 'validator',
    title: 'the demo application in memory, alone and in the validator',
    subjects: ['demoApp', 'validator(demoApp)'],
  },
  {
    name: 'gateways',
    title: '"Hello, World!" behind nginx, on connections that the client keeps',
    connections: 32,
    request: get('HTTP/1.1', HOST_ONLY),
    pipeline: 1,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [
      behindNginx('FastCGI (this)', 'fastcgi'),
      behindNginx('SCGI (this)', 'scgi'),
      behindNginx('uwsgi (this)', 'uwsgi'),
      behindNginx('node:http', 'node-http'),
    ],
  },
  {
    name: 'cgi',
    title: '"Hello, World!" by CGI, from the start of a process to its end',
    starts: true,
    body: 'Hello, World!',
    servers: [
      { title: 'CGIHandler (this)', command: [process.execPath, script('cgi.mjs')] },
      {
        title: 'an empty Node script',
        command: [process.execPath, script('empty.mjs')],
        output: '',
        aim: 0.9,
      },
      { ...cpython, command: ['python3', script('cgi.py')] },
    ],
  },
  {
    name: 'express',
    title: '"Hello, World!" in Express, over HTTP/1.1',
    connections: 32,
    request: get('HTTP/1.1', BROWSER),
    pipeline: 1,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [express('mounted (this)'), express('a bare Express handler', '--bare')],
  },
  {
    name: 'fetch',
    title: '"Hello, World!" in @hono/node-server, over HTTP/1.1',
    connections: 32,
    request: get('HTTP/1.1', BROWSER),
    pipeline: 1,
    keepAlive: true,
    body: 'Hello, World!',
    servers: [fetch('toFetchHandler() (this)'), fetch('a bare Fetch handler', '--bare')],
  },
];

/** The version of `python3`, such as `3.13.0`; null if there is none. */
export function pythonVersion() {
  const { status, stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace('Python ', '') : null;
}
