import { describe, expect, jest, test } from '@jest/globals';
import { byMethod, Router } from '@wsgiref/router';
import type { StartResponse, WSGIApplicationLike } from '@wsgiref/types';
import { FileWrapper, BytesIO } from '@wsgiref/util';
import { ask, makeEnviron, place } from './support.ts';

const NOT_FOUND = {
  status: '404 Not Found',
  headers: { 'Content-Type': 'text/plain', 'Content-Length': '10' },
  body: 'Not Found\n',
};

async function bodyOf(router: Router, path: string | Parameters<typeof ask>[1]): Promise<string> {
  return (await ask(router, path)).body;
}

describe('Router.mount()', () => {
  const router = new Router()
    .mount('/', place('root'))
    .mount('/a', place('a'))
    .mount('/a/b/c', place('abc'));

  test.each([
    ['/', 'root||/'],
    ['/x', 'root||/x'],
    ['/ab', 'root||/ab'],
    ['/A', 'root||/A'],
    ['/a', 'a|/a|'],
    ['/a/', 'a|/a|/'],
    ['/a/x/y', 'a|/a|/x/y'],
    // The place in between is no mount.
    ['/a/b', 'a|/a|/b'],
    ['/a/b/', 'a|/a|/b/'],
    ['/a/b/c', 'abc|/a/b/c|'],
    ['/a/b/c/d/', 'abc|/a/b/c|/d/'],
  ])('has the longest prefix of %s answer', async (path, body) => {
    expect(await bodyOf(router, path)).toBe(body);
  });

  test('traverses as shiftPathInfo does: empty segments and dots are dropped', async () => {
    expect(await bodyOf(router, '//a//x')).toBe('a|/a|/x');
    expect(await bodyOf(router, '/./a/b/./c')).toBe('abc|/a/b/c|');
    // What climbs is for the application to refuse: it leads to no other.
    expect(await bodyOf(router, '/a/../x')).toBe('a|/a|/../x');
    expect(await bodyOf(router, '/../a')).toBe('root||/../a');
  });

  test('goes on from where the router itself is mounted', async () => {
    expect(await bodyOf(router, { SCRIPT_NAME: '/site', PATH_INFO: '/a/x' })).toBe('a|/site/a|/x');
    expect(await bodyOf(router, { SCRIPT_NAME: '/site', PATH_INFO: '' })).toBe('root|/site|');
  });

  test('nests', async () => {
    const deep = new Router().mount(
      '/one',
      new Router().mount('/two', new Router().route('/', place('three'))),
    );
    expect(await bodyOf(deep, '/one/two')).toBe('three|/one/two|');
    expect(await bodyOf(deep, '/one/two/')).toBe('three|/one/two|/');
    expect(await ask(deep, '/one/two/three')).toEqual(NOT_FOUND);
    expect(await ask(deep, '/one')).toEqual(NOT_FOUND);
  });

  test('compares with the bytes of a path, which are UTF-8', async () => {
    const unicode = new Router().mount('/caf\u00e9 \u2615', place('unicode'));
    expect(await bodyOf(unicode, '/caf\xc3\xa9 \xe2\x98\x95/x')).toBe(
      'unicode|/caf\xc3\xa9 \xe2\x98\x95|/x',
    );
    expect(await ask(unicode, '/caf\xe9')).toEqual(NOT_FOUND);
  });

  test('knows no names but those that it was given', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(await ask(new Router().mount('/a', place('a')), `/${name}`)).toEqual(NOT_FOUND);
    }
    expect(await bodyOf(new Router().mount('/__proto__', place('a')), '/__proto__')).toBe(
      'a|/__proto__|',
    );
  });

  test('refuses a second mount at the same place', () => {
    expect(() => new Router().mount('/a', place('a')).mount('/a', place('b'))).toThrow(
      new RangeError("there is a mount at '/a' already"),
    );
  });

  test('refuses a slash at the end', () => {
    expect(() => new Router().mount('/a/', place('a'))).toThrow(
      new RangeError("a mount has no slash at its end: make '/a/' '/a'"),
    );
  });
});

describe('Router.route()', () => {
  const router = new Router()
    .route('/', place('home'))
    .route('/articles', byMethod({ GET: place('list'), POST: place('create') }))
    .route('/folder/', place('folder'))
    .mount('/articles', place('below'));

  test.each([
    ['/', 'home||/'],
    ['/articles', 'list|/articles|'],
    ['//articles', 'list|/articles|'],
    ['/folder/', 'folder|/folder|/'],
    ['/articles/', 'below|/articles|/'],
    ['/articles/7', 'below|/articles|/7'],
    ['/folder//', 'folder|/folder|/'],
  ])('has %j answered', async (path, body) => {
    expect(await bodyOf(router, path)).toBe(body);
  });

  test("has its root answered by '/', with the slash and without", async () => {
    expect(await bodyOf(router, { SCRIPT_NAME: '/site', PATH_INFO: '/' })).toBe('home|/site|/');
    expect(await bodyOf(router, { SCRIPT_NAME: '/site', PATH_INFO: '' })).toBe('home|/site|');
  });

  test.each(['/x', '/folder', '/folder/x', '/folder/.', '/Articles'])(
    'has %s not found',
    async (path) => {
      expect(await ask(router, path)).toEqual(NOT_FOUND);
    },
  );

  test('refuses a method, though a mount would answer it', async () => {
    const answer = await ask(router, { PATH_INFO: '/articles', REQUEST_METHOD: 'DELETE' });
    expect(answer).toMatchObject({
      status: '405 Method Not Allowed',
      headers: { Allow: 'GET, POST, HEAD, OPTIONS' },
    });
  });

  test('refuses a second route for the same path', () => {
    expect(() => new Router().route('/a', place('a')).route('/a', place('b'))).toThrow(
      new RangeError("there is a route for '/a' already"),
    );
    expect(() => new Router().route('/', place('a')).route('/', place('b'))).toThrow(
      new RangeError("there is a route for '/' already"),
    );
    expect(() => new Router().route('/a', place('a')).route('/a/', place('b'))).not.toThrow();
  });

  test.each([
    ['', "a path begins with a slash: make '' '/'"],
    ['a/b', "a path begins with a slash: make 'a/b' '/a/b'"],
    ['/a%20b', "'/a%20b' should be a path alone, and not percent-encoded"],
    ['/a?b', "'/a?b' should be a path alone"],
    ['/a#b', "'/a#b' should be a path alone"],
    ['/a//b', "'/a//b' has a segment '', which no request comes by: leave it out"],
    ['/a/../b', "'/a/../b' has a segment '..', which no request comes by: leave it out"],
    ['/.', "'/.' has a segment '.', which no request comes by: leave it out"],
  ])('refuses the path %j', (path, message) => {
    expect(() => new Router().route(path, place('a'))).toThrow(RangeError);
    expect(() => new Router().route(path, place('a'))).toThrow(message);
    expect(() => new Router().mount(path, place('a'))).toThrow(message);
  });

  test('refuses what is no application, and keeps nothing of it', () => {
    const empty = new Router();
    expect(() => empty.route('/a', 7 as never)).toThrow(TypeError);
    expect(() => empty.mount('/a', null as never)).toThrow(TypeError);
    expect(() => new Router({ fallback: 'page' as never })).toThrow(TypeError);
    empty.route('/a', place('a')).mount('/a', place('a'));
  });
});

describe('new Router({ fallback })', () => {
  test('answers what nothing else does, with the environ as it came', async () => {
    const router = new Router({ fallback: place('fallback') }).mount('/a/b', place('ab'));
    expect(await bodyOf(router, '/a/c')).toBe('fallback||/a/c');
    expect(await bodyOf(router, '//a')).toBe('fallback||//a');
    expect(await bodyOf(router, '/a/b')).toBe('ab|/a/b|');
  });
});

describe('new Router({ redirectSlashes })', () => {
  const router = new Router({ redirectSlashes: true })
    .route('/', place('home'))
    .route('/folder/', place('folder'))
    .route('/file', place('file'))
    .route('/both', place('both'))
    .route('/both/', place('both/'))
    .mount('/', place('root'))
    .route('/mounted/', place('slash'))
    .mount('/mounted', place('mounted'));

  async function locationOf(variables: Parameters<typeof ask>[1]): Promise<unknown> {
    const { status, headers } = await ask(router, variables);
    return [status, headers['Location']];
  }

  test('adds a slash, or takes it away', async () => {
    const moved = '308 Permanent Redirect';
    expect(await locationOf('/folder')).toEqual([moved, 'http://127.0.0.1/folder/']);
    expect(await locationOf('/file/')).toEqual([moved, 'http://127.0.0.1/file']);
    expect(await ask(router, '/file/')).toMatchObject({ body: 'Permanent Redirect\n' });
  });

  test('keeps the query, and where it is mounted, encoded', async () => {
    const variables = { SCRIPT_NAME: '/a b', PATH_INFO: '/folder', QUERY_STRING: 'a=%20&b' };
    expect(await locationOf(variables)).toEqual([
      '308 Permanent Redirect',
      'http://127.0.0.1/a%20b/folder/?a=%20&b',
    ]);
  });

  test('does not lead to another host', async () => {
    expect(await locationOf({ PATH_INFO: '//folder' })).toEqual([
      '308 Permanent Redirect',
      'http://127.0.0.1/folder/',
    ]);
  });

  test('redirects from where it is mounted to its root', async () => {
    const site = new Router({ redirectSlashes: true }).route('/', place('home'));
    expect(await ask(site, { SCRIPT_NAME: '/site', PATH_INFO: '' })).toMatchObject({
      status: '308 Permanent Redirect',
      headers: { Location: 'http://127.0.0.1/site/' },
    });
    expect(await bodyOf(site, { SCRIPT_NAME: '/site', PATH_INFO: '/' })).toBe('home|/site|/');
  });

  test('does not redirect the server as a whole, whose path is empty', async () => {
    const environ = makeEnviron({ REQUEST_METHOD: 'OPTIONS', PATH_INFO: '' });
    const site = new Router({ redirectSlashes: true }).route('/', place('home'));
    const startResponse = jest.fn<StartResponse>(() => () => {});
    const result = await site.__call__(environ, startResponse);
    await result.close!();
    expect(startResponse.mock.calls[0]![0]).toBe('200 OK');
  });

  test('leaves alone what has a route, or a mount at that very place', async () => {
    expect(await bodyOf(router, '/both')).toBe('both|/both|');
    expect(await bodyOf(router, '/both/')).toBe('both/|/both|/');
    expect(await bodyOf(router, '/mounted')).toBe('mounted|/mounted|');
    expect(await bodyOf(router, '/mounted/')).toBe('slash|/mounted|/');
    expect(await bodyOf(router, '/elsewhere/')).toBe('root||/elsewhere/');
    expect(await bodyOf(router, '/file/x')).toBe('root||/file/x');
  });

  test('is off unless asked for', async () => {
    const plain = new Router().route('/folder/', place('folder')).route('/file', place('file'));
    expect(await ask(plain, '/folder')).toEqual(NOT_FOUND);
    expect(await ask(plain, '/file/')).toEqual(NOT_FOUND);
  });
});

describe('A router as a middleware', () => {
  test('leaves its own environ as it came, and the application may change its copy', () => {
    const router = new Router().mount('/a', (environ) => {
      environ.PATH_INFO = '/elsewhere';
      environ['x'] = 'y';
      return [];
    });
    const environ = makeEnviron({ PATH_INFO: '/a/b' });
    const before = { ...environ };
    void router.__call__(environ, () => () => {});
    expect(environ).toEqual(before);
  });

  test('returns the very result of the application, before anything is asked of it', () => {
    for (const result of [[], new FileWrapper(new BytesIO()), Promise.resolve([])]) {
      const application = (() => result) as WSGIApplicationLike;
      const router = new Router().mount('/', application);
      expect(router.__call__(makeEnviron(), () => () => {})).toBe(result);
    }
  });

  test('lets errors through', () => {
    const error = new Error('no disk');
    const router = new Router().mount('/', () => {
      throw error;
    });
    expect(() => router.__call__(makeEnviron(), () => () => {})).toThrow(error);
  });

  test('gets along without SCRIPT_NAME or PATH_INFO', () => {
    const router = new Router().route('/', (environ) => {
      expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(['', '']);
      return [];
    });
    const { SCRIPT_NAME: _, PATH_INFO: __, ...environ } = makeEnviron();
    expect(router.__call__(environ as never, () => () => {})).toEqual([]);
  });

  test('refuses a path without a slash, which no server should give', () => {
    const router = new Router().mount('/', place('root'));
    expect(() => router.__call__(makeEnviron({ PATH_INFO: 'a' }), () => () => {})).toThrow(
      new RangeError("PATH_INFO doesn't start with /: 'a'"),
    );
  });
});
