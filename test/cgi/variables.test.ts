// RFC 3875 §4: what a script is told.

import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cgiApplication } from '@wsgiref/cgi';
import { client, type MemoryOptions } from '@wsgiref/testing';
import { BytesIO, encodeLatin1 } from '@wsgiref/util';
import { script, TEXT } from './scripts.ts';
import { begin, makeEnviron, next } from './support.ts';

const showing = script(`${TEXT}; env -0`);

async function variablesOf(
  path: string,
  options: Parameters<typeof cgiApplication>[1] = {},
  environ: MemoryOptions['environ'] = {},
  headers: Record<string, string> = {},
): Promise<Record<string, string>> {
  const app = cgiApplication(showing, options);
  const { body } = await client(app, { environ, fatal: true }).get(path, { headers });
  const lines = Buffer.from(body)
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** What shells add. */
const OF_SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'];

describe('The environment of a script', () => {
  test('is that of the request, and PATH', async () => {
    process.env['A_SECRET'] = 'swordfish';
    const variables = await variablesOf('/a%20b?c=d%20e', {}, {}, { 'X-One': '1', Cookie: 'a=b' });
    for (const name of OF_SHELLS) delete variables[name];
    expect(variables).toEqual({
      PATH: process.env['PATH'],
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_COOKIE: 'a=b',
      HTTP_HOST: 'localhost',
      HTTP_X_ONE: '1',
      PATH_INFO: '/a b',
      QUERY_STRING: 'c=d%20e',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      SCRIPT_FILENAME: showing,
      SCRIPT_NAME: '',
      SERVER_NAME: 'localhost',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.1',
    });
  });

  test('has what the server tells of the client', async () => {
    const environ = { AUTH_TYPE: 'Basic', REMOTE_USER: 'ann', HTTPS: 'on', SCRIPT_NAME: '/x' };
    expect(await variablesOf('/', {}, environ)).toMatchObject({ ...environ, SERVER_PORT: '443' });
  });

  test('has of this process what is asked for, and what is given', async () => {
    process.env['A_SECRET'] = 'swordfish';
    delete process.env['NOT_THERE'];
    const options = {
      inherit: ['A_SECRET', 'NOT_THERE'],
      env: { LANG: 'C', NAME: 'caf\u00e9', REQUEST_METHOD: 'FAKE' },
    };
    const variables = await variablesOf('/', options);
    expect(variables).toMatchObject({
      A_SECRET: 'swordfish',
      LANG: 'C',
      NAME: 'caf\xc3\xa9',
      REQUEST_METHOD: 'GET',
    });
    expect(variables).not.toHaveProperty('NOT_THERE');
    expect(variables['PATH']).not.toBe(process.env['PATH']);
  });

  test('has no header that a library could take for a setting of its own', async () => {
    const headers = { Proxy: 'evil.example', 'Proxy-Authorization': 'x', "X'$id`": 'y' };
    const variables = await variablesOf('/', {}, {}, headers);
    expect(Object.keys(variables).filter((name) => /PROXY|ID/.test(name))).toEqual([]);
  });

  test('has the Authorization header only if asked', async () => {
    const headers = { Authorization: 'Basic eA==' };
    expect(await variablesOf('/', {}, {}, headers)).not.toHaveProperty('HTTP_AUTHORIZATION');
    expect(await variablesOf('/', { passAuthorization: true }, {}, headers)).toHaveProperty(
      'HTTP_AUTHORIZATION',
      'Basic eA==',
    );
  });

  test('has every byte, UTF-8 or not', async () => {
    const variables = await variablesOf(
      "/%E9'%22%24%5C%60%0A",
      {},
      {},
      {
        'X-Latin': '\xe9\xff',
        'X-Utf': '\xc3\xa9',
      },
    );
    expect(variables).toMatchObject({
      PATH_INFO: '/\xe9\'"$\\`\n',
      HTTP_X_LATIN: '\xe9\xff',
      HTTP_X_UTF: '\xc3\xa9',
    });
  });

  test('cannot have a byte 0: such a request is refused', async () => {
    expect((await client(cgiApplication(showing)).get('/a%00b')).status).toBe('400 Bad Request');
  });

  test.each([
    ['/a/b', '/a/b'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/%E9', '/\xe9'],
  ])('translates the path %s', async (path, translated) => {
    const variables = await variablesOf(path, { documentRoot: '/srv/w\u00eb' });
    expect(variables['DOCUMENT_ROOT']).toBe('/srv/w\xc3\xab');
    expect(variables['PATH_TRANSLATED']).toBe(`/srv/w\xc3\xab${translated}`);
  });

  test('has no translated path where there is no path, or no folder', async () => {
    const environ = { SCRIPT_NAME: '/x', PATH_INFO: '' };
    expect(await variablesOf('/', { documentRoot: '/srv' }, environ)).not.toHaveProperty(
      'PATH_TRANSLATED',
    );
    expect(await variablesOf('/a')).not.toHaveProperty('PATH_TRANSLATED');
  });

  test('is complete even if the environ is not', async () => {
    const environ = makeEnviron({ PATH_INFO: undefined, QUERY_STRING: undefined } as never);
    const begun = await begin(cgiApplication(showing), environ);
    let text = '';
    for (let block = await next(begun); block !== null; block = await next(begun)) text += block;
    await begun.close();
    expect(text.split('\0')).toEqual(expect.arrayContaining(['PATH_INFO=', 'QUERY_STRING=']));
  });
});

describe('The request body', () => {
  const app = cgiApplication(script(`${TEXT}; echo "\${CONTENT_LENGTH-none}"; cat`));

  test.each([
    ['of a known length', { body: 'hello' }, '5\nhello'],
    ['that is empty', { body: '' }, '0\n'],
  ])('%s is told and handed on', async (_, options, expected) => {
    expect((await client(app).post('/', options)).text()).toBe(expected);
  });

  test('that is not there is not told', async () => {
    expect((await client(app).get('/')).text()).toBe('none\n');
  });

  test.each(['-1', '5 ', '0x5', '9'.repeat(16)])('has no length of %j', async (CONTENT_LENGTH) => {
    const begun = await begin(app, makeEnviron({ CONTENT_LENGTH }));
    expect(begun.status).toBe('400 Bad Request');
  });

  test('is not read beyond its length', async () => {
    const input = new BytesIO(encodeLatin1('hello, and the next request'));
    const environ = makeEnviron({ CONTENT_LENGTH: '5', 'wsgi.input': input });
    const begun = await begin(app, environ);
    let text = '';
    for (let block = await next(begun); block !== null; block = await next(begun)) text += block;
    await begun.close();
    expect(text).toBe('5\nhello');
    expect(input.tell()).toBe(5);
  });

  test('of unknown length is kept until its end is there', async () => {
    const environ = (body: string): ReturnType<typeof makeEnviron> =>
      makeEnviron({
        'wsgi.input': new BytesIO(encodeLatin1(body)),
        'wsgi.input_terminated': true,
      });
    const begun = await begin(app, environ('hello'));
    expect(begun.status).toBe('200 OK');
    let text = '';
    for (let block = await next(begun); block !== null; block = await next(begun)) text += block;
    await begun.close();
    expect(text).toBe('5\nhello');
    const empty = await begin(app, environ(''));
    expect(await next(empty)).toBe('none\n');
    await empty.close();
    const long = await begin(app, environ('x'.repeat(1024 * 1024 + 1)));
    expect(long.status).toBe('411 Length Required');
  });
});

describe('The arguments', () => {
  const app = cgiApplication(script(`${TEXT}; printf '[%s]' "$@"`));

  test.each([
    ['/?one+two', '[one][two]'],
    ['/?caf%C3%A9+%2B%3D', '[caf\u00e9][+=]'],
    ["/?a;b/c?d:e@f&g,$h~*'()!", "[a;b/c?d:e@f&g,$h~*'()!]"],
    ['/?a=b', '[]'],
    ['/?a+b=c', '[]'],
    ['/', '[]'],
    ['/?', '[]'],
    ['/?a++b', '[]'],
    ['/?a+%zz', '[]'],
    ['/?a+%00', '[]'],
    ['/?a+%E9', '[]'],
    ['/?a+-d+b', '[]'],
    ['/?%2Ds', '[]'],
    ['/?a|b', '[]'],
  ])('for %s are %s', async (path, expected) => {
    expect((await client(app).get(path)).text()).toBe(expected);
  });

  test('are none but for GET and HEAD', async () => {
    expect((await client(app).post('/?one')).text()).toBe('[]');
  });

  test('are none if the environ has no query', async () => {
    const begun = await begin(app, makeEnviron({ QUERY_STRING: undefined } as never));
    expect(await next(begun)).toBe('[]');
    await begun.close();
  });
});

test('The folder is that of the script', async () => {
  const path = script(`${TEXT}; pwd`);
  expect((await client(cgiApplication(path)).get('/')).text()).toBe(`${dirname(path)}\n`);
});
