import { describe, expect, jest, test } from '@jest/globals';
import { byMethod } from '@wsgiref/router';
import type { StartResponse, WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { ask, makeEnviron, place } from './support.ts';

describe('byMethod()', () => {
  const articles = byMethod({ GET: place('list'), POST: place('create') });

  test.each([
    ['GET', 'list'],
    ['POST', 'create'],
  ])('hands %s to its application', async (REQUEST_METHOD, name) => {
    expect(await ask(articles, { REQUEST_METHOD })).toMatchObject({
      status: '200 OK',
      body: `${name}||/`,
    });
  });

  test.each(['DELETE', 'TRACE', 'PATCH'])('answers %s with a 405', async (REQUEST_METHOD) => {
    expect(await ask(articles, { REQUEST_METHOD })).toEqual({
      status: '405 Method Not Allowed',
      headers: {
        'Content-Type': 'text/plain',
        'Content-Length': '19',
        Allow: 'GET, POST, HEAD, OPTIONS',
      },
      body: 'Method Not Allowed\n',
    });
  });

  test.each(['get', 'constructor', '__proto__'])('does not take %s for one', (REQUEST_METHOD) => {
    const startResponse = jest.fn<StartResponse>();
    void articles(makeEnviron({ REQUEST_METHOD }), startResponse);
    expect(startResponse.mock.calls[0]![0]).toBe('405 Method Not Allowed');
  });

  test('hands HEAD to the application for GET, as HEAD', async () => {
    let seen: string | undefined;
    const app = byMethod({
      GET(environ, startResponse) {
        seen = environ.REQUEST_METHOD;
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        return [];
      },
    });
    expect(await ask(app, { REQUEST_METHOD: 'HEAD' })).toMatchObject({ status: '200 OK' });
    expect(seen).toBe('HEAD');
  });

  test('hands HEAD to its own application where there is one', async () => {
    const app = byMethod({
      HEAD(_environ, startResponse) {
        startResponse('200 OK', [
          ['Content-Type', 'text/plain'],
          ['X-Own', 'yes'],
        ]);
        return [];
      },
      GET: place('get'),
    });
    const { headers } = await ask(app, { REQUEST_METHOD: 'HEAD' });
    expect(headers).toHaveProperty('X-Own', 'yes');
    expect((await ask(app, { REQUEST_METHOD: 'DELETE' })).headers).toHaveProperty(
      'Allow',
      'HEAD, GET, OPTIONS',
    );
  });

  test('has no HEAD where there is no GET', async () => {
    const answer = await ask(byMethod({ POST: place('create') }), { REQUEST_METHOD: 'HEAD' });
    expect(answer).toMatchObject({
      status: '405 Method Not Allowed',
      headers: { Allow: 'POST, OPTIONS', 'Content-Length': '19' },
      body: '',
    });
  });

  test('answers OPTIONS', async () => {
    expect(await ask(articles, { REQUEST_METHOD: 'OPTIONS' })).toEqual({
      status: '204 No Content',
      headers: { Allow: 'GET, POST, HEAD, OPTIONS' },
      body: '',
    });
  });

  test('hands OPTIONS to its own application where there is one', async () => {
    const app = byMethod({ OPTIONS: place('options') });
    expect((await ask(app, { REQUEST_METHOD: 'OPTIONS' })).body).toBe('options||/');
    expect((await ask(app)).headers).toHaveProperty('Allow', 'OPTIONS');
  });

  test('takes applications of every form', async () => {
    class ByClass {
      constructor(environ: WSGIEnvironment, startResponse: StartResponse) {
        startResponse(`200 ${environ.REQUEST_METHOD}`, [['Content-Type', 'text/plain']]);
      }
      *[Symbol.iterator](): Generator<Uint8Array> {}
    }
    const object: WSGIApplicationLike = { __call__: (...args) => place('object')(...args) };
    const app = byMethod({ GET: ByClass, PUT: object });
    expect(await ask(app)).toMatchObject({ status: '200 GET' });
    expect(await ask(app, { REQUEST_METHOD: 'PUT' })).toMatchObject({ body: 'object||/' });
  });

  test('passes on the very environ and the very result', () => {
    const environ = makeEnviron();
    const result: Uint8Array[] = [];
    const app = byMethod({
      GET(given) {
        expect(given).toBe(environ);
        return result;
      },
    });
    expect(app(environ, () => () => {})).toBe(result);
  });

  test.each(['get', 'Get', '', 'GET POST', 'GÉT'])('refuses %j as a method', (name) => {
    expect(() => byMethod({ [name]: place('x') })).toThrow(
      new RangeError(`'${name}' is no method: make it one such as 'GET', in capitals`),
    );
  });

  test('refuses to be without a method', () => {
    expect(() => byMethod({})).toThrow(
      new RangeError('byMethod() needs a method: give it one such as { GET: application }'),
    );
  });

  test('refuses what is no application', () => {
    expect(() => byMethod({ GET: 'list' as never })).toThrow(TypeError);
  });
});
