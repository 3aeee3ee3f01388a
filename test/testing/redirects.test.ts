// Redirects and cookies, in which a client does what browsers do if it is asked to.

import { describe, expect, test } from '@jest/globals';
import { client } from '@wsgiref/testing';
import type { WSGIApplication } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { show } from './support.ts';

/** Redirects as the query says: `/?303=/target`; all else is shown. */
const redirecting: WSGIApplication = async (environ, startResponse) => {
  const [, code, location] = /^(30\d)=(.*)$/.exec(environ.QUERY_STRING ?? '') ?? [];
  if (code !== undefined) {
    startResponse(`${code} Moved`, [
      ['Location', decodeURIComponent(location!)],
      ['Content-Length', '0'],
    ]);
    return [];
  }
  startResponse('200 OK', [['Content-Type', 'application/json']]);
  const body = decodeLatin1(await environ['wsgi.input'].read());
  const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE } = environ;
  const shown = [REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE ?? '', body];
  return environ.REQUEST_METHOD === 'HEAD' ? [] : [encodeLatin1(JSON.stringify(shown))];
};

const rules = { 'content-type-missing': 'off', 'content-type-forbidden': 'off' } as const;

describe('followRedirects', () => {
  const web = client(redirecting, { followRedirects: true, validate: { rules } });

  test('is off unless asked for', async () => {
    const plain = client(redirecting, { validate: { rules } });
    expect(await plain.get('/?302=/b')).toMatchObject({ statusCode: 302, target: '/?302=/b' });
    expect(await plain.get('/?302=/b', { followRedirects: true })).toMatchObject({
      statusCode: 200,
      target: '/b',
    });
    expect(await web.get('/?302=/b', { followRedirects: false })).toMatchObject({
      statusCode: 302,
    });
  });

  test.each([
    ['GET', 301, 'GET'],
    ['POST', 301, 'GET'],
    ['PUT', 301, 'PUT'],
    ['POST', 302, 'GET'],
    ['DELETE', 302, 'DELETE'],
    ['POST', 303, 'GET'],
    ['PUT', 303, 'GET'],
    ['POST', 307, 'POST'],
    ['PUT', 308, 'PUT'],
  ])('makes of %s and %i a %s', async (method, code, next) => {
    const response = await web.request(method, `/?${code}=/b%3Fc`, {
      body: 'x',
      headers: { 'Content-Type': 'text/plain' },
    });
    const [body, type] = next === method && code !== 303 ? ['x', 'text/plain'] : ['', ''];
    expect(response.json()).toEqual([next, '/b', 'c', type, body]);
  });

  test('leaves HEAD a HEAD', async () => {
    const response = await web.head('/?303=/b');
    expect([response.target, response.body.length]).toEqual(['/b', 0]);
  });

  test.each([
    ['b', '/a/b'],
    ['../b', '/b'],
    ['?b', '/a/x?b'],
    ['http://localhost/b%2520', '/b%20'],
    ['//localhost:80/b', '/b'],
  ])('resolves %s', async (location, target) => {
    const response = await web.get(`/a/x?302=${location}`);
    expect([response.statusCode, response.target]).toEqual([200, target]);
  });

  test.each(['http://other.example/b', '//other.example/b', 'https://localhost/b'])(
    'does not follow to %s, which is another server',
    async (location) => {
      const response = await web.get(`/?302=${location}`);
      expect([response.statusCode, response.headers.get('Location')]).toEqual([302, location]);
    },
  );

  test('follows nothing but redirects, and not without a Location', async () => {
    expect((await web.get('/?304=/b')).statusCode).toBe(304);
    const without = client(
      (_environ, startResponse) => {
        startResponse('302 Found', [['Content-Type', 'text/plain']]);
        return [];
      },
      { followRedirects: true },
    );
    expect((await without.get('/')).statusCode).toBe(302);
  });

  test('gives up after 20', async () => {
    let count = 0;
    const loop = client(
      (_environ, startResponse) => {
        count++;
        startResponse('302 Found', [
          ['Content-Type', 'text/plain'],
          ['Location', '/again'],
        ]);
        return [];
      },
      { followRedirects: true },
    );
    await expect(loop.get('/')).rejects.toThrow(
      new Error('there are more than 20 redirects, the last to /again'),
    );
    expect(count).toBe(21);
  });
});

describe('cookies', () => {
  /** Sets the cookies that the query names, and shows those that came. */
  const setting: WSGIApplication = (environ, startResponse) => {
    const cookies = (environ.QUERY_STRING || '').split('&').filter((cookie) => cookie !== '');
    startResponse('200 OK', [
      ['Content-Type', 'text/plain'],
      ...cookies.map((cookie): [string, string] => ['Set-Cookie', decodeURIComponent(cookie)]),
    ]);
    return [encodeLatin1(environ.HTTP_COOKIE ?? '-')];
  };

  function set(...cookies: string[]): string {
    return `?${cookies.map(encodeURIComponent).join('&')}`;
  }

  test('are not kept unless asked for', async () => {
    const web = client(setting);
    await web.get(`/${set('a=1')}`);
    expect((await web.get('/')).text()).toBe('-');
  });

  test('are kept, replaced, and sent again', async () => {
    const web = client(setting, { cookies: true });
    await web.get(
      `/${set('a=1; Secure; HttpOnly', 'b=x=y; SameSite=Lax', 'c=', 'nonsense', '=d', ' =e')}`,
    );
    expect((await web.get('/')).text()).toBe('a=1; b=x=y; c=');
    await web.post(`/${set('b = 3 ')}`);
    expect((await web.get('/x/y')).text()).toBe('a=1; b=3; c=');
    expect((await client(setting, { cookies: true }).get('/')).text()).toBe('-');
  });

  test('are sent where their path says, the longest first', async () => {
    const web = client(setting, { cookies: true });
    await web.get(`/a/b/c${set('one=1; Path=/', 'two=2; path=/a', 'three=3', 'four=4; Path=x')}`);
    await web.get(`/top${set('five=5')}`);
    expect((await web.get('/a/b')).text()).toBe('three=3; four=4; two=2; one=1; five=5');
    expect((await web.get('/a/b/x?y=/')).text()).toBe('three=3; four=4; two=2; one=1; five=5');
    expect((await web.get('/a')).text()).toBe('two=2; one=1; five=5');
    expect((await web.get('/ab')).text()).toBe('one=1; five=5');
  });

  test('end when they should', async () => {
    const web = client(setting, { cookies: true });
    const past = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT';
    await web.get(
      `/${set('a=1; Max-Age=60', 'b=2; Expires=Fri, 31 Dec 9999 23:59:59 GMT', `c=3; ${past}; Max-Age=60`, 'd=4; Max-Age=0', `e=5; ${past}`, 'f=6; Max-Age=x')}`,
    );
    expect((await web.get('/')).text()).toBe('a=1; b=2; c=3; f=6');
    await web.get(`/${set('a=; Max-Age=-1', `b=; ${past}`)}`);
    expect((await web.get('/')).text()).toBe('c=3; f=6');
  });

  test('make room for one that the test gives', async () => {
    const web = client(setting, { cookies: true });
    await web.get(`/${set('a=1')}`);
    expect((await web.get('/', { headers: { Cookie: 'mine=1' } })).text()).toBe('mine=1');
    expect((await web.get('/')).text()).toBe('a=1');
  });

  test('are set by redirects, too', async () => {
    const login: WSGIApplication = (environ, startResponse) => {
      if (environ.PATH_INFO === '/') return show('HTTP_COOKIE')(environ, startResponse);
      startResponse('303 See Other', [
        ['Content-Type', 'text/plain'],
        ['Location', '/'],
        ['Set-Cookie', `user=${environ.PATH_INFO.slice(1)}`],
      ]);
      return [];
    };
    const web = client(login, { cookies: true, followRedirects: true });
    expect((await web.post('/ann')).json()).toEqual(['user=ann']);
    expect((await web.post('/bob')).json()).toEqual(['user=bob']);
  });
});
