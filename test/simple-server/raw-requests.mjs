// Requests as bytes, and what is to come of each: one table, which raw-requests.test.ts sends whole,
// byte by byte and in random pieces, and which against-python.test.ts compares with Python.

/** The head of a request with one header line, or several. */
function withHeaders(...lines) {
  return ['GET / HTTP/1.0', ...lines, '', ''].join('\r\n');
}

function post(length, body) {
  return `POST / HTTP/1.0\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

function served(environ = {}, body = '') {
  return { environ, body };
}

function refused(code, message, explain) {
  return { code, message, explain };
}

/** The connection is closed without a word. */
const nothing = null;

/** Bytes of `GET / HTTP/1.0` around the `/`'s rest, its end included. */
const AROUND_PATH = 'GET / HTTP/1.0\r\n'.length;

export const rawRequests = [
  // The request line.

  { name: 'a plain GET', request: 'GET / HTTP/1.0\r\n\r\n', answer: served() },
  {
    name: 'path, query and a method of its own',
    request: 'BREW /pot/1?milk=no&sugar=%20 HTTP/1.0\r\n\r\n',
    answer: served({
      REQUEST_METHOD: 'BREW',
      PATH_INFO: '/pot/1',
      QUERY_STRING: 'milk=no&sugar=%20',
    }),
  },
  {
    name: 'a request of HTTP/1.1',
    request: 'GET / HTTP/1.1\r\nHost: h:8000\r\n\r\n',
    answer: served({ SERVER_PROTOCOL: 'HTTP/1.1', HTTP_HOST: 'h:8000' }),
  },
  {
    name: 'a minor version yet to come',
    request: 'GET / HTTP/1.9\r\nHost: h\r\n\r\n',
    answer: served({ SERVER_PROTOCOL: 'HTTP/1.9', HTTP_HOST: 'h' }),
  },
  {
    name: 'lines that end in a line feed alone',
    request: 'GET /a?b HTTP/1.0\nHost: h\nX-A: 1\n\n',
    answer: served({ PATH_INFO: '/a', QUERY_STRING: 'b', HTTP_HOST: 'h', HTTP_X_A: '1' }),
  },
  {
    name: 'a request line with line ends too many',
    request: 'GET / HTTP/1.0\r\r\n\r\n',
    answer: refused(400, "Bad request version ('HTTP/1.0\\r')"),
  },
  {
    name: 'a blank line of line feeds before a body that begins with CRLF',
    request: 'POST / HTTP/1.0\nContent-Length: 4\n\n\r\nab',
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '4' }, '\r\nab'),
  },
  {
    name: 'a blank line of CRLF before a body that begins with line feeds',
    request: 'POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\n\n\n\r\n',
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '4' }, '\n\n\r\n'),
  },
  {
    name: 'no header line before a body that begins with line feeds',
    request: 'GET / HTTP/1.0\n\n\n\r\n\r\n',
    answer: served(),
  },
  {
    name: 'HTTP/0.9',
    request: 'GET /p?q\r\n',
    answer: served({ SERVER_PROTOCOL: 'HTTP/0.9', PATH_INFO: '/p', QUERY_STRING: 'q' }),
  },
  {
    name: 'HTTP/0.9 with a path that ends like a version',
    request: 'GET /HTTP/0.9\r\n',
    answer: served({ SERVER_PROTOCOL: 'HTTP/0.9', PATH_INFO: '/HTTP/0.9' }),
  },
  {
    name: 'HTTP/0.9 that says so',
    request: 'GET / HTTP/0.9\r\nX-A: 1\r\n\r\n',
    answer: served({ SERVER_PROTOCOL: 'HTTP/0.9', HTTP_X_A: '1' }),
  },
  {
    name: 'HTTP/0.9 with another method than GET',
    request: 'POST /\r\n',
    answer: refused(400, "Bad HTTP/0.9 request type ('POST')"),
  },
  {
    name: 'a request line of 65536 bytes',
    request: ['GET /', ['x', 65536 - AROUND_PATH], ' HTTP/1.0\r\n\r\n'],
    answer: served({ PATH_INFO: `/${'x'.repeat(65536 - AROUND_PATH)}` }),
  },
  {
    name: 'a request line of 65537 bytes',
    request: ['GET /', ['x', 65537 - AROUND_PATH], ' HTTP/1.0\r\n\r\n'],
    answer: refused(414, 'URI Too Long'),
  },
  {
    name: 'a request line without an end',
    request: ['GET /', ['x', 70000]],
    answer: refused(414, 'URI Too Long'),
  },
  {
    name: 'a request line full of carriage returns',
    request: ['GET /', ['\r', 65000], 'x HTTP/1.0\r\n\r\n'],
    answer: refused(400, `Bad request target ('/${'\\r'.repeat(65000)}x')`),
  },
  { name: 'a blank line', request: '\r\n', answer: nothing },
  { name: 'a blank line before a request', request: '\r\nGET / HTTP/1.0\r\n\r\n', answer: nothing },
  { name: 'a line of spaces', request: '   \n', answer: nothing },
  { name: 'nothing at all', request: '', halfClose: true, answer: nothing },
  ...[
    'FUBAR',
    'HTTP/9.9.9',
    'HTTP/-9_9_9.+9_9_9',
    'HTTP/909876543210.0',
    'HTTP/1.909876543210',
    'HTTP/1',
    'HTTP/1.',
    'HTTP/.1',
    'http/1.1',
    'HTTP/1.1x',
    'HTTP/01.1',
    'HTTP/1.10',
    'HTTP/\xb2.0',
    '',
  ].map((version) => ({
    name: `a bad version: ${version || 'none after a space'}`,
    request: `GET / ${version}\r\n\r\n`,
    answer: refused(400, `Bad request version ('${version}')`),
  })),
  ...['2.0', '9.9'].map((number) => ({
    name: `a version that is not spoken: ${number}`,
    request: `GET / HTTP/${number}\r\n\r\n`,
    answer: refused(505, `Invalid HTTP version (${number})`),
  })),
  ...[
    ['one word', 'GET', "'GET'"],
    ['four words', 'GET /spaced out HTTP/1.0', "'GET /spaced out HTTP/1.0'"],
    ['two spaces', 'GET  / HTTP/1.0', "'GET  / HTTP/1.0'"],
    ['a space before the method', ' GET / HTTP/1.0', "' GET / HTTP/1.0'"],
    ['tabs instead of spaces', 'GET\t/\tHTTP/1.0', "'GET\\t/\\tHTTP/1.0'"],
    ['a method that is no token', 'GET: / HTTP/1.0', "'GET: / HTTP/1.0'"],
    ['a method beyond ASCII', 'G\xc9T / HTTP/1.0', "'G\xc9T / HTTP/1.0'"],
    ['markup', '<i> / HTTP/1.0', "'<i> / HTTP/1.0'"],
  ].map(([what, line, shown]) => ({
    name: `bad syntax: ${what}`,
    request: `${line}\r\n\r\n`,
    answer: refused(400, `Bad request syntax (${shown})`),
  })),

  // The target.

  ...[
    ['no slash', 'GET', 'x', "'x'"],
    ['an asterisk with another method than OPTIONS', 'GET', '*', "'*'"],
    ['a fragment', 'GET', '/a#b', "'/a#b'"],
    ['a control character', 'GET', '/\x01', "'/\\x01'"],
    ['a bare CR', 'GET', '/a\rb', "'/a\\rb'"],
    ['a tab', 'GET', '/a\tb', "'/a\\tb'"],
    ['DEL', 'GET', '/\x7f', "'/\\x7f'"],
    ['another scheme', 'GET', 'ftp://h/', "'ftp://h/'"],
    ['no authority', 'GET', 'http:///p', "'http:///p'"],
    ['authority-form', 'GET', 'h:80', "'h:80'"],
    ['absolute-form with a user', 'GET', 'http://u@h/', "'http://u@h/'"],
    ['absolute-form with a port that is none', 'GET', 'http://h:x/', "'http://h:x/'"],
  ].map(([what, method, target, shown]) => ({
    name: `a bad target: ${what}`,
    request: `${method} ${target} HTTP/1.0\r\n\r\n`,
    answer: refused(400, `Bad request target (${shown})`),
  })),
  {
    name: 'CONNECT',
    request: 'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n',
    answer: refused(501, "Unsupported method ('CONNECT')"),
  },
  {
    name: 'absolute-form, whose authority stands for Host',
    request: 'GET http://h:8080/p?q HTTP/1.1\r\nHost: other\r\n\r\n',
    answer: served({
      SERVER_PROTOCOL: 'HTTP/1.1',
      PATH_INFO: '/p',
      QUERY_STRING: 'q',
      HTTP_HOST: 'h:8080',
    }),
  },
  {
    name: 'absolute-form without a path',
    request: 'GET HTTP://h HTTP/1.0\r\n\r\n',
    answer: served({ HTTP_HOST: 'h' }),
  },
  {
    name: 'absolute-form with a query and no path',
    request: 'GET https://h?q HTTP/1.0\r\n\r\n',
    answer: served({ HTTP_HOST: 'h', QUERY_STRING: 'q' }),
  },
  {
    name: 'asterisk-form',
    request: 'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n',
    answer: served({
      REQUEST_METHOD: 'OPTIONS',
      SERVER_PROTOCOL: 'HTTP/1.1',
      PATH_INFO: '',
      HTTP_HOST: 'h',
    }),
  },
  {
    name: 'slashes at the beginning',
    request: 'GET ///evil.example//x?//y HTTP/1.0\r\n\r\n',
    answer: served({ PATH_INFO: '/evil.example//x', QUERY_STRING: '//y' }),
  },
  {
    name: 'bytes above 0x7F and percent escapes',
    request: 'GET /\x80%80\xff%fF%00%2F%25?\xe9%80 HTTP/1.0\r\n\r\n',
    answer: served({ PATH_INFO: '/\x80\x80\xff\xff\x00/%', QUERY_STRING: '\xe9%80' }),
  },
  {
    name: 'what is no escape',
    request: 'GET /%zz%4+%u00e9% HTTP/1.0\r\n\r\n',
    answer: served({ PATH_INFO: '/%zz%4+%u00e9%' }),
  },
  {
    name: 'white space of Unicode in the path',
    request: 'GET /a\x85b\xa0c HTTP/1.0\r\n\r\n',
    answer: served({ PATH_INFO: '/a\x85b\xa0c' }),
  },
  {
    name: 'question marks in the query',
    request: 'GET /?a?b=/c HTTP/1.0\r\n\r\n',
    answer: served({ QUERY_STRING: 'a?b=/c' }),
  },

  // Header lines.

  {
    name: 'values without the white space around them',
    request: withHeaders('X-A: \t a \t b\t ', 'X-B:c', 'X-C:', 'X-D: :d:'),
    answer: served({ HTTP_X_A: 'a \t b', HTTP_X_B: 'c', HTTP_X_C: '', HTTP_X_D: ':d:' }),
  },
  {
    name: 'values beyond ASCII',
    request: withHeaders('X-A: \x80\xa0\xe9\xff.'),
    answer: served({ HTTP_X_A: '\x80\xa0\xe9\xff.' }),
  },
  {
    name: 'names in any case, with any character of a token',
    request: withHeaders('x-lower: 1', 'X-UPPER: 2', "!#$%&'*+.^`|~9: 3"),
    answer: served({ HTTP_X_LOWER: '1', HTTP_X_UPPER: '2', "HTTP_!#$%&'*+.^`|~9": '3' }),
  },
  {
    name: 'headers whose names are as long as those that count',
    request: withHeaders('From: a', 'Accept-Charset: b', 'If-Modified-Since: c'),
    answer: served({ HTTP_FROM: 'a', HTTP_ACCEPT_CHARSET: 'b', HTTP_IF_MODIFIED_SINCE: 'c' }),
  },
  {
    name: 'a header several times',
    request: withHeaders('X-A: 1', 'x-a: 2 ', 'X-A:'),
    answer: served({ HTTP_X_A: '1,2,' }),
  },
  {
    name: 'cookies several times',
    request: withHeaders('Cookie: a=1', 'Cookie: b=2; c=3'),
    answer: served({ HTTP_COOKIE: 'a=1; b=2; c=3' }),
  },
  {
    name: 'names with an underscore',
    request: withHeaders('X_Real_Ip: 6.6.6.6', 'X-Real-Ip: 1.2.3.4', 'Content_Length: 5', '_: 1'),
    answer: served({ HTTP_X_REAL_IP: '1.2.3.4' }),
  },
  {
    name: 'headers named like variables',
    request: withHeaders(
      'Server-Name: a',
      'Path-Info: b',
      'Remote-Addr: c',
      'Query-String: d',
      'Request-Method: e',
      'Gateway-Interface: f',
    ),
    answer: served({
      HTTP_SERVER_NAME: 'a',
      HTTP_PATH_INFO: 'b',
      HTTP_REMOTE_ADDR: 'c',
      HTTP_QUERY_STRING: 'd',
      HTTP_REQUEST_METHOD: 'e',
      HTTP_GATEWAY_INTERFACE: 'f',
    }),
  },
  {
    name: 'a Content-Type',
    request: withHeaders('Content-Type: text/x; charset=y', 'Content-Type: text/z'),
    answer: served({ CONTENT_TYPE: 'text/x; charset=y' }),
  },
  {
    name: 'an empty Content-Type',
    request: withHeaders('Content-Type:'),
    answer: served({ CONTENT_TYPE: '' }),
  },
  {
    name: '100 header lines',
    request: ['GET / HTTP/1.0\r\n', ['X-A: 1\r\n', 100], '\r\n'],
    answer: served({ HTTP_X_A: Array(100).fill('1').join(',') }),
  },
  {
    name: '101 header lines',
    request: ['GET / HTTP/1.0\r\n', ['X-A: 1\r\n', 101], '\r\n'],
    answer: refused(431, 'Too many headers', 'got more than 100 headers'),
  },
  {
    name: 'header lines without an end',
    request: ['GET / HTTP/1.0\r\n', ['X-A: 1\r\n', 300]],
    answer: refused(431, 'Too many headers', 'got more than 100 headers'),
  },
  {
    name: 'a header line of 65536 bytes',
    request: ['GET / HTTP/1.0\r\nX-A: ', ['a', 65529], '\r\nX-B: 1\r\n\r\n'],
    answer: served({ HTTP_X_A: 'a'.repeat(65529), HTTP_X_B: '1' }),
  },
  {
    name: 'a header line of 65537 bytes',
    request: ['GET / HTTP/1.0\r\nX-A: ', ['a', 65530], '\r\nX-B: 1\r\n\r\n'],
    answer: refused(431, 'Line too long', 'got more than 65536 bytes when reading header line'),
  },
  {
    name: 'a header line without an end',
    request: ['GET / HTTP/1.0\r\nX-A: ', ['a', 70000]],
    answer: refused(431, 'Line too long', 'got more than 65536 bytes when reading header line'),
  },
  ...[
    ['white space before the colon', 'X-A : 1', "Bad header name ('X-A ')"],
    ['an empty name', ': 1', "Bad header name ('')"],
    ['a name that is no token', 'X(A): 1', "Bad header name ('X(A)')"],
    ['a name beyond ASCII', '\xe9: 1', "Bad header name ('\xe9')"],
    ['a control character in the name', 'X\x00A: 1', "Bad header name ('X\\x00A')"],
    ['no colon', 'badline', "Header line without a colon ('badline')"],
    ['a line of a carriage return', '\r', "Header line without a colon ('\\r')"],
    ['a folded line', 'X-A: 1\r\n 2: 3', "Folded header line (' 2: 3')"],
    ['a line folded with a tab', 'X-A: 1\r\n\t2', "Folded header line ('\\t2')"],
    ['a folded line at the beginning', ' X-A: 1', "Folded header line (' X-A: 1')"],
    ['NUL in the value', 'X-A: a\x00b', "Bad header value ('a\\x00b')"],
    ['a bare CR in the value', 'X-A: a\rX-B: b', "Bad header value ('a\\rX-B: b')"],
    ['a bare CR at the end of the value', 'X-A: a\r', "Bad header value ('a\\r')"],
    ['VT in the value', 'X-A: a\x0bb', "Bad header value ('a\\x0bb')"],
    ['ESC in the value', 'X-A: \x1b[0m', "Bad header value ('\\x1b[0m')"],
    ['DEL in the value', 'X-A: \x7f', "Bad header value ('\\x7f')"],
  ].map(([what, lines, message]) => ({
    name: `a bad header line: ${what}`,
    request: withHeaders('X-Before: 1', lines, 'X-After: 1'),
    answer: refused(400, message),
  })),
  {
    name: 'a bad header line: folded, right after the request line',
    request: withHeaders(' X-A: 1'),
    answer: refused(400, "Folded header line (' X-A: 1')"),
  },
  ...[
    ['in the request line', 'GET / HTTP/1.0'],
    ['after the request line', 'GET / HTTP/1.0\r\n'],
    ['in a header line', 'GET / HTTP/1.0\r\nX-A: 1'],
    ['after a header line', 'GET / HTTP/1.0\r\nX-A: 1\r\n'],
    ['in the blank line', 'GET / HTTP/1.0\r\nX-A: 1\r\n\r'],
  ].map(([where, request]) => ({
    name: `a head that ends ${where}`,
    request,
    halfClose: true,
    answer: refused(400, 'Incomplete request head'),
  })),

  // Host.

  ...[
    '',
    'h',
    'h:',
    'h:80',
    '1.2.3.4:80',
    '[::1]',
    '[::ffff:1.2.3.4]:80',
    "a-b_c~%41!$&'*+,;=",
  ].map((host) => ({
    name: `a Host: ${host || 'empty'}`,
    request: withHeaders(`Host: ${host}`),
    answer: served({ HTTP_HOST: host }),
  })),
  ...['a b', 'h/x', 'h:x', 'h:80:80', 'u@h', '[::1', '::1', '[::1]x', '[g]', 'h\\x', '\xe9'].map(
    (host) => ({
      name: `a bad Host: ${host}`,
      request: withHeaders(`Host: ${host}`),
      answer: refused(400, `Bad Host header ('${host.replace('\\', '\\\\')}')`),
    }),
  ),
  ...['HTTP/1.0', 'HTTP/1.1'].map((version) => ({
    name: `a bad Host: twice in ${version}`,
    request: `GET / ${version}\r\nHost: h\r\nhost: h\r\n\r\n`,
    answer: refused(400, 'More than one Host header'),
  })),
  {
    name: 'a bad Host: none in HTTP/1.1',
    request: 'GET / HTTP/1.1\r\nX-A: 1\r\n\r\n',
    answer: refused(400, 'Missing Host header'),
  },

  // The body.

  {
    name: 'a body',
    request: post(11, 'hello\r\n\x00\x80\xff!'),
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '11' }, 'hello\r\n\x00\x80\xff!'),
  },
  {
    name: 'a long body',
    request: ['POST / HTTP/1.0\r\nContent-Length: 150000\r\n\r\n', ['x', 150000]],
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '150000' }, 'x'.repeat(150000)),
  },
  {
    name: 'an empty body',
    request: post(0, ''),
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '0' }),
  },
  {
    name: 'more than the body',
    request: post(3, 'abcGET / HTTP/1.0\r\n\r\n'),
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '3' }, 'abc'),
  },
  {
    name: 'bytes without a Content-Length',
    request: 'POST / HTTP/1.0\r\n\r\nabc',
    answer: served({ REQUEST_METHOD: 'POST' }),
  },
  ...[
    ['with zeros', 'Content-Length: 0003'],
    ['twice the same', 'Content-Length: 3\r\ncontent-length: 3'],
    ['twice the same in one line', 'Content-Length: 3, 3'],
    ['with white space around it', 'Content-Length: \t3 \t'],
  ].map(([what, lines]) => ({
    name: `a Content-Length ${what}`,
    request: `POST / HTTP/1.0\r\n${lines}\r\n\r\nabc`,
    answer: served({ REQUEST_METHOD: 'POST', CONTENT_LENGTH: '3' }, 'abc'),
  })),
  {
    name: 'a bad Content-Length: two that differ',
    request: withHeaders('Content-Length: 3', 'Content-Length: 4'),
    answer: refused(400, "Bad Content-Length ('3,4')"),
  },
  ...['', '-1', '+3', '3,', ',3', '3;', '3 3', '0x3', '3.0', '1_0', 'three', '\xb2', '3, 03'].map(
    (length) => ({
      name: `a bad Content-Length: ${length || 'empty'}`,
      request: withHeaders(`Content-Length: ${length}`),
      answer: refused(400, `Bad Content-Length ('${length}')`),
    }),
  ),
  {
    name: 'a bad Content-Length: full of spaces',
    request: ['GET / HTTP/1.0\r\nContent-Length: 3', [' ', 65000], 'x\r\n\r\n'],
    answer: refused(400, `Bad Content-Length ('3${' '.repeat(65000)}x')`),
  },
  ...['1000000000000000', '9007199254740993', '99999999999999999999', ['9', 400]].map((length) => ({
    name: `a huge Content-Length: ${typeof length === 'string' ? length : '400 digits'}`,
    request: ['POST / HTTP/1.0\r\nContent-Length: ', length, '\r\n\r\n'],
    answer: refused(413, 'Content-Length too large'),
  })),
  {
    name: 'a Transfer-Encoding',
    request: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    answer: refused(501, "Unsupported transfer coding ('chunked')"),
  },
  {
    name: 'a Transfer-Encoding in HTTP/1.0',
    request: withHeaders('Transfer-Encoding: chunked'),
    answer: refused(400, 'Transfer-Encoding in an HTTP/1.0 request'),
  },
  ...['HTTP/1.0', 'HTTP/1.1'].map((version) => ({
    name: `both Content-Length and Transfer-Encoding in ${version}`,
    request:
      `POST / ${version}\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n` +
      '0\r\n\r\n',
    answer: refused(400, 'Both Content-Length and Transfer-Encoding'),
  })),
];

/** The bytes of a request, a character each. */
export function bytesOf(request) {
  if (typeof request === 'string') return request;
  return request
    .map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1])))
    .join('');
}
