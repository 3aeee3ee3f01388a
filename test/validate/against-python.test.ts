// The checks of CPython's wsgiref.validate, row by row of a list of them all: a fault that breaks each,
// here and in Python. Python's words come first in our message.
//
// What Python said is recorded; where there is a Python, the record is held against it as well.

import { describe, expect, test } from '@jest/globals';
import type { StartResponse, WSGIApplication } from '@wsgiref/types';
import { BytesIO, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { type Answer, askPython, PYTHON, readRecord } from '../util/python.mjs';
import {
  breaches,
  bytes,
  type Call,
  type Change,
  environ,
  type Fault,
  helloApp,
  plain,
  returning,
  serve,
  startResponse,
  type UntypedStream,
} from './support.ts';

/** A fault that both sides look for. */
interface Row {
  fault: Fault;
  /** The rule that it breaks here. */
  rule: string;
  /** Python's words, as far as they hold no value; empty where it has none. */
  words: string;
}

/** What one of the two sides does not look for, or finds by other means, and why. */
interface OneSided {
  fault?: Fault;
  /** The rules that are broken here. */
  rules?: string[];
  because: string;
}

const changed =
  (change: Change): Fault =>
  (options) =>
    serve(helloApp, options, environ(change));

const running =
  (application: unknown): Fault =>
  (options) =>
    serve(application as WSGIApplication, options);

const answering = (...args: unknown[]): Fault =>
  running((_environ: unknown, start: (...args: unknown[]) => unknown) => {
    start(...args);
    return [];
  });

const header = (...pair: unknown[]): Fault => answering('200 OK', [...plain(), pair]);

const using = (use: (input: UntypedStream, errors: UntypedStream) => unknown): Fault =>
  running(async (variables: Change, start: StartResponse) => {
    await use(variables['wsgi.input'] as UntypedStream, variables['wsgi.errors'] as UntypedStream);
    start('200 OK', plain());
    return [];
  });

/** The input, or the error stream, without one of its methods, or with another one. */
function stream(kind: typeof BytesIO | typeof StringIO, name: string, method?: unknown): object {
  return Object.assign(new kind(), { [name]: method });
}

const reading =
  (method: 'read' | 'readline' | 'readlines', gives: unknown): Fault =>
  (options) =>
    serve(
      async (variables, start) => {
        await variables['wsgi.input'][method](4);
        return helloApp(variables, start);
      },
      options,
      environ({ 'wsgi.input': stream(BytesIO, method, () => gives) }),
    );

const NO_MESSAGE = '';

/** By the number of Python's check, and which fault of several it is. */
const rows: Readonly<Record<string, Row>> = {
  '1': {
    fault: (options) => (validator(helloApp, options) as Call)(environ()),
    rule: 'application-arguments',
    words: 'Two arguments required',
  },
  '3': {
    fault: (options) => validator(helloApp, options)(new Map() as never, startResponse),
    rule: 'env-dict',
    words: 'Environment is not of the right type: ',
  },
  '4': {
    fault: changed({ SERVER_NAME: undefined }),
    rule: 'env-required-key',
    words: "Environment missing required key: 'SERVER_NAME'",
  },
  '5': {
    fault: changed({ HTTP_CONTENT_TYPE: 'text/plain' }),
    rule: 'env-content-header-key',
    words: 'Environment should not have the key: HTTP_CONTENT_TYPE (use CONTENT_TYPE instead)',
  },
  '6': {
    fault: changed({ QUERY_STRING: undefined }),
    rule: 'env-query-string',
    // What follows is of Python's cgi module.
    words: 'QUERY_STRING is not in the WSGI environment',
  },
  '7': {
    fault: changed({ SERVER_PORT: 8000 }),
    rule: 'env-string',
    words: 'Environmental variable SERVER_PORT is not a string: ',
  },
  '8': {
    fault: changed({ 'wsgi.version': '1.0' }),
    rule: 'env-version',
    words: "wsgi.version should be a tuple ('1.0')",
  },
  '9': {
    fault: changed({ 'wsgi.url_scheme': 'HTTP' }),
    rule: 'env-url-scheme',
    words: "wsgi.url_scheme unknown: 'HTTP'",
  },
  '9 missing': {
    fault: changed({ 'wsgi.url_scheme': undefined }),
    rule: 'env-required-key',
    words: NO_MESSAGE,
  },
  '10': {
    fault: changed({ 'wsgi.input': stream(BytesIO, 'readlines') }),
    rule: 'input-methods',
    words: 'wsgi.input (',
  },
  '11': {
    fault: changed({ 'wsgi.errors': stream(StringIO, 'writelines') }),
    rule: 'errors-methods',
    words: 'wsgi.errors (',
  },
  '12': {
    fault: changed({ REQUEST_METHOD: 'get' }),
    rule: 'env-method',
    words: "Unknown REQUEST_METHOD: 'get'",
  },
  '13': {
    fault: changed({ SCRIPT_NAME: 'app' }),
    rule: 'env-script-name-slash',
    words: "SCRIPT_NAME doesn't start with /: 'app'",
  },
  '14': {
    fault: changed({ PATH_INFO: 'page' }),
    rule: 'env-path-info-slash',
    words: "PATH_INFO doesn't start with /: 'page'",
  },
  '15': {
    fault: changed({ CONTENT_LENGTH: '-1' }),
    rule: 'env-content-length',
    words: "Invalid CONTENT_LENGTH: '-1'",
  },
  '15 no number': {
    fault: changed({ CONTENT_LENGTH: 'many' }),
    rule: 'env-content-length',
    words: NO_MESSAGE,
  },
  '16': {
    fault: changed({ SCRIPT_NAME: undefined, PATH_INFO: undefined }),
    rule: 'env-path-required',
    words: NO_MESSAGE,
  },
  '17': {
    fault: changed({ SCRIPT_NAME: '/', PATH_INFO: '' }),
    rule: 'env-script-name-root',
    words: "SCRIPT_NAME cannot be '/'; it should instead be '', and PATH_INFO should be '/'",
  },
  '18': {
    fault: answering('200 OK', plain(), null, null),
    rule: 'start-response-arguments',
    words: 'Invalid number of arguments: ',
  },
  '20': {
    fault: answering(200, plain()),
    rule: 'status-string',
    words: 'Status must be of type str (got 200)',
  },
  '21': {
    fault: answering('OK', plain()),
    rule: 'status-code-length',
    words: "Status codes must be three characters: 'OK'",
  },
  '21 empty': {
    fault: answering('', plain()),
    rule: 'status-code-length',
    words: NO_MESSAGE,
  },
  '22': {
    fault: answering('20X OK', plain()),
    rule: 'status-code-digits',
    words: NO_MESSAGE,
  },
  '23': {
    fault: answering('099 Nothing', plain()),
    rule: 'status-code-range',
    words: 'Status code is invalid: 99',
  },
  '24': {
    fault: answering('404', plain()),
    rule: 'status-phrase',
    words:
      "The status string ('404') should be a three-digit integer followed by a single space and " +
      'a status explanation',
  },
  '25': {
    fault: answering('200 OK', { 'Content-Type': 'text/plain' }),
    rule: 'headers-list',
    words: 'Headers (',
  },
  '26': {
    fault: answering('200 OK', [...plain(), 'X-Rate: 5']),
    rule: 'header-pair',
    words: "Individual headers ('X-Rate: 5') must be of type tuple: ",
  },
  '27': {
    fault: header('X-Rate', '5', '6'),
    rule: 'header-pair',
    words: NO_MESSAGE,
  },
  '28 name': {
    fault: header(5, 'a'),
    rule: 'header-string',
    words: 'Header name must be of type str (got 5)',
  },
  '28 value': {
    fault: header('X-Rate', 5),
    rule: 'header-string',
    words: 'Header value must be of type str (got 5)',
  },
  '29': {
    fault: header('Status', '404 Not Found'),
    rule: 'header-status',
    words:
      'The Status header cannot be used; it conflicts with CGI script, and HTTP status is not ' +
      "given through headers (value: '404 Not Found').",
  },
  '30': {
    fault: header('X-Rate:', '5'),
    rule: 'header-name-colon',
    words: "Header names may not contain ':' or '\\n': 'X-Rate:'",
  },
  '31': {
    fault: header('X Rate', '5'),
    rule: 'header-name',
    words: "Bad header name: 'X Rate'",
  },
  '32': {
    fault: header('X-Rate-', '5'),
    rule: 'header-name-end',
    words: "Names may not end in '-' or '_': 'X-Rate-'",
  },
  '33': {
    fault: header('X-Rate', 'a\tb'),
    rule: 'header-value',
    words: "Bad header value: 'a\\tb' (bad char: '\\t')",
  },
  '34': {
    fault: answering('204 No Content', plain()),
    rule: 'content-type-forbidden',
    words: 'Content-Type header found in a 204 response, which must not return content.',
  },
  '35': {
    fault: answering('200 OK', []),
    rule: 'content-type-missing',
    words: 'No Content-Type header found in headers ([])',
  },
  '36': {
    fault: answering('500 Oops', plain(), true),
    rule: 'exc-info-error',
    words: 'exc_info (',
  },
  '37': {
    fault: running(returning(null)),
    rule: 'result-iterable',
    words: 'The application must return an iterator, if only an empty list',
  },
  '37 zero': {
    fault: running(returning(0)),
    rule: 'result-iterable',
    words: 'The application must return an iterator, if only an empty list',
  },
  '38': {
    fault: running(returning('hello')),
    rule: 'result-string',
    words:
      'You should not return a string as your application iterator, instead return a ' +
      'single-item list containing a bytestring',
  },
  '38 bytes': {
    fault: running(returning(bytes('hello'))),
    rule: 'result-string',
    words:
      'You should not return a string as your application iterator, instead return a ' +
      'single-item list containing a bytestring',
  },
  '39': {
    fault: async (options) => {
      const result = await validator(helloApp, options)(environ(), startResponse);
      await result.close!();
      for await (const block of result) void block;
    },
    rule: 'read-after-close',
    words: 'Iterator read after closed',
  },
  '40': {
    fault: running(returning(['hello'])),
    rule: 'block-bytes',
    words: "Iterator yielded non-bytestring ('hello')",
  },
  '41': {
    fault: running(function* () {
      yield bytes('hello');
    }),
    rule: 'start-response-missing',
    words:
      'The application returns and we started iterating over its body, but start_response has ' +
      'not yet been called',
  },
  '43 arguments': {
    fault: using((input) => input.read(0, 1)),
    rule: 'input-arguments',
    words: NO_MESSAGE,
  },
  '43 text': {
    fault: reading('read', 'text'),
    rule: 'input-bytes',
    words: NO_MESSAGE,
  },
  '44 arguments': {
    fault: using((input) => input.readline(0, 1)),
    rule: 'input-arguments',
    words: NO_MESSAGE,
  },
  '44 text': {
    fault: reading('readline', 'text'),
    rule: 'input-bytes',
    words: NO_MESSAGE,
  },
  '44 lines': {
    fault: using((input) => input.readlines(0, 1)),
    rule: 'input-arguments',
    words: NO_MESSAGE,
  },
  '44 no list': {
    fault: reading('readlines', { length: 0 }),
    rule: 'input-bytes',
    words: NO_MESSAGE,
  },
  '44 list of text': {
    fault: reading('readlines', ['text']),
    rule: 'input-bytes',
    words: NO_MESSAGE,
  },
  '46': {
    fault: using((input) => input.close()),
    rule: 'input-close',
    words: 'input.close() must not be called',
  },
  '47': {
    fault: using((_input, errors) => errors.write(5)),
    rule: 'errors-string',
    words: NO_MESSAGE,
  },
  '47 lines': {
    fault: using((_input, errors) => errors.writelines([5])),
    rule: 'errors-string',
    words: NO_MESSAGE,
  },
  '48': {
    fault: using((_input, errors) => errors.close()),
    rule: 'errors-close',
    words: 'errors.close() must not be called',
  },
  '49': {
    fault: running((_environ: unknown, start: StartResponse) => {
      void start('200 OK', plain())('text' as never);
      return [];
    }),
    rule: 'write-bytes',
    words: NO_MESSAGE,
  },
};

const oneSided: Readonly<Record<string, OneSided>> = {
  '2': { because: 'the language has no keyword arguments' },
  '19': { because: 'the language has no keyword arguments' },
  '13 missing': {
    fault: changed({ SCRIPT_NAME: undefined }),
    rules: [],
    because: 'PEP 3333 lets it be absent where it is empty, DIFFERS(41)',
  },
  '14 missing': {
    fault: changed({ SCRIPT_NAME: '/app', PATH_INFO: undefined }),
    rules: [],
    because: 'PEP 3333 lets it be absent where it is empty, DIFFERS(41)',
  },
  '15 lenient': {
    fault: changed({ CONTENT_LENGTH: ' +1_0 ' }),
    rules: ['env-content-length'],
    because: 'RFC 9110 has digits, and Python what int() takes, DIFFERS(45)',
  },
  '24 two spaces': {
    fault: answering('404  Not Found', plain()),
    rules: ['status-phrase'],
    because: 'PEP 3333 has a single space, DIFFERS(45)',
  },
  '31 token': {
    fault: header('X.Rate', '5'),
    rules: ['header-name-unusual'],
    because: 'RFC 9110 allows it, so that it is a warning, DIFFERS(44)',
  },
  '33 DEL': {
    fault: header('X-Rate', 'a\x7fb'),
    rules: ['header-value'],
    because: 'PEP 3333 has no control character, and DEL is one, DIFFERS(45)',
  },
  '42': { because: 'it takes a garbage collection: not-closed.test.ts makes one' },
  '43': {
    fault: using((input) => input.read()),
    rules: [],
    because: 'PEP 3333 lets the size be left out, DIFFERS(38)',
  },
};

const { version, recorded } = readRecord(import.meta.url);
const python = new Map(recorded.map(({ case: [, name], answer }) => [name as string, answer]));

/** What Python says to a fault: its message, its warning, or the class of what it stops with. */
function said(answer: Answer | undefined): string {
  if (!answer) return 'no record';
  if ('returns' in answer) return (answer.returns as string[]).join('\n');
  if (answer.message) return answer.message;
  return `${answer.raises} without a message`;
}

/** How bad Python says that a fault is. */
function levelOf(answer: Answer | undefined): string {
  if (!answer || !('returns' in answer)) return 'error';
  return said(answer) === '' ? 'none' : 'warning';
}

describe(`the checks of wsgiref.validate, as Python ${version} makes them`, () => {
  test('each of the 49 is here', () => {
    const numbers = [...Object.keys(rows), ...Object.keys(oneSided)].map((name) => parseInt(name));
    // 45 is no check: the input is iterated over by readline(), see input-wrapper.test.ts.
    const expected = Array.from({ length: 49 }, (_, i) => i + 1).filter((n) => n !== 45);
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(expected);
  });

  test('each fault is here and in Python', () => {
    const names = [...Object.keys(rows), ...Object.keys(oneSided)];
    expect(names.sort()).toEqual([...python.keys()].sort());
  });

  const all = Object.entries(rows);
  const worded = all.filter(([, { words }]) => words !== NO_MESSAGE);
  const wordless = all.filter(([, { words }]) => words === NO_MESSAGE);
  const otherwise = Object.entries(oneSided)
    .filter(([, { fault }]) => fault !== undefined)
    .map(([name, row]) => [name, row.because, row] as const);

  test.each(worded)('%s: the message has the words of Python first', async (name, row) => {
    const answer = python.get(name);
    expect(said(answer).slice(0, row.words.length)).toBe(row.words);
    const [breach, ...more] = await breaches(row.fault);
    expect(breach).toMatchObject({ ruleId: row.rule, level: levelOf(answer) });
    expect(breach!.message.slice(0, row.words.length)).toBe(row.words);
    expect(more).toEqual([]);
  });

  test.each(wordless)(
    'DIFFERS(41) %s: Python says nothing, we name the fault',
    async (name, row) => {
      expect(said(python.get(name))).toMatch(/^[A-Z][A-Za-z]*Error without a message$/);
      expect(await breaches(row.fault)).toEqual([
        { ruleId: row.rule, level: 'error', message: expect.stringMatching(/\w.*\. \w/) },
      ]);
    },
  );

  test.each(otherwise)('%s: not as in Python, since %s', async (name, _because, row) => {
    const ours = await breaches(row.fault!);
    expect(ours.map(({ ruleId }) => ruleId)).toEqual(row.rules);
    expect(ours[0]?.level ?? 'none').not.toBe(levelOf(python.get(name)));
  });
});

const asked = askPython(
  import.meta.url,
  recorded.map((one) => one.case),
);

if (asked) {
  test(`Python ${asked.version} still says what is recorded`, () => {
    const now = recorded.map((one, i) => ({ case: one.case, answer: asked.answers[i] }));
    expect(now).toEqual(recorded);
  });
} else {
  test(`there is no ${PYTHON}: compared with the record alone`, () => {
    expect(asked).toBeNull();
  });
}
