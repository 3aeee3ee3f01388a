// Refreshes against-python.jsonl: `node test/util/record-python.mjs`, with PYTHON=… for another
// Python than `python3`. The cases are made here; the test reads them from the record.

import { product, sequences } from './cases.mjs';
import { writeRecord } from './python.mjs';

const latin1 = String.fromCharCode(...Array(256).keys());

function range(first, last) {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

const texts = [
  '',
  "it's",
  '"',
  `'"`,
  `\\'`,
  'tab\tfeed\nreturn\r',
  latin1,
  range(0x100, 0x24f),
  range(0x2000, 0x206f),
  range(0x3041, 0x3096),
  '\u0378\u00ad\ufeff\ufffe\ue000\ud800\udfff',
  '\u{1f600}\u{10000}\u{e0001}\u{f0000}\u{10ffff}',
];

const segments = ['', '.', '..', 'a', 'b c%\xe9'];
const paths = [
  ...[1, 2, 3]
    .flatMap((n) => product(...Array(n).fill(segments)))
    .map((parts) => `/${parts.join('/')}`),
  ...['', 'noslash', 'a/b', './a', '../a', 'a//'],
];
const scriptNames = ['', '/a/b', '/a/', '//z', 'rel'];
const oddScriptNames = ['/', '///z', '..', './/', '/../a/../..', '\xe9/%2F'];

const https = [undefined, '', 'yes', 'on', '1', 'ON', 'true', '0', 'foo'];
const uris = [
  ...product(
    ['http', 'https', 'gopher'],
    [undefined, 'spam.example.com:2071'],
    ['80', '443', '8000'],
    [undefined, '/spammity'],
    [undefined, '/spam', 'nosl'],
  ).map(([scheme, HTTP_HOST, SERVER_PORT, SCRIPT_NAME, PATH_INFO]) => ({
    'wsgi.url_scheme': scheme,
    SERVER_NAME: 'h',
    HTTP_HOST,
    SERVER_PORT,
    SCRIPT_NAME,
    PATH_INFO,
  })),
  { 'wsgi.url_scheme': 'http', HTTP_HOST: '', SERVER_NAME: 'h', SERVER_PORT: '' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: '', PATH_INFO: '' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: '', PATH_INFO: '/' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: '/', PATH_INFO: '\xe9' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: '', PATH_INFO: '\xe9' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: latin1, PATH_INFO: latin1 },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', SCRIPT_NAME: '/\u0100' },
  { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', PATH_INFO: '/\u{1f600}' },
  { HTTP_HOST: 'h' },
  { 'wsgi.url_scheme': 'http' },
  { 'wsgi.url_scheme': 'http', SERVER_NAME: 'h' },
  { 'wsgi.url_scheme': 'http', SERVER_PORT: '80' },
];

const queries = product([undefined, '', 'say=ni', 's%E4y=n i?&;', '\xe9'], [true, false]);

const hopByHop = [
  'Connection',
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'TE',
  'Trailers',
  'Transfer-Encoding',
  'Upgrade',
];
const endToEnd = ['Accept', 'Cache-Control', 'Date', 'Pragma', 'Trailer', 'Via', 'Warning', ''];
const notQuite = ['Proxy-Connection', ' TE', 'TE ', 'Keep_Alive', 'Connection:', 'T', 'TEE'];

const given = [
  {},
  { SERVER_NAME: 'foo.bar' },
  { SCRIPT_NAME: '/x' },
  { PATH_INFO: '/y' },
  { 'wsgi.url_scheme': 'gopher' },
  { 'wsgi.url_scheme': 'https' },
  { SERVER_PORT: null, HTTP_HOST: null, 'wsgi.run_once': null },
  ...https.filter((value) => value !== undefined).map((HTTPS) => ({ HTTPS })),
];

const sizes = [-1, 0, 1, 2, 3, 5, 100, null];
const reading = [
  ['read', sizes],
  ['readline', sizes],
  ['readlines', sizes],
  ['getvalue'],
  ['tell'],
  ['truncate', [-1, 0, 2, 9, 100, null]],
  ['write', ['', 'x', 'yy\n', '\nzzz\n\n']],
  ['flush'],
];
const bytesOperations = [
  ...reading,
  ['seek', [-2, -1, 0, 1, 4, 20], [0, 1, 2, 3]],
  ['seek', [0, 3]],
];
const textOperations = [...reading, ['seek', [-1, 0, 1, 4, 20]]];
const initial = ['', 'one\ntwo\nthree', '\n\n', '0123456789\n0123456789\n'];

writeRecord(import.meta.url, [
  ...texts.map((text) => ['repr', text]),
  ...['', "it's", `'"`, latin1].map((text) => ['repr_bytes', text]),
  ...['', latin1, 'caf\u0100', '\u{1f600}'].map((text) => ['encode_latin1', text]),
  ...[...oddScriptNames, ...scriptNames, ...paths].map((path) => ['normpath', path]),
  ...https.map((HTTPS) => ['guess_scheme', { HTTPS }]),
  ...uris.flatMap((environ) => [
    ['application_uri', environ],
    ['request_uri', environ],
  ]),
  ...queries.map(([QUERY_STRING, includeQuery]) => [
    'request_uri',
    { 'wsgi.url_scheme': 'http', HTTP_HOST: 'h', PATH_INFO: '/p', QUERY_STRING },
    includeQuery,
  ]),
  ['shift_path_info', {}],
  ['shift_path_info', { SCRIPT_NAME: '/a' }],
  ['shift_path_info', { PATH_INFO: '/a/b' }],
  ...[
    ...product(scriptNames, paths),
    ...product(oddScriptNames, ['', '/', '/.', '/..', '/../..', '/x/y']),
  ].map(([SCRIPT_NAME, PATH_INFO]) => ['shift_path_info', { SCRIPT_NAME, PATH_INFO }]),
  ...given.map((environ) => ['setup_testing_defaults', environ]),
  ...[...hopByHop, ...endToEnd]
    .flatMap((name) => [name, name.toUpperCase(), name.toLowerCase()])
    .concat(notQuite)
    .map((name) => ['is_hop_by_hop', name]),
  ...product(['', 'x', 'xyz'.repeat(50)], [1, 7, 50, 150, 151]).map((args) => [
    'FileWrapper',
    ...args,
  ]),
  ['FileWrapper', 'x'.repeat(8193)],
  ...sequences(90, 8, bytesOperations).map((ops, i) => ['BytesIO', initial[i % 4], ops]),
  ...sequences(91, 8, textOperations).map((ops, i) => ['StringIO', initial[i % 4], ops]),
]);
