// RFC 3875 §6: what a script answers with.

import { describe, expect, test } from '@jest/globals';
import { cgiApplication } from '@wsgiref/cgi';
import { Router } from '@wsgiref/router';
import { client, type TestResponse } from '@wsgiref/testing';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { script, TEXT } from './scripts.ts';
import { begin, logOf, makeEnviron } from './support.ts';

const validate = {
  rules: { 'content-type-missing': 'off', 'content-type-forbidden': 'off' },
} as const;

function ask(
  path: string,
  options: Parameters<typeof cgiApplication>[1] = {},
): Promise<TestResponse> {
  return client(cgiApplication(path, options), { validate }).get('/');
}

/** A script that sends a text. */
function sending(text: string): string {
  const octal = Buffer.from(text, 'latin1').reduce(
    (escaped, byte) => `${escaped}\\${byte.toString(8).padStart(3, '0')}`,
    '',
  );
  return script(`printf '${octal}'`);
}

describe('A response', () => {
  test.each([
    ['Content-Type: text/plain\n\nhello', '200 OK', 'hello'],
    ['content-type:text/plain\r\n\r\nhello', '200 OK', 'hello'],
    ['Status: 404\n\n', '404 Not Found', ''],
    ['Status: 404 \n\n', '404 Not Found', ''],
    ['Status: 299\n\n', '299 ', ''],
    ['Status: 404 No  Such Thing\n\n', '404 No  Such Thing', ''],
    ['Content-Type: text/plain\nSTATUS: 201 Made\n\n\nx', '201 Made', '\nx'],
  ])('%j has a status and a body', async (text, status, body) => {
    const environ = makeEnviron();
    const begun = await begin(cgiApplication(sending(text)), environ);
    expect(begun.status).toBe(status);
    let got = '';
    for (let step = await begun.blocks.next(); !step.done; step = await begun.blocks.next()) {
      got += Buffer.from(step.value).toString('latin1');
    }
    await begun.close();
    expect(got).toBe(body);
    expect(logOf(environ)).toBe('');
  });

  test('has headers in their order and case, without those of the connection', async () => {
    const text =
      'x-B: 1\nContent-Type: text/plain\nConnection: close\nSet-Cookie: a\nKeep-Alive: 5\n' +
      'X-a:  caf\xe9\ttab \nSet-Cookie: b\nContent-Length: 5\n\nhello';
    const { headers } = await ask(sending(text));
    expect(headers.items().filter(([name]) => name !== 'Date')).toEqual([
      ['x-B', '1'],
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'a'],
      ['X-a', 'caf\xe9 tab'],
      ['Set-Cookie', 'b'],
      ['Content-Length', '5'],
    ]);
  });

  test('has no body for HEAD, and the script is told', async () => {
    const app = cgiApplication(script(`${TEXT}; test "$REQUEST_METHOD" = HEAD || echo body`));
    expect(await client(app).head('/')).toMatchObject({ statusCode: 200, errors: '' });
  });

  test('is long, and comes whole', async () => {
    const response = await ask(script(`${TEXT}; head -c 1000000 /dev/zero | tr '\\0' x`));
    expect(response.text()).toBe('x'.repeat(1_000_000));
  });
});

describe('A redirect', () => {
  test('of the client is a 302', async () => {
    const response = await ask(sending('Location: http://other.example/x\n\n'));
    expect(response.status).toBe('302 Found');
    expect(response.headers.get('Location')).toBe('http://other.example/x');
  });

  test('of the client with a Status is what it says', async () => {
    const response = await ask(sending('Location: /x\nStatus: 303 See Other\n\n'));
    expect(response.status).toBe('303 See Other');
    expect(response.headers.get('Location')).toBe('/x');
  });

  const shown = script(
    `${TEXT}; echo "$REQUEST_METHOD|$SCRIPT_NAME|$PATH_INFO|$QUERY_STRING|\${CONTENT_LENGTH-none}|\${CONTENT_TYPE-none}"; cat`,
  );

  function makeSite(location: string): WSGIApplicationLike {
    const site = new Router().mount('/shown', cgiApplication(shown));
    return site.mount(
      '/from',
      cgiApplication(sending(`Location: ${location}\nContent-Type: text/html\n\nignored`), {
        site,
      }),
    );
  }

  test('within the server is answered by the site', async () => {
    const rules = { 'body-on-head': 'off' } as const;
    const web = client(makeSite('/shown/a%20b?c=d?e#f'), { validate: { rules } });
    const body = 'not for the other';
    expect((await web.post('/from/here?x', { body })).text()).toBe(
      'GET|/shown|/a b|c=d?e|none|none\n',
    );
    expect(await web.head('/from')).toMatchObject({ statusCode: 200 });
  });

  test('within the server to itself ends', async () => {
    const response = await client(makeSite('/from')).get('/from');
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.errors).toContain(' redirects to /from, after 20 redirects\n');
  });

  test('within the server without a site is an error', async () => {
    const response = await ask(sending('Location: /x\n\n'));
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.errors).toContain(' redirects to /x, but there is no `site` to ask for that\n');
  });

  test('within the server does not end well if the script does not', async () => {
    const site = (): never => {
      throw new Error('nobody should ask');
    };
    const path = script("printf 'Location: /x\\n\\n'; kill -KILL $$");
    const response = await ask(path, { site });
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.errors).toBe(`${path} was ended by SIGKILL\n`);
  });
});

describe('What is no response', () => {
  test.each([
    ['', 'sends nothing, and has ended with status 0'],
    ['hello', 'sends a head without an end, and has ended with status 0'],
    ['Content-Type: text/plain\n', 'sends a head without an end, and has ended with status 0'],
    ['\nhello', 'sends none of Content-Type, Location and Status'],
    ['X-Only: this\n\nhello', 'sends none of Content-Type, Location and Status'],
    ['<html>\n\n', "sends '<html>', which is no header"],
    ['Content-Type: text/plain\n folded\n\n', "sends ' folded', which is no header"],
    ['Content-Type : text/plain\n\n', 'which is no header'],
    ['X: a\x00b\n\n', 'which is no header'],
    ['X: a\rb\n\n', 'which is no header'],
    [
      'HTTP/1.1 200 OK\nContent-Type: text/plain\n\n',
      "make the status line 'HTTP/1.1 200 OK' a Status",
    ],
    ['Status: 200 OK\nStatus: 200 OK\n\n', 'sends two Status fields'],
    ['Location: /a\nLocation: /b\n\n', 'sends two Location fields'],
    ['Status: OK\n\n', "sends the bad Status 'OK'"],
    ['Status: 100 Continue\n\n', "sends the bad Status '100 Continue'"],
    ['Status: 2000\n\n', "sends the bad Status '2000'"],
    ['Status: 200 OK\nTransfer-Encoding: chunked\n\n', "sends the transfer coding 'chunked'"],
    [
      'Status: 200 OK\nContent-Length: x\n\n',
      'sends headers that are refused: AssertionError: Bad Content-Length',
    ],
  ])('is %j', async (text, message) => {
    const path = sending(text);
    const response = await ask(path);
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.text()).toBe('Bad Gateway\n');
    expect(response.errors).toContain(`${path} `);
    expect(response.errors).toContain(message);
  });

  test.each([
    ['a line', "printf 'Content-Type: '; head -c 100000 /dev/zero | tr '\\0' x"],
    ['lines', "yes 'Content-Language: de' | head -c 100000"],
  ])('is %s without end', async (_, text) => {
    const response = await ask(script(text));
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.errors).toContain(' sends a head of more than 65536 bytes\n');
  });

  test('says no more to HEAD', async () => {
    const app = cgiApplication(script('exit 3'));
    const response = await client(app).head('/');
    expect(response).toMatchObject({ status: '502 Bad Gateway', body: new Uint8Array(0) });
  });

  test('logs why the script has failed', async () => {
    const path = script('echo "no such module" >&2; exit 3');
    expect((await ask(path)).errors).toBe(
      `no such module\n${path} sends nothing, and has ended with status 3\n`,
    );
    const killed = script('kill -SEGV $$');
    expect((await ask(killed)).errors).toBe(`${killed} sends nothing, and was ended by SIGSEGV\n`);
  });

  test('is there if the script cannot be run', async () => {
    const missing = await ask('/nowhere/to/be/found');
    expect(missing.status).toBe('502 Bad Gateway');
    expect(missing.errors).toMatch(
      /^\/nowhere\/to\/be\/found cannot be run: Error: spawn .*ENOENT\n$/,
    );
    const long = client(cgiApplication(script(TEXT)));
    const response = await long.get('/', { headers: { 'X-Long': 'x'.repeat(200_000) } });
    expect(response.status).toBe('502 Bad Gateway');
    expect(response.errors).toContain('E2BIG');
  });

  test('does not log without end', async () => {
    const path = script(`head -c 1000000 /dev/zero | tr '\\0' x >&2; ${TEXT}`);
    const { errors } = await ask(path);
    expect(errors).toBe(`${'x'.repeat(65536)}\n(more than that is not logged)\n`);
  });
});

describe('cgiApplication()', () => {
  test('refuses scripts with non-parsed headers', () => {
    expect(() => cgiApplication('/srv/nph-push')).toThrow(
      new RangeError(
        "'/srv/nph-push' is a script with non-parsed headers: make it one that sends a CGI response",
      ),
    );
  });

  test('refuses options that cannot be', () => {
    expect(() => cgiApplication('x', { timeout: 0 })).toThrow(
      new RangeError('timeout should be a positive number (got 0)'),
    );
    expect(() => cgiApplication('x', { maxOutput: NaN })).toThrow(RangeError);
    expect(() => cgiApplication('x', { maxDuration: -1 })).toThrow(RangeError);
    expect(() => cgiApplication('x', { documentRoot: 'srv' })).toThrow(
      /^documentRoot should be absolute: make 'srv' '\//,
    );
    expect(() => cgiApplication('x', { site: 'y' as never })).toThrow(TypeError);
  });
});
