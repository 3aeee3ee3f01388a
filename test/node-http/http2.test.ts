// An application in servers of node:http2, by its compatibility API.

import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toRequestListener } from '@wsgiref/node-http';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { deferred, Listening, Log, Recorder, TLS } from './support.ts';

let server: Listening;
let session: ClientHttp2Session;
let log: Log;
let application: WSGIApplicationLike;

beforeEach(async () => {
  log = new Log();
  server = await Listening.start(
    createServer((request, response) => {
      void toRequestListener(application, { errors: log })(request, response);
    }),
  );
  session = connect(server.url(''));
});

afterEach(async () => {
  session.destroy();
  await server[Symbol.asyncDispose]();
});

async function request(
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<{ head: IncomingHttpHeaders; body: string }> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return { head, body: await text(stream) };
}

describe('over HTTP/2', () => {
  test('pseudo-headers are variables of their own, and :authority is HTTP_HOST', async () => {
    const recorder = new Recorder();
    ({ application } = recorder);
    await request({
      ':path': '/a%20b?c',
      ':authority': 'www.example:8443',
      'x-name': 'Zo\xeb',
      cookie: ['a=1', 'b=2'],
    });
    const { environ } = recorder;
    expect(environ).toMatchObject({
      REQUEST_METHOD: 'GET',
      PATH_INFO: '/a b',
      QUERY_STRING: 'c',
      SERVER_PROTOCOL: 'HTTP/2.0',
      SERVER_NAME: '127.0.0.1',
      SERVER_PORT: String(server.port),
      REMOTE_ADDR: '127.0.0.1',
      HTTP_HOST: 'www.example:8443',
      HTTP_X_NAME: 'Zo\xeb',
      HTTP_COOKIE: 'a=1; b=2',
      'wsgi.url_scheme': 'http',
    });
    expect(Object.keys(environ).filter((key) => key.includes(':'))).toEqual([]);
  });

  test('a body needs no Content-Length', async () => {
    application = async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return [Buffer.from(`${environ.CONTENT_LENGTH ?? 'unknown'}: `), body];
    };
    expect((await request({ ':method': 'POST' }, 'a body')).body).toBe('unknown: a body');
  });

  test('a response has no headers of a connection, and all others, set-cookie one by one', async () => {
    application = (_environ, startResponse) => {
      startResponse('404 Phrase', [
        ['X-Name', 'Zo\xeb'],
        ['Set-Cookie', 'a=1'],
        ['Vary', 'Accept'],
        ['Set-Cookie', 'b=2'],
        ['Vary', 'Cookie'],
      ]);
      return [Buffer.from('x')];
    };
    const { head, body } = await request({});
    expect(head).toMatchObject({
      ':status': 404,
      'x-name': 'Zo\xeb',
      'set-cookie': ['a=1', 'b=2'],
      vary: 'Accept, Cookie',
      date: expect.stringMatching(/GMT$/),
      'content-length': '1',
    });
    expect(head).not.toHaveProperty('connection');
    expect(head).not.toHaveProperty('transfer-encoding');
    expect(body).toBe('x');
  });

  test('an error in the middle ends the stream with an error, not as if that were all', async () => {
    application = function* (_environ, startResponse) {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      yield Buffer.from('so far');
      throw new Error('no further');
    };
    const stream = session.request({});
    let received = '';
    stream.on('data', (block) => (received += String(block)));
    const [error] = await once(stream, 'error');
    expect(error).toMatchObject({ message: expect.stringContaining('NGHTTP2_INTERNAL_ERROR') });
    expect(received).toBe('so far');
    expect(log.getvalue()).toContain('no further');
  });

  test('a client that goes away aborts wsgiref.signal, and the result is closed', async () => {
    const closed = deferred();
    application = async function* (environ, startResponse) {
      try {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        yield Buffer.from('first');
        await once(environ['wsgiref.signal']!, 'abort');
        yield Buffer.from('second');
      } finally {
        closed.resolve();
      }
    };
    const stream = session.request({});
    stream.on('error', () => {});
    await once(stream, 'data');
    stream.close(8); // CANCEL
    await closed.promise;
    expect(log.getvalue()).toBe('');
  });

  test('the scheme is https over TLS', async () => {
    const recorder = new Recorder();
    const listener = toRequestListener(recorder.application);
    await using secure = await Listening.start(createSecureServer(TLS, listener));
    const client = connect(`https://127.0.0.1:${secure.port}`, { ca: TLS.cert });
    const stream = client.request({});
    expect(await text(stream)).toBe('|/');
    client.close();
    expect(recorder.environ['wsgi.url_scheme']).toBe('https');
  });
});
