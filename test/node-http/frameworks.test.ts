// An application mounted in Express, Connect and Fastify, as their users mount things.

import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import middie from '@fastify/middie';
import connect from 'connect';
import express from 'express';
import fastify from 'fastify';
import { toRequestListener } from '@wsgiref/node-http';
import type { WSGIApplication } from '@wsgiref/types';
import { exchange } from '../support/raw-client.ts';
import { Listening, Log, Recorder } from './support.ts';

/** Paths of requests for what is mounted at /app, and SCRIPT_NAME and PATH_INFO there. */
const PATHS: [path: string, scriptName: string, pathInfo: string][] = [
  ['/app', '/app', ''],
  ['/app?q=/x', '/app', ''],
  ['/app/', '/app', '/'],
  ['/app/?q', '/app', '/'],
  ['/app/one/two', '/app', '/one/two'],
  ['/app/app', '/app', '/app'],
  ['/app/a%2Fb%20c?d', '/app', '/a/b c'],
];

/** Answers with the body of the request. */
const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [body];
};

async function post(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(url, {
    method: 'POST',
    body: '{"a": 1}',
    headers: { 'Content-Type': 'application/json' },
  });
  return [response.status, await response.text()];
}

describe('Express', () => {
  test.each(PATHS)('splits %s in two', async (path, scriptName, pathInfo) => {
    const recorder = new Recorder();
    const app = express().use('/app', toRequestListener(recorder.application));
    await using server = await Listening.start(createServer(app));
    await fetch(server.url(path));
    expect(recorder.environ).toMatchObject({
      SCRIPT_NAME: scriptName,
      PATH_INFO: pathInfo,
      REQUEST_URI: path,
    });
  });

  test('splits them within routers in routers, and under patterns', async () => {
    const recorder = new Recorder();
    const inner = express.Router().use('/b', toRequestListener(recorder.application));
    const app = express().use('/a/:id', inner);
    await using server = await Listening.start(createServer(app));
    const response = await fetch(server.url('/a/%C3%A9/b/c'));
    expect(Buffer.from(await response.arrayBuffer()).toString('utf8')).toBe('/a/é/b|/c');
  });

  test('has the whole path where the application is mounted at the root', async () => {
    const recorder = new Recorder();
    const app = express().use(toRequestListener(recorder.application));
    await using server = await Listening.start(createServer(app));
    await fetch(server.url('/app/one'));
    expect(recorder.environ).toMatchObject({ SCRIPT_NAME: '', PATH_INFO: '/app/one' });
    await exchange(server, 'GET //evil.example/ HTTP/1.0\r\n\r\n');
    expect(recorder.environ).toMatchObject({ SCRIPT_NAME: '', PATH_INFO: '/evil.example/' });
  });

  test('tells the application what other middleware has found out', async () => {
    const recorder = new Recorder();
    const app = express()
      .use((request, _response, next) => {
        Object.assign(request, { user: 'zoe' });
        next();
      })
      .use(
        toRequestListener(recorder.application, {
          environ: (request: express.Request & { user?: string }) => ({
            REMOTE_USER: request.user,
            'wsgi.url_scheme': request.protocol,
          }),
        }),
      );
    await using server = await Listening.start(createServer(app));
    await fetch(server.url('/'));
    expect(recorder.environ).toMatchObject({ REMOTE_USER: 'zoe', 'wsgi.url_scheme': 'http' });
  });

  test('does not get an error of the application, nor a path that it does not know', async () => {
    const log = new Log();
    let next = 0;
    const failing = toRequestListener(
      (environ, startResponse) => {
        if (environ.PATH_INFO === '/fail') throw new Error('on purpose');
        startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
        return [Buffer.from('mine')];
      },
      { errors: log },
    );
    const app = express()
      .use(failing)
      .use((_request, response) => {
        next++;
        response.end();
      });
    await using server = await Listening.start(createServer(app));
    expect((await fetch(server.url('/fail'))).status).toBe(500);
    expect(await (await fetch(server.url('/other'))).text()).toBe('mine');
    expect(next).toBe(0);
    expect(log.getvalue()).toContain('on purpose');
  });

  test('may not parse the body before: the error says what would be right', async () => {
    const log = new Log();
    const listener = toRequestListener(echo, { errors: log });
    const app = express().use('/before', listener).use(express.json()).use('/after', listener);
    await using server = await Listening.start(createServer(app));
    expect(await post(server.url('/before'))).toEqual([200, '{"a": 1}']);
    expect((await post(server.url('/after')))[0]).toBe(500);
    expect(log.getvalue()).toContain('mount the application before whatever parses bodies');
  });
});

describe('Connect', () => {
  test.each(PATHS)('splits %s in two', async (path, scriptName, pathInfo) => {
    const recorder = new Recorder();
    const app = connect().use('/app', toRequestListener(recorder.application));
    await using server = await Listening.start(createServer(app));
    await fetch(server.url(path));
    expect(recorder.environ).toMatchObject({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo });
  });

  test('that something has given another path has that, and no mount point', async () => {
    const recorder = new Recorder();
    const app = connect()
      .use((request, _response, next) => {
        request.url = '/index.html';
        next();
      })
      .use(toRequestListener(recorder.application));
    await using server = await Listening.start(createServer(app));
    await fetch(server.url('/'));
    expect(recorder.environ).toMatchObject({ SCRIPT_NAME: '', PATH_INFO: '/index.html' });
  });
});

describe('Fastify', () => {
  test.each(PATHS)('splits %s in two, with middie', async (path, scriptName, pathInfo) => {
    const recorder = new Recorder();
    const app = fastify();
    await app.register(middie);
    app.use('/app', toRequestListener(recorder.application));
    await app.ready();
    await using server = await Listening.start(app.server);
    await fetch(server.url(path));
    expect(recorder.environ).toMatchObject({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo });
  });

  test('has an application for a route, body and all', async () => {
    const app = fastify();
    const listener = toRequestListener(echo, { scriptName: '/app' });
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      // The body is the application's to read.
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.all('/app/*', async (request, reply) => {
        reply.hijack();
        await listener(request.raw, reply.raw);
      });
    });
    await app.ready();
    await using server = await Listening.start(app.server);
    expect(await post(server.url('/app/x'))).toEqual([200, '{"a": 1}']);
  });
});
