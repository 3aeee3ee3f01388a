// What a request is made of, and what comes back.

import { describe, expect, jest, test } from '@jest/globals';
import { Headers } from '@wsgiref/headers';
import {
  Client,
  client,
  IncompleteResponse,
  MemoryTransport,
  TestResponse,
} from '@wsgiref/testing';
import * as memory from '@wsgiref/testing/memory';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { encodeLatin1, FileWrapper, BytesIO } from '@wsgiref/util';
import { answer, echo, show } from './support.ts';

async function shown(
  path: string,
  options: Parameters<memory.Client['get']>[1],
  ...keys: string[]
): Promise<unknown> {
  return (await client(show(...keys)).get(path, options)).json();
}

describe('A response', () => {
  test('has status, headers in their order and case, body and errors', async () => {
    const web = client(async (environ, startResponse) => {
      await environ['wsgi.errors'].write('a word\n');
      startResponse('404 Not There', [
        ['content-TYPE', 'text/plain'],
        ['X-B', '1'],
        ['Set-Cookie', 'a=1'],
        ['X-a', '2'],
        ['Set-Cookie', 'b=2'],
      ]);
      return [encodeLatin1('not here')];
    });
    const response = await web.get('/x?y');
    expect(response).toBeInstanceOf(TestResponse);
    expect(response.status).toBe('404 Not There');
    expect(response.statusCode).toBe(404);
    expect(response.reason).toBe('Not There');
    expect(response.headers).toBeInstanceOf(Headers);
    expect(response.headers.items().filter(([name]) => name !== 'Date')).toEqual([
      ['content-TYPE', 'text/plain'],
      ['X-B', '1'],
      ['Set-Cookie', 'a=1'],
      ['X-a', '2'],
      ['Set-Cookie', 'b=2'],
      ['Content-Length', '8'],
    ]);
    expect(response.body).toEqual(encodeLatin1('not here'));
    expect(response.errors).toBe('a word\n');
    expect(response.target).toBe('/x?y');
  });

  test('may have no reason phrase', async () => {
    const rules = { 'status-phrase': 'off' } as const;
    const web = client(answer('', [], '299 '), { validate: { rules } });
    expect(await web.get('/')).toMatchObject({ statusCode: 299, reason: '' });
  });

  test.each([
    ['text/plain', 'caf\xc3\xa9', 'caf\u00e9'],
    ['text/plain; charset=ISO-8859-1', 'caf\xe9', 'caf\u00e9'],
    ['text/html; a=b;charset="utf-8"', '\xe2\x98\x95', '\u2615'],
  ])('is decoded as %s', async (type, body, text) => {
    const web = client((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', type]]);
      return [encodeLatin1(body)];
    });
    expect((await web.get('/')).text()).toBe(text);
  });

  test('may have no Content-Type', async () => {
    const web = client((_environ, startResponse) => {
      startResponse('204 No Content', []);
      return [];
    });
    expect((await web.delete('/')).text()).toBe('');
  });

  test('is not decoded if it is no text', async () => {
    const response = await client(answer('\xff')).get('/');
    const error = expect.objectContaining({ name: 'TypeError' });
    expect(() => response.text()).toThrow(error);
    expect(() => response.json()).toThrow(error);
    const charset: WSGIApplicationLike = (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain; charset=klingon']]);
      return [];
    };
    const other = await client(charset).get('/');
    expect(() => other.text()).toThrow(expect.objectContaining({ name: 'RangeError' }));
  });

  test('is parsed as JSON', async () => {
    expect((await client(answer('{"a":[1]}')).get('/')).json()).toEqual({ a: [1] });
    const response = await client(answer('no')).get('/');
    expect(() => response.json()).toThrow(SyntaxError);
  });
});

describe('A request', () => {
  test.each(['get', 'post', 'put', 'patch', 'delete', 'options'] as const)(
    'is sent by %s()',
    async (name) => {
      const response = await client(show('REQUEST_METHOD'))[name]('/');
      expect(response.json()).toEqual([name.toUpperCase()]);
    },
  );

  test('is sent by head(), and gets no body', async () => {
    const app = jest.fn(answer('hello'));
    const response = await client(app, { validate: false }).head('/');
    expect(app.mock.calls[0]![0].REQUEST_METHOD).toBe('HEAD');
    expect(response).toMatchObject({ status: '200 OK', body: new Uint8Array(0) });
  });

  test('is sent by request(), whatever the method', async () => {
    const response = await client(show('REQUEST_METHOD'), { validate: false }).request(
      'Fetch',
      '/',
    );
    expect(response.json()).toEqual(['Fetch']);
    await expect(client(show()).request('GET ', '/')).rejects.toThrow(
      new RangeError("'GET ' is no method, as 'GET' is one"),
    );
  });

  test.each([
    ['/a/b', ['', '/a/b', '']],
    ['/a?b?c', ['', '/a', 'b?c']],
    ['//a/../b/.', ['', '//a/../b/.', '']],
    ['/%41%zz%e9', ['', '/A%zz\xe9', '']],
    ['/caf\u00e9 x', ['', '/caf\xc3\xa9 x', '']],
    ['/\u{1f375}?\u{1f375}', ['', '/\xf0\x9f\x8d\xb5', '%F0%9F%8D%B5']],
    ['/a#b', ['', '/a#b', '']],
  ])('has the path %s', async (path, variables) => {
    expect(await shown(path, {}, 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING')).toEqual(variables);
  });

  test('may be for the server as a whole', async () => {
    const web = client(show('PATH_INFO'), { validate: false });
    expect((await web.options('*')).json()).toEqual(['']);
  });

  test('has a path with a slash', async () => {
    await expect(client(show()).get('a')).rejects.toThrow(
      new RangeError("a path begins with a slash: make 'a' '/a'"),
    );
    await expect(client(show()).get('http://localhost/')).rejects.toThrow(RangeError);
  });

  test.each([
    ['/', { a: 1, b: [true, "it's (a) \u2615~*"] }, 'a=1&b=true&b=it%27s+%28a%29+%E2%98%95%7E*'],
    ['/?x', { a: '' }, 'x&a='],
    ['/', [['a', 'b&c=d']] as const, 'a=b%26c%3Dd'],
    ['/', new URLSearchParams('a=1&a=2'), 'a=1&a=2'],
    ['/', {}, ''],
  ])('of %s has the query %j', async (path, query, expected) => {
    expect(await shown(path, { query }, 'QUERY_STRING')).toEqual([expected]);
  });

  test('has headers in the place of those of the client', async () => {
    const web = client(show('HTTP_X_A', 'HTTP_X_B', 'HTTP_X_C'), {
      headers: { 'X-A': 'client', 'x-b': 'client' },
    });
    expect((await web.get('/')).json()).toEqual(['client', 'client', null]);
    const headers = [
      ['X-B', 'one'],
      ['X-b', 'two'],
      ['X_C', 'left out'],
    ] as const;
    expect((await web.get('/', { headers })).json()).toEqual(['client', 'one,two', null]);
  });

  test('has cookies joined as cookies are', async () => {
    const headers = [
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
    ] as const;
    expect(await shown('/', { headers }, 'HTTP_COOKIE')).toEqual(['a=1; b=2']);
  });

  test('has the Host that it is given', async () => {
    expect(await shown('/', {}, 'HTTP_HOST', 'SERVER_NAME')).toEqual(['localhost', 'localhost']);
    const headers = { host: 'a.example' };
    expect(await shown('/', { headers }, 'HTTP_HOST')).toEqual(['a.example']);
  });

  test.each([
    [{ 'X Y': '1' }, "'X Y' is no name of a header"],
    [{ 'X-Y': '1\r\nX-Z: 2' }, 'Control characters not allowed in headers'],
    [{ 'X-Y': '\u2615' }, 'cannot encode U+2615'],
    [{ 'Transfer-Encoding': 'chunked' }, 'Transfer-Encoding cannot be given'],
  ])('cannot have the headers %j', async (headers, message) => {
    await expect(client(show()).get('/', { headers })).rejects.toThrow(RangeError);
    await expect(client(show()).get('/', { headers })).rejects.toThrow(message);
  });

  test('has a body in bytes or text', async () => {
    const web = client(echo);
    const bytes = Uint8Array.of(0, 255, 10);
    expect((await web.post('/', { body: bytes })).body).toEqual(bytes);
    expect((await web.put('/', { body: 'caf\u00e9' })).body).toEqual(encodeLatin1('caf\xc3\xa9'));
    await expect(web.post('/', { body: 7 as never })).rejects.toThrow(
      new TypeError('a body is a string or a Uint8Array (got 7)'),
    );
  });

  test('has a body in JSON', async () => {
    const response = await client(echo).post('/', { json: { a: null } });
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.json()).toEqual({ a: null });
    const headers = { 'content-type': 'application/problem+json' };
    const other = await client(echo).post('/', { json: [], headers });
    expect(other.headers.get('Content-Type')).toBe('application/problem+json');
  });

  test('has a form for a body', async () => {
    const response = await client(echo).post('/', { form: { a: ['1', '2'], b: 'c d' } });
    expect(response.headers.get('Content-Type')).toBe('application/x-www-form-urlencoded');
    expect(response.text()).toBe('a=1&a=2&b=c+d');
  });

  test('has one body', async () => {
    await expect(client(echo).post('/', { body: '', json: 1 })).rejects.toThrow(
      new TypeError('a request has one of body, json and form'),
    );
  });

  test('says how long its body is, where there may be one', async () => {
    const web = client(show('CONTENT_LENGTH'));
    expect((await web.get('/')).json()).toEqual(['']);
    expect((await web.post('/')).json()).toEqual(['0']);
    expect((await web.post('/', { body: '' })).json()).toEqual(['0']);
    expect((await web.get('/', { body: '\u00e9' })).json()).toEqual(['2']);
  });

  test('may lie about its length: it is answered for, as by a server', async () => {
    const headers = { 'Content-Length': '7' };
    const response = await client(echo).post('/', { body: 'abc', headers });
    expect(response.status).toBe('400 Bad Request');
  });
});

describe('client(application)', () => {
  test.each<[string, WSGIApplicationLike]>([
    ['an async function', async (...args) => answer('hello')(...args)],
    [
      'a generator function',
      function* (_environ, startResponse) {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        yield encodeLatin1('hel');
        yield encodeLatin1('lo');
      },
    ],
    [
      'an async generator function',
      async function* (environ, startResponse) {
        await environ['wsgi.input'].read();
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        yield encodeLatin1('hello');
      },
    ],
    ['an object', { url: 'mine', __call__: answer('hello') } as WSGIApplicationLike],
    [
      'a file',
      (environ, startResponse) => {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        return environ['wsgi.file_wrapper']!(new BytesIO(encodeLatin1('hello')));
      },
    ],
  ])('calls %s', async (_, application) => {
    expect((await client(application).get('/')).text()).toBe('hello');
    expect((await memory.client(application).get('/')).text()).toBe('hello');
  });

  test('closes the result', async () => {
    const close = jest.fn<() => void>();
    const result = { *[Symbol.iterator]() {}, close };
    await client((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return result;
    }).get('/');
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('refuses what is none', () => {
    for (const none of [null, {}, 'http://localhost', undefined]) {
      expect(() => client(none as never)).toThrow(TypeError);
      expect(() => memory.client(none as never)).toThrow(TypeError);
    }
  });

  test('has variables of the environ', async () => {
    const environ = { REMOTE_USER: 'ann', HTTPS: 'on', HTTP_HOST: 'a.example' };
    const web = client(show('REMOTE_USER', 'wsgi.url_scheme', 'SERVER_PORT', 'HTTP_HOST'), {
      environ,
    });
    expect((await web.get('/')).json()).toEqual(['ann', 'https', '443', 'a.example']);
  });

  test('has a validator before the application, unless it is switched off', async () => {
    const wrong: WSGIApplicationLike = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return [encodeLatin1('hello')];
    };
    await expect(client(wrong).get('/')).rejects.toMatchObject({ ruleId: expect.any(String) });
    expect((await client(wrong, { validate: false }).get('/')).text()).toBe('hello');
    const rules = { 'content-type-missing': 'off' } as const;
    expect((await client(wrong, { validate: { rules } }).get('/')).text()).toBe('hello');
  });

  test('throws what the application throws, and logs nothing', async () => {
    const error = new Error('no disk');
    const close = jest.fn<() => void>();
    const late: WSGIApplicationLike = (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return {
        *[Symbol.iterator]() {
          yield encodeLatin1('hel');
          throw error;
        },
        close,
      };
    };
    const early: WSGIApplicationLike = () => {
      throw error;
    };
    await expect(client(early).get('/')).rejects.toBe(error);
    await expect(client(late).get('/')).rejects.toBe(error);
    expect(close).toHaveBeenCalledTimes(1);
    const nothing: WSGIApplicationLike = async () => {
      throw undefined;
    };
    await expect(client(nothing).get('/')).rejects.toBeUndefined();
  });

  test('throws what close() throws', async () => {
    const error = new Error('no disk');
    const web = client((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return {
        *[Symbol.iterator]() {},
        close() {
          throw error;
        },
      };
    });
    await expect(web.get('/')).rejects.toBe(error);
  });

  test('shows the error page instead, if asked', async () => {
    const web = client(
      () => {
        throw new Error('no disk');
      },
      { errorPage: true },
    );
    const response = await web.get('/');
    expect(response.status).toBe('500 Internal Server Error');
    expect(response.text()).toMatch(/^A server error occurred/);
    expect(response.errors).toContain('Error: no disk');
  });

  test('then says that a response has ended early', async () => {
    const web = client(
      function* (_environ, startResponse) {
        startResponse('200 OK', [
          ['Content-Type', 'text/plain'],
          ['Content-Length', '5'],
        ]);
        yield encodeLatin1('hel');
        throw new Error('no disk');
      },
      { errorPage: true },
    );
    const error: unknown = await web.get('/').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(IncompleteResponse);
    const { name, message, response } = error as IncompleteResponse;
    expect(name).toBe('IncompleteResponse');
    expect(message).toBe('the response has ended after 3 of the 5 bytes of its Content-Length');
    expect(response.text()).toBe('hel');
    expect(response.errors).toContain('Error: no disk');
  });

  test('takes what is logged for an error, if asked', async () => {
    const web = client(
      (environ, startResponse) => {
        if (environ.PATH_INFO === '/bad') void environ['wsgi.errors'].write('disk full\n');
        return answer('hello')(environ, startResponse);
      },
      { fatal: true },
    );
    expect((await web.get('/')).text()).toBe('hello');
    await expect(web.get('/bad')).rejects.toThrow(
      new Error('the application has written to wsgi.errors, which is fatal here: disk full\n'),
    );
  });
});

test('A client of a transport does the same', async () => {
  const web = new Client(new MemoryTransport(answer('hello')));
  expect((await web.get('/')).text()).toBe('hello');
});

test('FileWrapper is what wsgi.file_wrapper makes', async () => {
  let made: unknown;
  await client((environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    const file = environ['wsgi.file_wrapper']!(new BytesIO());
    made = file;
    return file;
  }).get('/');
  expect(made).toBeInstanceOf(FileWrapper);
});
