// The cases, by what they are about. case.ts describes their language.

import type { Application, Case, HandlerName, Step, Value } from './case.ts';

const HANDLERS: readonly HandlerName[] = ['SimpleHandler', 'BaseCGIHandler', 'ServerHandler'];
const PLAIN: Value = [['Content-Type', 'text/plain']];

/** A response of 200 that is text. */
const OK: Step = ['start', '200 OK', PLAIN];

function start(status: Value, ...headers: Value[]): Step {
  return ['start', status, [['Content-Type', 'text/plain'], ...headers]];
}

function yields(...blocks: Value[]): Step[] {
  return blocks.map((block) => ['yield', block]);
}

function list(...steps: Step[]): Application {
  return { form: 'list', steps };
}

function generator(...steps: Step[]): Application {
  return { form: 'generator', steps };
}

/** An application that notes that its result is closed. */
function closing(steps: Step[], iteration: Step[], more: Partial<Application> = {}): Application {
  return { form: 'iterable', steps, iteration, close: [], ...more };
}

/** An application in each of the forms that can hold its blocks. */
function inForms(steps: Step[], blocks: Step[]): Record<string, Application> {
  return {
    list: list(...steps, ...blocks),
    generator: generator(...steps, ...blocks),
    iterable: closing(steps, blocks),
    measured: closing(steps, blocks, { length: blocks.length }),
    class: { form: 'class', steps: [...steps, ...blocks] },
  };
}

function named(
  group: string,
  applications: Record<string, Application | Omit<Case, 'name'>>,
): Case[] {
  return Object.entries(applications).map(([name, one]) => ({
    name: `${group}: ${name}`,
    ...('application' in one ? one : { application: one }),
  }));
}

/** Every case of the group with every handler. */
function withEveryHandler(cases: readonly Case[]): Case[] {
  return HANDLERS.flatMap((handler) =>
    cases.map((one) => ({ ...one, name: `${handler}: ${one.name}`, handler })),
  );
}

/** Bodies in every form, with every handler. */
function forms(): Case[] {
  const bodies: Record<string, string[]> = {
    'no block': [],
    'one block': ['hello'],
    'two blocks': ['hello, ', 'world'],
    'an empty block': [''],
    'an empty block, then one': ['', 'hello'],
    'a block, then an empty one': ['hello', ''],
    'every byte': [String.fromCharCode(...Array(256).keys())],
    'line ends': ['a\nb\r\nc\rd'],
  };
  return withEveryHandler(
    Object.entries(bodies).flatMap(([body, blocks]) =>
      Object.entries(inForms([OK], yields(...blocks))).map(([form, application]) => ({
        name: `${body}, ${form}`,
        application,
      })),
    ),
  );
}

/** Methods, statuses and lengths against each other. */
function responses(): Case[] {
  const statuses = [
    '100 Continue',
    '200 OK',
    '204 No Content',
    '205 Reset Content',
    '301 Moved Permanently',
    '304 Not Modified',
    '404 Not Found',
    '999 ',
  ];
  const lengths: Record<string, Value[]> = {
    'no length': [],
    'the right length': [['Content-Length', '5']],
    'the length 0': [['Content-Length', '0']],
    'too short a length': [['content-length', '3']],
    'too long a length': [['Content-Length', '9']],
  };
  const results: Record<string, Application['form']> = { list: 'list', generator: 'generator' };
  const cases: Case[] = [];
  for (const method of ['GET', 'HEAD', 'POST']) {
    for (const status of statuses) {
      for (const [length, headers] of Object.entries(lengths)) {
        for (const [what, form] of Object.entries(results)) {
          for (const blocks of [[], ['hello'], ['hel', 'lo']]) {
            cases.push({
              name: `${method}, ${status}, ${length}, ${what} of ${blocks.length}`,
              environ: { REQUEST_METHOD: method },
              application: { form, steps: [start(status, ...headers), ...yields(...blocks)] },
            });
          }
        }
      }
    }
  }
  return cases;
}

/** What the handlers add to the headers, and what they leave as it is. */
function headers(): Case[] {
  const hello = yields('hello');
  return withEveryHandler(
    named('headers', {
      'the Date of the application': list(start('200 OK', ['Date', 'then']), ...hello),
      'the date of the application': list(start('200 OK', ['date', 'then']), ...hello),
      'the Server of the application': list(start('200 OK', ['Server', 'mine/1']), ...hello),
      'a server_software': {
        attributes: { server_software: 'mine/1' },
        application: list(OK, ...hello),
      },
      'no server_software': {
        attributes: { server_software: null },
        application: list(OK, ...hello),
      },
      'an http_version': { attributes: { http_version: '1.1' }, application: list(OK, ...hello) },
      'no headers': list(['start', '200 OK', []], ...hello),
      'the same name twice': list(
        start('200 OK', ['Set-Cookie', 'a'], ['Set-Cookie', 'b']),
        ...hello,
      ),
      'upper and lower case': list(start('200 OK', ['X-a', '1'], ['x-A', '2']), ...hello),
      'an empty value': list(start('200 OK', ['X-A', '']), ...hello),
      'white space': list(start('200 OK', ['X-A', '  a  b  ']), ...hello),
      'bytes above U+007F': list(start('200 \xe9', ['X-A', '\xe9\xff']), ...hello),
      'a phrase that goes on': list(start('404 Not  Found (really)'), ...hello),
      'Content-Length in small letters': list(start('200 OK', ['content-length', '5']), ...hello),
      'Transfer-Encoding': list(start('200 OK', ['Transfer-Encoding', 'chunked']), ...hello),
      connection: list(start('200 OK', ['connection', 'close']), ...hello),
      'Keep-Alive': list(start('200 OK', ['Keep-Alive', 'timeout=5']), ...hello),
    }),
  );
}

/** Calls of start_response(). */
function startResponse(): Case[] {
  const hello = yields('hello');
  const bad: Record<string, Step> = {
    'a number as status': ['start', 200, PLAIN],
    'no status': ['start', null, PLAIN],
    'bytes as status': ['start', { bytes: '200 OK' }, PLAIN],
    'an empty status': start(''),
    'a code without phrase': start('200'),
    'a code and a space': start('200 '),
    'a code of four digits': start('2000 OK'),
    'a code of letters': start('abc OK'),
    'a negative code': start('-20 OK'),
    'a phrase without space': start('200OK'),
    'a tab for the space': start('200\tOK'),
    'a line end in the status': start('200 OK\r\nX-A: b'),
    'a DEL in the status': start('200 O\x7fK'),
    'a character above U+00FF in the status': start('200 \u0100'),
    'digits that are not ASCII': start('\u0662\u0660\u0660 OK'),
    'no list of headers': ['start', '200 OK', null],
    'text for the headers': ['start', '200 OK', 'Content-Type: text/plain'],
    'a header of one item': ['start', '200 OK', [['Content-Type']]],
    'a header of three items': ['start', '200 OK', [['Content-Type', 'text/plain', 'x']]],
    'a header as text': ['start', '200 OK', ['Content-Type: text/plain']],
    'a number as name': start('200 OK', [5, 'a']),
    'a number as value': start('200 OK', ['X-A', 5]),
    'no value': start('200 OK', ['X-A', null]),
    'bytes as value': start('200 OK', ['X-A', { bytes: 'a' }]),
    'an empty name': start('200 OK', ['', 'a']),
    'a space in a name': start('200 OK', ['X A', 'a']),
    'a colon in a name': start('200 OK', ['X-A:', 'a']),
    'a line end in a name': start('200 OK', ['X-A\r\nX-B', 'a']),
    'a line end in a value': start('200 OK', ['X-A', 'a\r\nX-B: b']),
    'a line feed in a value': start('200 OK', ['X-A', 'a\nb']),
    'a NUL in a value': start('200 OK', ['X-A', 'a\0b']),
    'a tab in a value': start('200 OK', ['X-A', 'a\tb']),
    'a character above U+00FF in a name': start('200 OK', ['X-\u0100', 'a']),
    'a character above U+00FF in a value': start('200 OK', ['X-A', '\u0100']),
    'two lengths': start('200 OK', ['Content-Length', '5'], ['Content-Length', '5']),
    'a negative length': start('200 OK', ['Content-Length', '-5']),
    'a length that is no number': start('200 OK', ['Content-Length', 'five']),
    'four arguments': ['start', '200 OK', PLAIN, 'extra'],
  };
  const swallowed: Step[] = [['note', 'goes on']];
  return [
    ...Object.entries(bad).flatMap(([name, step]): Case[] => [
      { name: `start_response: ${name}`, application: list(step, ...hello) },
      { name: `start_response: ${name}, generator`, application: generator(step, ...hello) },
      {
        name: `start_response: ${name}, trapped`,
        application: list(['try', [step], swallowed], ...hello),
      },
      {
        name: `start_response: ${name}, trapped, then a good one`,
        application: list(['try', [step], swallowed], OK, ...hello),
      },
      {
        name: `start_response: ${name}, trapped, then one with exc_info`,
        application: list(['try', [step], [['start', '500 Oops', PLAIN, 'caught']]], ...hello),
      },
    ]),
    ...withEveryHandler(
      named('start_response', {
        'never, list': list(...hello),
        'never, empty list': list(),
        'never, generator': generator(...hello),
        'never, empty generator': generator(),
        'never, closing': closing([], hello),
        'never, an empty block': list(['yield', '']),
        twice: list(OK, start('404 Not Found'), ...hello),
        'twice, trapped': list(OK, ['try', [start('404 Not Found')], swallowed], ...hello),
        'twice, after a block': generator(OK, ['yield', 'a'], start('404 Not Found'), [
          'yield',
          'b',
        ]),
        'exc_info null': list(['start', '200 OK', PLAIN, 'null'], ...hello),
        'exc_info in the first call': list(['start', '200 OK', PLAIN, 'made'], ...hello),
        'exc_info before the headers are sent': list(
          OK,
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'caught']]],
          ...hello,
        ),
        'exc_info before the headers are sent, generator': generator(
          OK,
          ['yield', ''],
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'caught']]],
          ...hello,
        ),
        'exc_info drops the headers of the first call': list(
          start('200 OK', ['X-A', 'a'], ['Content-Length', '99']),
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'caught']]],
          ...hello,
        ),
        'exc_info after the headers are sent': generator(
          OK,
          ['yield', 'a'],
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'caught']]],
          ['yield', 'b'],
        ),
        'exc_info after write()': list(
          OK,
          ['write', 'a'],
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'caught']]],
        ),
        'another exc_info after the headers are sent': generator(
          OK,
          ['yield', 'a'],
          ['start', '500 Oops', PLAIN, 'made'],
          ['yield', 'b'],
        ),
        'another exc_info than the one that is handled': generator(
          OK,
          ['yield', 'a'],
          ['try', [['raise', 'oops']], [['start', '500 Oops', PLAIN, 'made']]],
        ),
        'exc_info twice': list(
          ['start', '500 Oops', PLAIN, 'made'],
          ['start', '501 Oops', PLAIN, 'made'],
          ...hello,
        ),
      }),
    ),
  ];
}

/** Blocks and write(). */
function blocks(): Case[] {
  const values: Record<string, Value> = {
    text: { text: 'hello' },
    'empty text': { text: '' },
    'a number': 5,
    nothing: null,
    'a list': [1, 2],
  };
  const bad = Object.entries(values).flatMap(([name, value]): Case[] => [
    { name: `a block that is ${name}`, application: list(OK, ['yield', value]) },
    { name: `a second block that is ${name}`, application: list(OK, ...yields('hello', value)) },
    { name: `a block that is ${name}, closing`, application: closing([OK], [['yield', value]]) },
    { name: `write() of ${name}`, application: list(OK, ['write', value]) },
    {
      name: `write() of ${name}, trapped`,
      application: list(OK, ['try', [['write', value]], []], ['yield', 'hello']),
    },
  ]);
  return [
    ...bad,
    ...withEveryHandler(
      named('write()', {
        once: list(OK, ['write', 'hello']),
        twice: list(OK, ['write', 'hello, '], ['write', 'world']),
        'and a result': list(OK, ['write', 'hello, '], ['yield', 'world']),
        'and a generator': generator(OK, ['write', 'hello, '], ['yield', 'world']),
        'between blocks': generator(OK, ['yield', 'a'], ['write', 'b'], ['yield', 'c']),
        'of nothing': list(OK, ['write', '']),
        'of nothing, then an error': list(OK, ['write', ''], ['raise', 'oops']),
        'with the right length': list(start('200 OK', ['Content-Length', '5']), ['write', 'hello']),
        'of too much': list(start('200 OK', ['Content-Length', '3']), ['write', 'hello']),
        'of too much, trapped': list(start('200 OK', ['Content-Length', '3']), [
          'try',
          [['write', 'hello']],
          [],
        ]),
        'of too much in two parts': list(
          start('200 OK', ['Content-Length', '3']),
          ['write', 'he'],
          ['write', 'llo'],
        ),
        'of too little': list(start('200 OK', ['Content-Length', '9']), ['write', 'hello']),
        'to HEAD': {
          environ: { REQUEST_METHOD: 'HEAD' },
          application: list(OK, ['write', 'hello'], ['yield', 'world']),
        },
        'with 204': list(['start', '204 No Content', []], ['write', 'hello']),
        'and a result that closes': closing([OK, ['write', 'hello, ']], yields('world')),
      }),
    ),
  ];
}

/** Applications that fail, at every point. */
function failures(): Case[] {
  const oops: Step = ['raise', 'oops'];
  const points: Record<string, Application> = {
    'before start_response()': list(oops),
    'before start_response(), generator': generator(oops),
    'after start_response()': list(OK, oops),
    'after start_response(), generator': generator(OK, oops),
    'after an empty block': generator(OK, ['yield', ''], oops),
    'after a block': generator(OK, ['yield', 'hello'], oops),
    'after two blocks': generator(OK, ['yield', 'a'], ['yield', 'b'], oops),
    'after write()': list(OK, ['write', 'hello'], oops),
    'when iterated over': closing([OK], [oops]),
    'when iterated over, after a block': closing([OK], [['yield', 'a'], oops]),
    'in close()': closing([OK], yields('hello'), { close: [oops] }),
    'in close() after an empty body': closing([OK], [], { close: [oops] }),
    'in the iteration and in close()': closing([OK], [oops], { close: [['raise', 'again']] }),
    'after a block and in close()': closing([OK], [['yield', 'a'], oops], {
      close: [['raise', 'again']],
    }),
    'with a finally': generator(['finally', [OK, ['yield', 'a'], oops], [['note', 'finally']]]),
    'in a class': { form: 'class', steps: [OK, oops] },
    'while it handles another error': list(OK, ['try', [oops], [['raise', 'again']]]),
    'with too long a length announced': generator(
      start('200 OK', ['Content-Length', '9']),
      ['yield', 'hello'],
      oops,
    ),
    'a message of several lines': list(['raise', 'one\ntwo']),
    'a message that is empty': list(['raise', '']),
    'with ECONNRESET': list(OK, ['raise', 'the database is gone', 'ECONNRESET']),
    'with EPIPE after a block': generator(OK, ['yield', 'a'], ['raise', 'gone', 'EPIPE']),
    'with ECONNABORTED, closing': closing([OK], [['raise', 'gone', 'ECONNABORTED']]),
    'with another system error': list(OK, ['raise', 'full', 'ENOSPC']),
  };
  return [
    ...withEveryHandler(named('an application that fails', points)),
    ...named('an error page', {
      'of its own': {
        attributes: {
          error_status: '503 Later',
          error_headers: [['Content-Type', 'text/html']],
          error_body: '<p>Later</p>',
        },
        application: list(oops),
      },
      'without a body': { attributes: { error_body: '' }, application: list(oops) },
      'to HEAD': { environ: { REQUEST_METHOD: 'HEAD' }, application: list(oops) },
      'to HTTP/0.9': { environ: { SERVER_PROTOCOL: 'HTTP/0.9' }, application: list(oops) },
      'with a bad status': { attributes: { error_status: '503' }, application: list(oops) },
      'with a bad status, after a block': {
        attributes: { error_status: '503' },
        application: generator(OK, ['yield', 'a'], oops),
      },
      'of 204': { attributes: { error_status: '204 Nothing' }, application: list(oops) },
    }),
    ...named('a result that is', {
      null: { form: 'value', steps: [OK], value: null },
      'a number': { form: 'value', steps: [OK], value: 5 },
      text: { form: 'value', steps: [OK], value: { text: 'hello' } },
      bytes: { form: 'value', steps: [OK], value: 'hello' },
      'empty text': { form: 'value', steps: [OK], value: { text: '' } },
      'null, without start_response()': { form: 'value', steps: [], value: null },
    }),
    ...named('no application but', {
      null: { form: 'none', steps: [], value: null },
      'a number': { form: 'none', steps: [], value: 5 },
      text: { form: 'none', steps: [], value: { text: 'app' } },
    }),
  ];
}

/** The request: variables, protocol and body. */
function requests(): Case[] {
  const variables = [
    'wsgi.version',
    'wsgi.url_scheme',
    'wsgi.multithread',
    'wsgi.multiprocess',
    'wsgi.run_once',
    'SERVER_SOFTWARE',
  ];
  const showing = list(...variables.map((key): Step => ['variable', key]), OK, ['yield', 'hello']);
  const hello = list(OK, ['yield', 'hello']);
  const reading: Record<string, Step[]> = {
    'read()': [['read']],
    'read() twice': [['read'], ['read']],
    'read(3)': [['read', 3]],
    'read(0)': [['read', 0]],
    'read(-1)': [['read', -1]],
    'read(null)': [['read', null]],
    'read(99)': [['read', 99]],
    'read() in pieces': [
      ['read', 4],
      ['read', 4],
      ['read', 4],
      ['read', 4],
    ],
    'readline()': [['readline'], ['readline'], ['readline'], ['readline']],
    'readline(3)': [
      ['readline', 3],
      ['readline', 3],
    ],
    'readline(99)': [['readline', 99]],
    'readline(0)': [['readline', 0]],
    'readline(-1)': [['readline', -1]],
    'readlines()': [['readlines']],
    'readlines(1)': [
      ['readlines', 1],
      ['readlines', 1],
    ],
    'readlines(5)': [['readlines', 5], ['read']],
    'readlines(0)': [['readlines', 0]],
    'read(2), readline(), readlines()': [['read', 2], ['readline'], ['readlines']],
  };
  const bodies: Record<string, Pick<Case, 'environ' | 'input'>> = {
    'no body': {},
    'no body and a length of 0': { environ: { CONTENT_LENGTH: '0' } },
    'no body and an empty length': { environ: { CONTENT_LENGTH: '' } },
    'a body of lines': { input: 'one\ntwo\r\nthree', environ: { CONTENT_LENGTH: '14' } },
    'a body without a length': { input: 'one\ntwo\r\nthree' },
    'more than the body': { input: 'one\ntwo\r\nthree', environ: { CONTENT_LENGTH: '6' } },
    'less than the body': { input: 'one\ntwo\r\nthree', environ: { CONTENT_LENGTH: '20' } },
  };
  return [
    ...withEveryHandler(
      named('a request', {
        plain: showing,
        'with options': {
          options: { multithread: false, multiprocess: true },
          application: showing,
        },
        'run once': { attributes: { wsgi_run_once: true }, application: showing },
        'with server_software': { attributes: { server_software: 'mine/1' }, application: showing },
        'with SERVER_SOFTWARE': { environ: { SERVER_SOFTWARE: 'theirs/2' }, application: showing },
        'without file_wrapper': { attributes: { wsgi_file_wrapper: null }, application: showing },
        'with HTTPS=on': { environ: { HTTPS: 'on' }, application: showing },
        'with HTTPS=1': { environ: { HTTPS: '1' }, application: showing },
        'with HTTPS=yes': { environ: { HTTPS: 'yes' }, application: showing },
        'with HTTPS=off': { environ: { HTTPS: 'off' }, application: showing },
        'with wsgi. variables of its own': {
          environ: { 'wsgi.url_scheme': 'gopher', 'wsgi.run_once': 'yes', 'wsgi.mine': 'x' },
          application: showing,
        },
        'with os_environ': {
          attributes: { os_environ: { A: 'a', PATH_INFO: '/under' } },
          application: showing,
        },
        'with bytes': { environ: { PATH_INFO: '/\xe9\xff', HTTP_X: '\x80' }, application: showing },
        'of HTTP/0.9': { environ: { SERVER_PROTOCOL: 'HTTP/0.9' }, application: hello },
        'of http/0.9': { environ: { SERVER_PROTOCOL: 'http/0.9' }, application: hello },
        'of HTTP/0.9 without a body': {
          environ: { SERVER_PROTOCOL: 'HTTP/0.9' },
          application: list(OK),
        },
        'of HTTP/1.1': { environ: { SERVER_PROTOCOL: 'HTTP/1.1' }, application: hello },
        'of HTTP/2': { environ: { SERVER_PROTOCOL: 'HTTP/2' }, application: hello },
        'without SERVER_PROTOCOL': { environ: { SERVER_PROTOCOL: null }, application: hello },
        'whose environ is changed': list(['set', 'SERVER_PROTOCOL', 'HTTP/0.9'], OK, [
          'yield',
          'x',
        ]),
        'whose method is changed': list(['set', 'REQUEST_METHOD', 'HEAD'], OK, ['yield', 'x']),
        'that is logged': list(['log', 'one\n'], ['log', '\u20ac\n'], OK, ['yield', 'hello']),
      }),
    ),
    ...Object.entries(bodies).flatMap(([body, request]) =>
      Object.entries(reading).map(([name, steps]) => ({
        name: `${body}: ${name}`,
        ...request,
        environ: { REQUEST_METHOD: 'POST', ...request.environ },
        application: list(...steps, OK, ['yield', 'hello']),
      })),
    ),
    ...['-1', 'x', '1_0', ' 5 ', '+5', '5, 5', '99999999999999999999'].map((CONTENT_LENGTH) => ({
      name: `a length of '${CONTENT_LENGTH}'`,
      input: 'hello',
      environ: { CONTENT_LENGTH },
      application: hello,
    })),
  ];
}

/** wsgi.file_wrapper. */
function files(): Case[] {
  const file = (value: string, steps: Step[] = [OK], blockSize?: number): Application => ({
    form: 'file',
    steps,
    value,
    ...(blockSize !== undefined && { blockSize }),
  });
  return withEveryHandler(
    named('a file', {
      plain: file('hello'),
      empty: file(''),
      'in blocks': file('hello, world', [OK], 5),
      'in blocks of its own size': file('hello', [OK], 5),
      'with its length': file('hello', [start('200 OK', ['Content-Length', '5'])], 5),
      'with a shorter length': file('hello', [start('200 OK', ['Content-Length', '3'])], 2),
      'with a longer length': file('hello', [start('200 OK', ['Content-Length', '9'])], 2),
      'to HEAD': { environ: { REQUEST_METHOD: 'HEAD' }, application: file('hello') },
      'without start_response()': file('hello', []),
      'after write()': file('world', [OK, ['write', 'hello, ']]),
      'with 304': file('hello', [['start', '304 Not Modified', []]]),
    }),
  );
}

/** Outputs that fail, or take little at a time. */
function outputs(): Case[] {
  const two = [...yields('first', 'second')];
  const failing: Record<string, Application> = {
    list: list(OK, ...two),
    generator: generator(['finally', [OK, ...two], [['note', 'finally']]]),
    closing: closing([OK], two),
    'write()': list(OK, ['write', 'first'], ['write', 'second']),
    'write(), trapped': list(
      OK,
      ['write', 'first'],
      ['try', [['write', 'second']], [['note', 'goes on']]],
    ),
    'one that fails to close': closing([OK], two, { close: [['raise', 'oops']] }),
    file: { form: 'file', steps: [OK], value: 'firstsecond', blockSize: 5 },
  };
  const points = {
    'the head': 'Content-Type',
    'the first block': 'first',
    'the second block': 'second',
  };
  const errors = ['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ENOSPC'];
  return [
    ...Object.entries(points).flatMap(([point, failsAt]) =>
      errors.flatMap((error) =>
        Object.entries(failing).map(([name, application]): Case => ({
          name: `an output that fails at ${point} with ${error}: ${name}`,
          output: { failsAt, error },
          application,
        })),
      ),
    ),
    ...[1, 7, 100].flatMap((takes) =>
      ['BaseCGIHandler' as const, 'SimpleHandler' as const].map((handler): Case => ({
        name: `${handler}: an output that takes ${takes} at a time`,
        handler,
        output: { takes },
        application: list(start('200 OK', ['Date', 'now']), ...two),
      })),
    ),
  ];
}

/** How results are closed. */
function closes(): Case[] {
  const note: Step = ['note', 'finally'];
  return withEveryHandler(
    named('a result that', {
      'is closed': closing([OK], yields('a', 'b')),
      'is closed without a block': closing([OK], []),
      'is closed though it is empty': closing([OK], yields('')),
      'is closed after too many bytes': closing(
        [start('200 OK', ['Content-Length', '3'])],
        yields('hello', 'world'),
      ),
      'is closed after too few bytes': closing(
        [start('200 OK', ['Content-Length', '9'])],
        yields('hello'),
      ),
      'is a generator with a finally': generator(['finally', [OK, ...yields('a', 'b')], [note]]),
      'is a generator that is abandoned': generator([
        'finally',
        [OK, ['yield', 'a'], ['yield', { text: 'b' }], ['yield', 'c']],
        [note],
      ]),
      'iterates with a finally': closing([OK], [['finally', yields('a', 'b'), [note]]]),
      'iterates with a finally, and is abandoned': closing(
        [OK],
        [
          [
            'finally',
            [
              ['yield', 'a'],
              ['yield', 5],
              ['yield', 'c'],
            ],
            [note],
          ],
        ],
      ),
      'logs when it is closed': closing([OK], yields('a'), { close: [['log', 'closed\n']] }),
      'writes when it is closed': closing([OK], yields('a'), { close: [['write', 'late']] }),
      'starts when iterated over': closing([], [OK, ...yields('a')]),
      'says a length of 1 and has two blocks': closing([OK], yields('hello', 'world'), {
        length: 1,
      }),
      'says a length of 2 and has one block': closing([OK], yields('hello'), { length: 2 }),
      'says a length of 1 and has none': closing([OK], [], { length: 1 }),
      'says a length of 0 and has one block': closing([OK], yields('hello'), { length: 0 }),
    }),
  );
}

/** What Python takes from its own process. */
const process: Case = {
  name: 'the environment of the process',
  attributes: { os_environ: 'its own' },
  application: list(OK, ['yield', 'hello']),
};

/** Every case. */
export const cases: readonly Case[] = [
  ...forms(),
  ...responses(),
  ...headers(),
  ...startResponse(),
  ...blocks(),
  ...failures(),
  ...requests(),
  ...files(),
  ...outputs(),
  ...closes(),
  process,
];
