// The programs of docs/examples, each run as a reader runs it, and asked what its page says.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import ts from 'typescript';
import { exchange, RawClient } from '../support/raw-client.ts';
import { EXAMPLES, Program, type ProgramOptions } from './program.ts';

jest.setTimeout(60_000);

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A request as a browser sends it, whose reply ends the connection. */
function get(path: string): string {
  return GET.replace('/', path);
}

/** The body of a reply, and its status line. */
function split(reply: string): { status: string; headers: string[]; body: string } {
  const end = reply.indexOf('\r\n\r\n');
  const [status, ...headers] = reply.slice(0, end).split('\r\n');
  return { status: status!, headers, body: reply.slice(end + 4) };
}

describe('socket-server.ts', () => {
  test('answers "world" to whatever it is told, and hangs up', async () => {
    await using server = new Program('socket-server.ts', ['0']);
    const port = await server.port();
    expect(await exchange({ port }, 'hello')).toBe('world');
    expect(await exchange({ port }, '\0')).toBe('world');
  });

  test('survives clients that go away', async () => {
    await using server = new Program('socket-server.ts', ['0']);
    const port = await server.port();
    const silent = await RawClient.connect({ port });
    await silent.close();
    const rude = await RawClient.connect({ port });
    await rude.send('hello');
    rude.socket.resetAndDestroy();
    expect(await exchange({ port }, 'hello')).toBe('world');
  });
});

describe('socket-client.ts', () => {
  test('says "hello", and prints the answer', async () => {
    const heard: string[] = [];
    await using server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.on('data', (data) => heard.push(data.toString()));
      connection.on('end', () => connection.end('the answer'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using client = new Program('socket-client.ts', [String(port)]);
    expect([await client.end(), client.stdout, heard]).toEqual([0, 'the answer\n', ['hello']]);
  });

  test('gets on with socket-server.ts', async () => {
    await using server = new Program('socket-server.ts', ['0']);
    await using client = new Program('socket-client.ts', [String(await server.port())]);
    expect([await client.end(), client.stdout]).toEqual([0, 'world\n']);
  });
});

describe('status-line-server.ts', () => {
  test('sends a status line, a blank line, and "world"', async () => {
    await using server = new Program('status-line-server.ts', ['0']);
    const port = await server.port();
    expect(await exchange({ port }, GET)).toBe('HTTP/1.1 200 OK\r\n\r\nworld');
  });

  test('is understood by a client that speaks HTTP', async () => {
    await using server = new Program('status-line-server.ts', ['0']);
    const response = await fetch(`http://127.0.0.1:${await server.port()}/whatever`);
    expect([response.status, await response.text()]).toEqual([200, 'world']);
  });
});

describe('page-server.ts', () => {
  test('sends index.html', async () => {
    await using server = new Program('page-server.ts', ['0']);
    const page = readFileSync(`${EXAMPLES}index.html`, 'latin1');
    expect(page).toContain('<h1>hello world!</h1>');
    expect(await exchange({ port: await server.port() }, GET)).toBe(
      `HTTP/1.1 200 OK\r\n\r\n${page}`,
    );
  });

  test('reads the file for each request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsgiref-page-'));
    try {
      const file = join(folder, 'page.html');
      await writeFile(file, 'first');
      await using server = new Program('page-server.ts', ['0', file]);
      const port = await server.port();
      expect(split(await exchange({ port }, GET)).body).toBe('first');
      await writeFile(file, 'second');
      expect(split(await exchange({ port }, GET)).body).toBe('second');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('ends when the file is missing', async () => {
    await using server = new Program('page-server.ts', ['0', 'no-such-page.html']);
    await exchange({ port: await server.port() }, GET).catch(() => 'the connection was reset');
    expect(await server.end()).toBe(1);
    expect(server.stderr).toContain('ENOENT');
  });
});

describe('router.ts', () => {
  test('answers each URL as its table says, and prints it', async () => {
    await using server = new Program('router.ts', ['0']);
    const port = await server.port();
    const answers = {
      '/index': 'index',
      '/home': 'home',
      '/': '404 not found!',
      '/home?q=1': '404 not found!',
    };
    for (const [url, body] of Object.entries(answers)) {
      expect(await exchange({ port }, get(url))).toBe(`HTTP/1.1 200 OK\r\n\r\n${body}`);
    }
    await server.prints(/^\/index\n\/home\n\/\n\/home\?q=1\n$/m);
  });

  test('survives a client that sends no request', async () => {
    await using server = new Program('router.ts', ['0']);
    const port = await server.port();
    expect(await exchange({ port }, '\r\n')).toContain('404 not found!');
    expect(await exchange({ port }, get('/home'))).toContain('home');
  });
});

describe('applications.ts', () => {
  test('calls the function and the class, which do the same', async () => {
    await using program = new Program('applications.ts');
    const once = "200 OK [ [ 'Content-type', 'text/plain' ] ]\nHello world!\n";
    expect([await program.end(), program.stdout]).toEqual([0, once + once]);
  });
});

describe('cgi-gateway.ts', () => {
  async function run(
    name: string,
    options: ProgramOptions = {},
  ): Promise<{ end: number | NodeJS.Signals; stdout: string; stderr: string }> {
    const fixture = fileURLToPath(new URL('fixtures/cgi-applications.ts', import.meta.url));
    const env = { REQUEST_METHOD: 'GET', ...options.env };
    await using program = new Program(fixture, [name], { ...options, env });
    const end = await program.end();
    return { end, stdout: program.stdout, stderr: program.stderr };
  }

  test('runs simpleApp as a CGI program', async () => {
    await using program = new Program('cgi-gateway.ts', [], { env: { REQUEST_METHOD: 'GET' } });
    const end = await program.end();
    expect([end, program.stdout, program.stderr]).toEqual([
      0,
      'Status: 200 OK\r\nContent-type: text/plain\r\n\r\nHello world!\n',
      '',
    ]);
  });

  test('makes an environ of variables and standard input', async () => {
    const env = {
      REQUEST_METHOD: 'POST',
      PATH_INFO: '/caf\u00e9',
      HTTPS: 'on',
      CONTENT_LENGTH: '7',
    };
    const { stdout } = await run('echo', { env, input: 'a\nb c d, which is more' });
    expect(stdout.split('\r\n')).toEqual([
      'Status: 200 OK',
      'X-Method: POST',
      // In bytes, UTF-8.
      'X-Path: /caf\xc3\xa9',
      'X-Scheme: https',
      'X-Once: true',
      '',
      'a\nb c d',
    ]);
  });

  test('takes what there is of a request body that ends early', async () => {
    const { stdout } = await run('echo', { env: { CONTENT_LENGTH: '70' }, input: 'abc' });
    expect(split(stdout).body).toBe('abc');
  });

  test('sends the headers even if there is no body', async () => {
    expect((await run('empty')).stdout).toBe('Status: 204 No Content\r\nX-A: \xe9\r\n\r\n');
  });

  test('sends what is written before what is returned', async () => {
    expect((await run('written')).stdout).toBe('Status: 200 OK\r\n\r\nwritten, hello\n');
  });

  test.each([
    ['early', 'AssertionError: write() before start_response()'],
    ['twice', 'AssertionError: Headers already set!'],
  ])('an application that is %s ends in an error, before anything is sent', async (name, error) => {
    const { end, stdout, stderr } = await run(name);
    expect([end, stdout]).toEqual([1, '']);
    expect(stderr).toContain(error);
  });

  test('lets an error handler replace headers that have not been sent', async () => {
    expect((await run('replaced')).stdout).toBe('Status: 500 Oops\r\n\r\nhello\n');
  });

  test('throws the error on if they have', async () => {
    const { end, stdout, stderr } = await run('late');
    expect([end, stdout]).toEqual([1, 'Status: 200 OK\r\n\r\nhello\n']);
    expect(stderr).toContain('Error: the reason');
  });

  test('closes the result, also after an error', async () => {
    const { end, stderr } = await run('closed');
    expect([end, stderr.split('\n')[0]]).toEqual([1, 'closed']);
    expect(stderr).toContain('Error: the reason');
  });
});

describe('routes.ts', () => {
  test('answers each path as its table says', async () => {
    await using server = new Program('routes.ts', ['0']);
    const port = await server.port();
    const answers = {
      '/index': 'index',
      '/home': 'home',
      '/': '404 not found!',
      '/home?q=1': 'home',
    };
    for (const [url, body] of Object.entries(answers)) {
      expect(split(await exchange({ port }, get(url)))).toEqual({
        status: 'HTTP/1.0 200 OK',
        headers: [
          expect.stringMatching(/^Date: /),
          expect.stringMatching(/^Server: WSGIServer\/0\.2 /),
          'Content-Type: text/plain',
          `Content-Length: ${body.length}`,
        ],
        body,
      });
    }
    await server.logs(/^127\.0\.0\.1 - - \[.*\] "GET \/home\?q=1 HTTP\/1\.1" 200 4$/m);
  });
});

describe('demo.ts', () => {
  test('serves one request, then ends', async () => {
    await using program = new Program('demo.ts', ['0']);
    const port = await program.port();
    const [, url] = await program.prints(/^Open (.*)$/m);
    expect(url).toBe(`http://127.0.0.1:${port}/xyz?abc`);
    const response = await fetch(url!);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toMatch(/^Hello world!\n/);
    expect(page).toContain("PATH_INFO = '/xyz'\nQUERY_STRING = 'abc'\n");
    expect(await program.end()).toBe(0);
    await expect(RawClient.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('application-forms.ts', () => {
  /** What each says to a request with a body of `a\nb\n`. */
  const forms = {
    plain: 'hello from a function\n',
    async: 'hello from an async function that read 4 bytes\n',
    generator: 'hello from a generator\n',
    'async-generator': 'hello from an async generator\na\nb\n',
    class: 'hello from a class\n',
    object: 'hello from an object, number 1\n',
    'bound-method': 'hello from a bound method\n',
  };

  async function post(port: number, path: string): Promise<string> {
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n`;
    return exchange({ port }, `${head}a\nb\n`);
  }

  test('serves an application of each form', async () => {
    await using server = new Program('application-forms.ts', ['0']);
    const port = await server.port();
    for (const [form, body] of Object.entries(forms)) {
      const reply = split(await post(port, `/${form}`));
      expect([form, reply.status, reply.body]).toEqual([form, 'HTTP/1.0 200 OK', body]);
    }
    await server.logs(/^the generator is done$/m);
  });

  test('the object remembers, and its bound method knows it', async () => {
    await using server = new Program('application-forms.ts', ['0']);
    const port = await server.port();
    const numbers: string[] = [];
    for (const path of ['/object', '/object', '/bound-method', '/object']) {
      numbers.push(
        split(await post(port, path))
          .body.split(' ')
          .at(-1)!,
      );
    }
    expect(numbers).toEqual(['1\n', '2\n', 'method\n', '1\n']);
  });

  test('lists them all at any other path', async () => {
    await using server = new Program('application-forms.ts', ['0']);
    const port = await server.port();
    for (const path of ['/', '/toString', '/other/plain']) {
      const reply = split(await post(port, path));
      expect(reply.status).toBe('HTTP/1.0 404 Not Found');
      expect(reply.body).toBe(`/${Object.keys(forms).join('\n/')}\n`);
    }
  });
});

describe('cluster.ts', () => {
  test('serves by two processes, and SIGTERM lets requests in flight finish', async () => {
    await using server = new Program('cluster.ts', ['0']);
    const port = await server.port();
    const ask = (): Promise<string> =>
      exchange({ port }, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    const answers = new Set<string>();
    for (let count = 0; count < 4; count++) answers.add(split(await ask()).body);
    expect(answers.size).toBe(2);
    for (const answer of answers) expect(answer).toMatch(/^process \d+, one of several\n$/);

    const clients = await Promise.all([1, 2, 3, 4].map(() => RawClient.connect({ port })));
    for (const client of clients) {
      // The second request cannot be answered before the first, which is answered at once.
      await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /?300 HTTP/1.1\r\nHost: h\r\n\r\n');
    }
    for (const client of clients) await client.waitFor('one of several');
    server.kill('SIGTERM');
    for (const client of clients) {
      const reply = await client.reply();
      expect(reply.match(/one of several/g)).toHaveLength(2);
      expect(reply).toContain('Connection: close');
      await client.close();
    }
    expect(await server.end()).toBe(0);
  });
});

describe('gopher-server.ts', () => {
  test('answers a selector with the body, and nothing else', async () => {
    await using server = new Program('gopher-server.ts', ['0']);
    const port = await server.port();
    const answers = {
      '/home\r\n': 'home',
      'home\r\n': 'home',
      '/index\n': 'index',
      '\r\n': '404 not found!',
    };
    for (const [line, body] of Object.entries(answers)) {
      expect(await exchange({ port }, line)).toBe(body);
    }
  });

  test('answers nothing to half a line, and to one without end', async () => {
    await using server = new Program('gopher-server.ts', ['0']);
    const port = await server.port();
    expect(await exchange({ port }, '/home', { halfClose: true })).toBe('');
    expect(await exchange({ port }, 'a'.repeat(5000))).toBe('');
    expect(await exchange({ port }, '/home\r\n')).toBe('home');
    expect(server.stderr).toBe('');
  });
});

describe('flask-server.ts', () => {
  test('serves a Flask project, and logs what it raises', async () => {
    const fixtures = fileURLToPath(new URL('../python/fixtures/', import.meta.url));
    const folders = ['flaskproject', 'shims'].map((name) => fixtures + name);
    const debian = '/usr/lib/python3/dist-packages';
    // `on_314:app` is `shop:app`, with what Debian's Flask lacks on this Python.
    await using server = new Program('flask-server.ts', ['0', 'on_314:app', ...folders, debian]);
    const port = await server.port();
    expect(split(await exchange({ port }, get('/hello')))).toMatchObject({
      status: 'HTTP/1.0 200 OK',
      body: 'Hello, World!',
    });
    expect(split(await exchange({ port }, get('/fails'))).status).toBe(
      'HTTP/1.0 500 INTERNAL SERVER ERROR',
    );
    await server.logs(/Traceback [^]*KeyError: 'no such key'/);
  });

  test('says what it does not find', async () => {
    await using server = new Program('flask-server.ts', ['0', 'no_such_module:app']);
    expect(await server.end()).toBe(1);
    expect(server.stderr).toContain("Python finds no module 'no_such_module'");
  });
});

describe('docs/examples', () => {
  const programs = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'));
  const readme = readFileSync(`${EXAMPLES}README.md`, 'utf8');
  const source = (name: string): string => readFileSync(EXAMPLES + name, 'utf8');

  test('README.md lists every program, and no other', () => {
    const listed = [...readme.matchAll(/^\| \[(.*?)\]\((.*?)\) /gm)].map(([, name, link]) => {
      expect(link).toBe(name);
      return name;
    });
    expect(listed.sort()).toEqual(programs.sort());
  });

  test('README.md names the ports', () => {
    for (const [, name, port] of readme.matchAll(/^\| \[(\S+)\].*\| (\d*) +\| .*\|$/gm)) {
      const [, inSource = ''] = /process\.argv\[2\] \?\? (\d+)/.exec(source(name!)) ?? [];
      expect([name, inSource]).toEqual([name, port]);
    }
  });

  test.each(programs)('%s begins with what a reader needs', (name) => {
    const [opening] = source(name).split('\n\n', 1);
    const sentences = opening!.replaceAll(/^\/\/ ?/gm, '').split(/[.!?:](?=\s|$)/);
    expect(opening!.split('\n').every((line) => line.startsWith('// '))).toBe(true);
    expect(sentences.length).toBeGreaterThan(2);
    expect(opening).toMatch(/\b[Tt]ry\b/);
  });

  test('those that export something can be imported without running', async () => {
    const exporting = programs.filter((name) => /^export /m.test(source(name)));
    expect(exporting.length).toBeGreaterThan(3);
    const fixture = fileURLToPath(new URL('fixtures/import.mjs', import.meta.url));
    const paths = exporting.map((name) => EXAMPLES + name);
    await using program = new Program(fixture, paths);
    const end = await program.end();
    expect([end, program.stdout, program.stderr]).toEqual([0, '', '']);
  });

  test('the build of the programs knows the packages that they import', () => {
    const path = `${EXAMPLES}tsconfig.json`;
    const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
    expect(error).toBeUndefined();
    const parsed = ts.parseJsonConfigFileContent(config, ts.sys, EXAMPLES);
    expect(parsed.errors).toEqual([]);
    expect(parsed.fileNames.map((file) => file.slice(EXAMPLES.length)).sort()).toEqual(
      programs.sort(),
    );
    const references = parsed.projectReferences!.map((reference) =>
      reference.path.replace(/^.*\/packages\//, '@wsgiref/'),
    );
    const imported = programs.flatMap((name) =>
      [...source(name).matchAll(/from '(@wsgiref\/[\w-]+)/g)].map(([, specifier]) => specifier!),
    );
    expect(references.sort()).toEqual([...new Set(imported)].sort());
  });
});
