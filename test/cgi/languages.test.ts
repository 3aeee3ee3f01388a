// Scripts in several languages, and our own CGIHandler among them.

import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { cgiApplication } from '@wsgiref/cgi';
import { client } from '@wsgiref/testing';
import { script, TEXT } from './scripts.ts';

const TYPESCRIPT = new URL('../docs/typescript.mjs', import.meta.url).href;

/** Each echoes what it is asked: the method, a header, the query and the body. */
const languages: Record<string, () => string | URL> = {
  sh: () =>
    script(`
      printf 'Status: 201 Made\\r\\nContent-Type: text/plain\\r\\n\\r\\n'
      printf '%s %s %s ' "$REQUEST_METHOD" "$HTTP_X_WORD" "$QUERY_STRING"
      head -c "$CONTENT_LENGTH"
      echo 'a word' >&2`),
  perl: () =>
    script(
      `
      read(STDIN, my $body, $ENV{CONTENT_LENGTH});
      print STDERR "a word\\n";
      print "Status: 201 Made\\nContent-Type: text/plain\\n\\n";
      print "$ENV{REQUEST_METHOD} $ENV{HTTP_X_WORD} $ENV{QUERY_STRING} $body";`,
      '/usr/bin/env perl',
    ),
  Python: () =>
    script(
      `
import os, sys
from wsgiref.handlers import CGIHandler
def app(environ, start_response):
    environ['wsgi.errors'].write('a word\\n')
    start_response('201 Made', [('Content-Type', 'text/plain')])
    body = environ['wsgi.input'].read(int(environ['CONTENT_LENGTH']))
    words = [environ[name] for name in ('REQUEST_METHOD', 'HTTP_X_WORD', 'QUERY_STRING')]
    return [' '.join(words).encode('latin-1'), b' ', body]
CGIHandler().run(app)`,
      '/usr/bin/env python3',
    ),
  JavaScript: () =>
    script(
      `
      const { env } = process;
      process.stdout.write('Status: 201 Made\\nContent-Type: text/plain\\n\\n');
      process.stdout.write([env.REQUEST_METHOD, env.HTTP_X_WORD, env.QUERY_STRING, ''].join(' '));
      process.stdin.pipe(process.stdout);
      console.error('a word');`,
      process.execPath,
    ),
  'TypeScript, with CGIHandler': () => new URL('fixtures/echo.ts', import.meta.url),
};

describe.each(Object.entries(languages))('A script in %s', (language, make) => {
  test('answers', async () => {
    const interpreter = language.startsWith('TypeScript')
      ? [process.execPath, '--conditions=@wsgiref/source', `--import=${TYPESCRIPT}`]
      : [];
    const app = cgiApplication(make(), { interpreter });
    const options = {
      body: Uint8Array.of(0x63, 0x61, 0x66, 0xc3, 0xa9),
      headers: { 'X-Word': 'caf\xc3\xa9' },
    };
    const response = await client(app).post('/a/b?c=d', options);
    expect(response.errors).toBe('a word\n');
    expect(response.status).toBe('201 Made');
    expect(response.headers.get('Content-Type')).toBe('text/plain');
    expect(Buffer.from(response.body).toString('latin1')).toBe('POST caf\xc3\xa9 c=d caf\xc3\xa9');
  });
});

test('an interpreter is given the path of the script', async () => {
  const path = script('not for perl', '/bin/false');
  const app = cgiApplication(pathToFileURL(path), {
    interpreter: ['perl', '-e', 'print "Content-Type: text/plain\\n\\n@ARGV"'],
  });
  expect((await client(app).get('/')).text()).toBe(path);
});

test('an interpreter may be one word', async () => {
  const path = script(`${TEXT}; echo hello`, '/bin/false');
  expect((await client(cgiApplication(path, { interpreter: 'sh' })).get('/')).text()).toBe(
    'hello\n',
  );
});
