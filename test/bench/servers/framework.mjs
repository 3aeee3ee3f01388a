// "Hello, World!" as each framework's users write it, with the headers that this project's server
// sends as far as the framework has its way. Its argument is the framework.

import { announce } from './announce.mjs';
import { HELLO } from './bodies.mjs';

const SERVER = `Node.js/${process.versions.node}`;
const HEADERS = { Server: SERVER, 'Content-Type': 'text/plain', 'Content-Length': '13' };
const TEXT = HELLO.toString();

const frameworks = {
  async fastify() {
    const { default: fastify } = await import('fastify');
    const app = fastify();
    app.get('/', (request, reply) => {
      reply.headers(HEADERS).send(TEXT);
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    announce(app.server.address().port);
  },

  async express() {
    const { default: express } = await import('express');
    const app = express().disable('x-powered-by').disable('etag');
    app.get('/', (request, response) => {
      response.set(HEADERS).send(HELLO);
    });
    const server = app.listen(0, '127.0.0.1', () => announce(server.address().port));
  },

  async hono() {
    const { Hono } = await import('hono');
    const { serve } = await import('@hono/node-server');
    const app = new Hono();
    app.get('/', (context) => context.body(TEXT, 200, HEADERS));
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => announce(port));
  },

  async srvx() {
    const { serve } = await import('srvx/node');
    const server = serve({
      fetch: () => new Response(TEXT, { headers: HEADERS }),
      hostname: '127.0.0.1',
      port: 0,
      silent: true,
      gracefulShutdown: false,
    });
    await server.ready();
    announce(server.node.server.address().port);
  },
};

await frameworks[process.argv[2]]();
