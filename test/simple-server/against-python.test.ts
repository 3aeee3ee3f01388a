// The requests of the table to this server and to Python's, both over a real socket: the same
// environ, the same reply, the same log, but for the differences listed here.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WSGIServer } from '@wsgiref/simple-server';
import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { exchange } from '../support/raw-client.ts';
import { type Running, serve } from '../support/serve.ts';
import { withoutTimes } from '../support/standard-error.ts';
import { decodeLatin1 } from '@wsgiref/util';
import { askPython, PYTHON, readRecord } from '../util/python.mjs';
import { bytesOf, rawRequests } from './raw-requests.mjs';

/** What came of a request. */
interface Answer {
  /** What the application was given; null if it was not called. */
  seen: { variables: Record<string, string>; protocol: unknown; body: string } | null;
  /** The reply, but for its date and the version of the language. */
  reply: string;
  /** What was logged, but for the time. */
  log: string;
}

/** Something that Python does otherwise. */
interface Difference {
  /** What it is; with its number in docs/differences.md, unless a later Python does as we do. */
  title: string;
  /**
   * What Python does, by the name of the request, or by the part of it up to a colon: the variables
   * that are different (null, absent), or what becomes of the request as a whole.
   */
  python: Readonly<Record<string, Readonly<Record<string, string | null>> | string>>;
}

/** Variables that are different whatever the request. */
const VARIABLES: readonly [name: string, title: string][] = [
  ['SERVER_NAME', 'DIFFERS(24): Python asks the name server for its own name'],
  ['REMOTE_HOST', 'DIFFERS(26): Python has an empty REMOTE_HOST'],
];

const DIFFERENCES: readonly Difference[] = [
  {
    title: 'DIFFERS(23): Python serves what can be read in two ways',
    python: {
      'a request line with line ends too many': 'served',
      'a bad version: HTTP/01.1': 'served',
      'a bad version: HTTP/1.10': 'served',
      'a bad version: none after a space': 'served',
      'bad syntax: two spaces': 'served',
      'bad syntax: a space before the method': 'served',
      'bad syntax: tabs instead of spaces': 'served',
      'bad syntax: a method that is no token': 'served',
      'bad syntax: a method beyond ASCII': 'served',
      'bad syntax: markup': 'served',
      'a bad target: no slash': 'served',
      'a bad target: an asterisk with another method than OPTIONS': 'served',
      'a bad target: a fragment': 'served',
      'a bad target: a control character': 'served',
      'a bad target: DEL': 'served',
      'a bad target: another scheme': 'served',
      'a bad target: no authority': 'served',
      'a bad target: authority-form': 'served',
      'a bad target: absolute-form with a user': 'served',
      'a bad target: absolute-form with a port that is none': 'served',
      CONNECT: 'served',
      'a bad header line': 'served',
      'a head that ends in the request line': 'served',
      'a head that ends after the request line': 'served',
      'a head that ends in a header line': 'served',
      'a head that ends after a header line': 'served',
      'a head that ends in the blank line': 'served',
      'a bad Host': 'served',
      'a bad Content-Length': 'served',
      'a huge Content-Length': 'served',
      'a Transfer-Encoding': 'served',
      'a Transfer-Encoding in HTTP/1.0': 'served',
      'both Content-Length and Transfer-Encoding in HTTP/1.0': 'served',
      'both Content-Length and Transfer-Encoding in HTTP/1.1': 'served',
    },
  },
  {
    title: 'DIFFERS(23): Python splits request lines at any white space, that of Unicode too',
    python: {
      'a bad target: a bare CR': "400 Bad request syntax ('GET /a\\rb HTTP/1.0')",
      'a bad target: a tab': "400 Bad request syntax ('GET /a\\tb HTTP/1.0')",
      'a request line full of carriage returns': '400 in a long line',
      'white space of Unicode in the path':
        "400 Bad request syntax ('GET /a\\x85b\\xa0c HTTP/1.0')",
    },
  },
  {
    title: 'DIFFERS(23): Python leaves the text of a Content-Length as it is',
    python: {
      'a Content-Length with zeros': { CONTENT_LENGTH: '0003' },
      'a Content-Length twice the same in one line': { CONTENT_LENGTH: '3, 3', body: '' },
      'a Content-Length with white space around it': { CONTENT_LENGTH: '3 \t', body: '' },
    },
  },
  {
    title: 'DIFFERS(28): Python drops headers whose keys are taken',
    python: {
      'headers named like variables': {
        HTTP_SERVER_NAME: null,
        HTTP_PATH_INFO: null,
        HTTP_REMOTE_ADDR: null,
        HTTP_QUERY_STRING: null,
        HTTP_REQUEST_METHOD: null,
        HTTP_GATEWAY_INTERFACE: null,
      },
    },
  },
  {
    title: 'DIFFERS(28): Python takes an underscore in a name for a hyphen',
    python: {
      'names with an underscore': { HTTP_X_REAL_IP: '6.6.6.6,1.2.3.4', HTTP__: '1' },
    },
  },
  {
    title: 'DIFFERS(28): Python joins cookies with a comma',
    python: { 'cookies several times': { HTTP_COOKIE: 'a=1,b=2; c=3' } },
  },
  {
    title: 'DIFFERS(32): Python takes every target for a path',
    python: {
      'absolute-form, whose authority stands for Host': {
        PATH_INFO: 'http://h:8080/p',
        HTTP_HOST: 'other',
      },
      'absolute-form without a path': { PATH_INFO: 'HTTP://h', HTTP_HOST: null },
      'absolute-form with a query and no path': { PATH_INFO: 'https://h', HTTP_HOST: null },
      'asterisk-form': { PATH_INFO: '*' },
    },
  },
  {
    title: 'as in 3.15: Python counts the blank line as a header line up to 3.14',
    python: { '100 header lines': '431 Too many headers' },
  },
];

/** Requests that Pythons answer differently: those of 3.10, 3.14 and 3.15 not as that of 3.13. */
const VARYING =
  /^(HTTP\/0\.9.*|100 header lines|a bad version: HTTP\/(-9_9_9\.\+9_9_9|1\.909876543210))$/;

const { version, recorded } = readRecord(import.meta.url);
const answers = new Map(
  recorded.map(({ case: [, ...parts], answer }) => {
    if (!('returns' in answer)) throw new Error(`${JSON.stringify(parts)}: ${answer.message}`);
    return [bytesOf(parts as string[]), answer.returns as Answer];
  }),
);

function theirAnswer(bytes: string): Answer {
  const answer = answers.get(bytes);
  if (!answer) throw new Error('not recorded: node test/simple-server/record-python.mjs');
  return answer;
}

describe(`against the answers of Python ${version}`, () => {
  let running: Running<WSGIServer>;
  let seen: Answer['seen'];

  beforeAll(async () => {
    running = await serve(async (environ: WSGIEnvironment, startResponse: StartResponse) => {
      const body = await environ['wsgi.input'].read();
      seen = { variables: variablesOf(environ), protocol: protocolOf(environ), body: short(body) };
      startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
      return [body];
    });
  });

  afterAll(async () => {
    await running[Symbol.asyncDispose]();
  });

  async function ourAnswer(bytes: string): Promise<Answer> {
    seen = null;
    const before = running.stderr.text.length;
    const reply = await exchange(running, bytes, { halfClose: true });
    const log = withoutTimes(running.stderr.text.slice(before));
    return { seen, reply: shortReply(reply), log: shortLines(log) };
  }

  const different = new Set(
    DIFFERENCES.flatMap(({ python }) =>
      rawRequests.filter(({ name }) => expectedOf(python, name) !== undefined),
    ),
  );
  const same = rawRequests.filter((request) => !different.has(request));

  test.each(same)('$name: the same environ, reply and log', async ({ request }) => {
    const bytes = bytesOf(request);
    expect(difference(await ourAnswer(bytes), theirAnswer(bytes))).toBeNull();
  });

  test.each(DIFFERENCES)('$title', async ({ python }) => {
    for (const { name, request } of rawRequests) {
      const expected = expectedOf(python, name);
      if (expected === undefined) continue;
      const bytes = bytesOf(request);
      const found = difference(await ourAnswer(bytes), theirAnswer(bytes));
      expect({ name, found }).toEqual({ name, found: expected });
    }
  });

  test.each(VARIABLES)('%s: %s', async (name) => {
    const ours = await ourAnswer('GET / HTTP/1.0\r\n\r\n');
    const theirs = theirAnswer('GET / HTTP/1.0\r\n\r\n');
    const pair = [ours.seen!.variables[name], theirs.seen!.variables[name]];
    expect(pair).toEqual(
      { SERVER_NAME: ['localhost', expect.any(String)], REMOTE_HOST: [undefined, ''] }[name],
    );
  });

  test('DIFFERS(28): Python has a CONTENT_TYPE where the request has none', async () => {
    const ours = await ourAnswer('GET / HTTP/1.0\r\n\r\n');
    const theirs = theirAnswer('GET / HTTP/1.0\r\n\r\n');
    expect(ours.seen!.variables).not.toHaveProperty('CONTENT_TYPE');
    expect(theirs.seen!.variables.CONTENT_TYPE).toBe('text/plain');
  });

  test('every difference is one of a request in the table', () => {
    const names = DIFFERENCES.flatMap(({ python }) => Object.keys(python));
    const known = new Set(rawRequests.flatMap(({ name }) => [name, group(name)]));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

const asked = askPython(
  import.meta.url,
  recorded.map((one) => one.case),
);

if (asked) {
  test(`Python ${asked.version} still gives applications the environs that are recorded`, () => {
    const theirs = recorded.map(({ answer }, i) => [
      rawRequests[i]!.name,
      comparable(answer),
      comparable(asked.answers[i]!),
    ]);
    const stable = theirs.filter(([name]) => !VARYING.test(name as string));
    expect(stable.map(([name, , now]) => [name, now])).toEqual(
      stable.map(([name, then]) => [name, then]),
    );
  });
} else {
  test(`there is no ${PYTHON}: compared with the record alone`, () => {
    expect(asked).toBeNull();
  });
}

/** What the application was given, but for the server's name and version. */
function comparable(answer: (typeof recorded)[number]['answer']): unknown {
  if (!('returns' in answer)) return answer;
  const { seen } = answer.returns as Answer;
  return (
    seen && { ...seen, variables: { ...seen.variables, SERVER_NAME: '', SERVER_SOFTWARE: '' } }
  );
}

/** What is listed under the name of a request, or under the first part of it. */
function expectedOf(
  python: Difference['python'],
  name: string,
): Difference['python'][string] | undefined {
  return python[name] ?? (elsewhere(name, python) ? undefined : python[group(name)]);
}

/** Whether a request is listed by its own name in another difference. */
function elsewhere(name: string, python: Difference['python']): boolean {
  return DIFFERENCES.some((other) => other.python !== python && name in other.python);
}

function group(name: string): string {
  return name.split(':', 1)[0]!;
}

/** What Python does otherwise, as {@link Difference} has it; null if nothing. */
function difference(ours: Answer, theirs: Answer): unknown {
  if (!ours.seen || !theirs.seen) {
    const [here, there] = [outcome(ours), outcome(theirs)];
    return here === there && ours.log === theirs.log ? null : there;
  }
  const [here, there] = [ours.seen, theirs.seen];
  const other: Record<string, unknown> = {};
  for (const name of Object.keys({ ...here.variables, ...there.variables })) {
    if (VARIABLES.some(([known]) => known === name)) continue;
    if (name === 'CONTENT_TYPE' && here.variables[name] === undefined) continue;
    if (here.variables[name] !== there.variables[name]) other[name] = there.variables[name] ?? null;
  }
  expect(here.protocol).toEqual(there.protocol);
  if (here.body !== there.body) other['body'] = there.body;
  else expect([ours.reply, ours.log]).toEqual([theirs.reply, theirs.log]);
  return Object.keys(other).length > 0 ? other : null;
}

/**
 * What becomes of a request. Of an error, the page: up to 3.14 Python sends it without a head where
 * the request line is malformed (gh-54930).
 */
function outcome({ seen, reply }: Answer): string {
  if (seen) return 'served';
  if (reply === '') return 'nothing';
  const page = /<p>Error code: (\d+)<\/p>\n +<p>Message: (.*)\.<\/p>/.exec(reply);
  if (page) return `${page[1]} ${page[2]}`;
  return `${/<p>Error code: (\d+)<\/p>/.exec(reply)?.[1]} in a long line`;
}

function variablesOf(environ: WSGIEnvironment): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(environ)) {
    if (!/^wsgi(?:ref)?\./.test(name)) variables[name] = short(value as string);
  }
  variables.SERVER_PORT = '-';
  return variables;
}

function protocolOf(environ: WSGIEnvironment): unknown {
  const names = ['version', 'url_scheme', 'multithread', 'multiprocess', 'run_once'];
  return Object.fromEntries(names.map((name) => [name, environ[`wsgi.${name}`]]));
}

/** What against-python.py makes of a long text. */
function short(text: string | Uint8Array): string {
  const characters = typeof text === 'string' ? text : decodeLatin1(text);
  return characters.length <= 300
    ? characters
    : `${characters.slice(0, 20)}... ${characters.length} characters`;
}

function shortLines(text: string): string {
  return text.split('\n').map(short).join('\n');
}

function shortReply(reply: string): string {
  const [head, ...body] = reply
    .replace(/^Date: .*\r$/m, 'Date: -\r')
    .replace(/^(Server: \S+) .*\r$/m, '$1 -\r')
    .split('\r\n\r\n');
  return [shortLines(head!), shortLines(body.join('\r\n\r\n'))].join(
    body.length > 0 ? '\r\n\r\n' : '',
  );
}
