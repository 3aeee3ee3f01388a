// What is measured: a table. A new scenario, or a new server in one, is an entry here.

import {
  bare,
  bareClosing,
  behindNginx,
  cpython,
  cpythonCGI,
  flask,
  frameworks,
  gunicorn,
  inNode,
  nodeHttp,
  ours,
  ours11,
  waitress,
  werkzeug,
} from './server-commands.mjs';

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

/** Header lines of ordinary length, as many as a server takes. */
const FIELDS = Array.from({ length: 100 }, (_, i) => `X-Field-${i}: the value of a header line`);

const get = (version, lines) => `GET / ${version}\r\n${lines.join('\r\n')}\r\n\r\n`;

const MEBI = 1024 * 1024;
const GIBI = 1024 * MEBI;

/** What the load generator does but in the scenarios that say otherwise. */
const HELLO = {
  kind: 'load',
  connections: 32,
  request: get('HTTP/1.1', HOST_ONLY),
  pipeline: 1,
  keepAlive: true,
  body: 'Hello, World!',
};

/** Aims of 1: ahead of them all. */
const aheadOf = (servers) => servers.map((server) => ({ ...server, aim: 1 }));

/**
 * The scenarios. Each compares its first server with the others; `kind` is the module of `kinds` that
 * measures it, and says what else a scenario has. Of most of them:
 *
 * - `connections`: how many the load generator keeps open
 * - `request`: the bytes of one request
 * - `pipeline`: how many requests it sends before it waits for their responses
 * - `keepAlive`: whether a connection serves more than one request
 * - `body`: what every server must answer
 * - `servers`: what is compared; `aim` is how many times as fast as that server the first should be
 */
export const scenarios = [
  {
    ...HELLO,
    name: 'http10',
    title: '"Hello, World!" over HTTP/1.0, one request a connection',
    request: get('HTTP/1.0', HOST_ONLY),
    keepAlive: false,
    servers: [
      ours(),
      { ...bareClosing, aim: 0.95 },
      { ...cpython, aim: 2.5 },
      ...aheadOf([waitress, gunicorn]),
    ],
  },
  {
    ...HELLO,
    name: 'keep-alive',
    title: '"Hello, World!" over HTTP/1.1, a lone Host line',
    servers: [ours11(), { ...nodeHttp(), aim: 1.3 }, { ...bare, aim: 0.8 }, ...aheadOf(frameworks)],
  },
  {
    ...HELLO,
    name: 'browser',
    title: `"Hello, World!" over HTTP/1.1, the ${BROWSER.length} header lines of a browser`,
    request: get('HTTP/1.1', BROWSER),
    servers: [ours11(), { ...nodeHttp(), aim: 1.4 }, bare],
  },
  {
    ...HELLO,
    name: 'pipelined',
    title: '"Hello, World!" over HTTP/1.1, pipelined 16 deep',
    pipeline: 16,
    servers: [ours11(), { ...nodeHttp(), aim: 3 }],
  },
  {
    kind: 'transfer',
    name: 'download',
    title: '1 GiB down',
    size: GIBI,
    up: false,
    servers: [
      { ...ours11('--app', 'download'), memoryAim: 120 },
      { ...nodeHttp('--app', 'download'), aim: 0.9 },
    ],
  },
  {
    kind: 'transfer',
    name: 'upload',
    title: '1 GiB up',
    size: GIBI,
    up: true,
    servers: [
      { ...ours11('--app', 'upload'), memoryAim: 120 },
      { ...nodeHttp('--app', 'upload'), aim: 0.9 },
    ],
  },
  {
    ...HELLO,
    kind: 'idle',
    name: 'idle',
    title: '10,000 idle connections',
    idle: 10_000,
    servers: [
      { ...ours11('--patient'), mostTime: 1.1 },
      { ...nodeHttp('--patient'), mostMemory: 1 },
    ].map(collected),
  },
  {
    ...HELLO,
    kind: 'growth',
    name: 'headers',
    title: 'a request with 1 to 100 header lines',
    sizes: [1, 10, 25, 50, 100],
    of: 'header lines',
    unit: 1,
    perUnit: 'each line more',
    format: String,
    requestOf: (lines) => get('HTTP/1.1', HOST_ONLY.concat(FIELDS.slice(1, lines))),
    servers: [ours11(), nodeHttp()],
  },
  {
    kind: 'growth',
    name: 'body',
    title: 'a request with a body of 1 KiB to 16 MiB',
    sizes: [1024, 16 * 1024, 256 * 1024, MEBI, 4 * MEBI, 16 * MEBI],
    of: 'body',
    unit: MEBI,
    perUnit: 'each MiB more',
    format: (size) => (size < MEBI ? `${size / 1024} KiB` : `${size / MEBI} MiB`),
    headOf: (size) =>
      `POST / HTTP/1.1\r\n${HOST_ONLY.join('\r\n')}\r\nContent-Length: ${size}\r\n\r\n`,
    servers: [ours11('--app', 'upload'), nodeHttp('--app', 'upload')],
  },
  {
    kind: 'in-memory',
    name: 'validator',
    title: 'the demo application in memory, alone and in the validator',
    subjects: ['demoApp', 'validator(demoApp)'],
  },
  {
    ...HELLO,
    name: 'gateways',
    title: '"Hello, World!" behind nginx, which keeps its connections',
    servers: [
      behindNginx('FastCGI (this)', 'fastcgi'),
      { ...behindNginx('node:http', 'node-http'), aim: 0.9 },
    ],
  },
  {
    ...HELLO,
    name: 'gateways-closing',
    title: '"Hello, World!" behind nginx, a connection for each request',
    servers: [
      behindNginx('FastCGI (this)', 'fastcgi', '--close'),
      behindNginx('SCGI (this)', 'scgi'),
      behindNginx('uwsgi (this)', 'uwsgi'),
      behindNginx('node:http', 'node-http', '--close'),
    ],
  },
  {
    kind: 'starts',
    name: 'cgi',
    title: '"Hello, World!" by CGI, from the start of a process to its end',
    body: HELLO.body,
    servers: [
      inNode('CGIHandler (this)', 'cgi.mjs'),
      { ...inNode('an empty Node script', 'empty.mjs'), output: '', aim: 0.9 },
      cpythonCGI,
    ],
  },
  {
    ...HELLO,
    name: 'express',
    title: '"Hello, World!" in Express, over HTTP/1.1',
    request: get('HTTP/1.1', BROWSER),
    servers: [
      inNode('mounted (this)', 'express.mjs'),
      inNode('a bare Express handler', 'express.mjs', '--bare'),
    ],
  },
  {
    ...HELLO,
    name: 'fetch',
    title: '"Hello, World!" in @hono/node-server, over HTTP/1.1',
    request: get('HTTP/1.1', BROWSER),
    servers: [
      inNode('toFetchHandler() (this)', 'fetch.mjs'),
      inNode('a bare Fetch handler', 'fetch.mjs', '--bare'),
    ],
  },
  {
    ...HELLO,
    name: 'flask',
    title: 'a Flask project and its development server, one request a connection',
    request: get('HTTP/1.0', BROWSER).replace('GET /', 'GET /hello'),
    keepAlive: false,
    servers: [flask, werkzeug],
  },
];

/** Lets a server collect its garbage when it is asked what it occupies. */
function collected({ command: [node, ...args], ...server }) {
  return { ...server, command: [node, '--expose-gc', ...args] };
}
