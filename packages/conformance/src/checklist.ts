// PEP 3333 as a list of obligations, after which come those of HTTP that fall to a server; and for
// each what proves that this family of packages meets it. What a case cannot show, because no client
// sees it, a rule of the validator checks, or a test of this repository.

import { rules } from '@wsgiref/validate';
import { cases } from './cases.ts';
import { serverRules } from './cases/environ.ts';

/** A test of this repository. */
export interface TestTitle {
  /** The file, from the root of the repository. */
  readonly file: string;
  /** The title. */
  readonly title: string;
}

/** One obligation. */
export interface Clause {
  /** Whose it is, and its number: S for servers, H for servers of HTTP, A applications, M middleware. */
  readonly id: string;
  /** The section of PEP 3333, or RFC and section. */
  readonly section: string;
  /** What must or should be, in a sentence. */
  readonly text: string;
  /** Rules of the validator that enforce it, beside those for servers, which have cases. */
  readonly rules?: readonly string[];
  /** Tests that show it. */
  readonly tests?: readonly TestTitle[];
}

/** What shows that an obligation is met. */
export type Proof =
  | { readonly kind: 'case'; readonly name: string }
  | { readonly kind: 'rule'; readonly id: string }
  | ({ readonly kind: 'test' } & TestTitle);

/**
 * Returns everything that shows that an obligation is met.
 *
 * @param clause the obligation
 * @returns the cases that name it, the rules that enforce it, the tests that it names
 * @throws {RangeError} if one of the rules does not exist
 */
export function proofsOf(clause: Clause): Proof[] {
  const ids = [
    ...Object.keys(serverRules).filter((id) => serverRules[id]!.includes(clause.id)),
    ...(clause.rules ?? []),
  ];
  const unknown = ids.find((id) => !rules.some((rule) => rule.id === id));
  if (unknown !== undefined) throw new RangeError(`${clause.id}: no rule is called '${unknown}'`);
  return [
    ...cases
      .filter(({ clauses }) => clauses.includes(clause.id))
      .map(({ name }) => ({ kind: 'case' as const, name })),
    ...ids.map((id) => ({ kind: 'rule' as const, id })),
    ...(clause.tests ?? []).map((one) => ({ kind: 'test' as const, ...one })),
  ];
}

const DETAILS = 'Specification Details';
const ENVIRON = 'environ Variables';
const STREAMS = 'Input and Error Streams';
const START = 'The start_response() Callable';
const LENGTH = 'Handling the Content-Length Header';
const BUFFERING = 'Buffering and Streaming';
const BLOCKS = 'Middleware Handling of Block Boundaries';
const WRITE = 'The write() Callable';
const UNICODE = 'Unicode Issues';
const ERRORS = 'Error Handling';
const OTHER = 'Other HTTP Features';
const EXTENSIONS = 'Server Extension APIs';
const CONFIGURATION = 'Application Configuration';
const FILES = 'Optional Platform-Specific File Handling';

function inHandlers(title: string): TestTitle {
  return { file: 'test/handlers/pep3333.test.ts', title };
}

function here(title: string): TestTitle {
  return { file: 'test/conformance/unseen.test.ts', title };
}

function inMiddleware(title: string): TestTitle {
  return { file: 'test/conformance/middleware.test.ts', title };
}

function inRequests(title: string): TestTitle {
  return { file: 'test/simple-server/raw-requests.mjs', title };
}

/** Every obligation: those of servers, of applications, and of middleware. */
export const checklist: readonly Clause[] = [
  {
    id: 'S1',
    section: DETAILS,
    text: 'The application is called with two arguments by position; what kind of callable it is does not matter.',
  },
  {
    id: 'S2',
    section: DETAILS,
    text: 'The environ is a plain dictionary, which the application may change as it likes.',
  },
  {
    id: 'S3',
    section: 'The Server/Gateway Side',
    text: 'The application is called once for each request.',
  },
  {
    id: 'S4',
    section: DETAILS,
    text: 'Each block is transmitted, unbuffered and whole, before the next is asked for.',
    tests: [inHandlers('S4: each block is handed over and flushed before the next is asked for')],
  },
  {
    id: 'S5',
    section: DETAILS,
    text: 'Blocks are bytes: line ends are not altered.',
  },
  {
    id: 'S6',
    section: DETAILS,
    text: 'The result is closed when the request is over: after its end, after an error, after the client has gone.',
    tests: [
      inHandlers(
        'S6: the result is closed on a normal end, on an error and when the client has gone',
      ),
    ],
  },
  {
    id: 'S7',
    section: DETAILS,
    text: 'The iteration may begin before the application has called startResponse().',
  },
  {
    id: 'S8',
    section: DETAILS,
    text: 'Nothing of the result is used but what iterates over it, measures it and closes it.',
  },
  {
    id: 'S9',
    section: ENVIRON,
    text: 'The variables of CGI that describe the request are there; the name and the port of the server are never empty.',
  },
  {
    id: 'S10',
    section: ENVIRON,
    text: 'There is an HTTP_ variable for each header of the request, and for no other.',
  },
  {
    id: 'S11',
    section: ENVIRON,
    text: 'CONTENT_TYPE and CONTENT_LENGTH hold what the headers of these names do.',
  },
  {
    id: 'S12',
    section: ENVIRON,
    text: 'The variables of CGI are native strings.',
    tests: [
      {
        file: 'test/handlers/read-environ.test.ts',
        title: 'makes a native string of what Node has decoded: a character for a byte of UTF-8',
      },
    ],
  },
  {
    id: 'S13',
    section: ENVIRON,
    text: 'A variable that has no value is left out.',
  },
  {
    id: 'S14',
    section: ENVIRON,
    text: 'Other variables of CGI are provided as far as they apply.',
  },
  {
    id: 'S15',
    section: ENVIRON,
    text: 'The server documents the variables that it provides.',
    tests: [here('S15: every variable that the server provides is documented')],
  },
  {
    id: 'S16',
    section: ENVIRON,
    text: 'The variables of WSGI are there: version, URL scheme, input, errors, and three flags.',
  },
  {
    id: 'S17',
    section: ENVIRON,
    text: 'wsgi.multithread says whether another thread of the process may call the application at the same time.',
    tests: [here('S17: wsgi.multithread is false: a server has one thread')],
  },
  {
    id: 'S18',
    section: ENVIRON,
    text: 'wsgi.multiprocess says whether another process may call the application at the same time.',
    tests: [here('S18: wsgi.multiprocess is true for CGI alone, which has a process a request')],
  },
  {
    id: 'S19',
    section: ENVIRON,
    text: "The server's own variables have lower-case names with a prefix of its own.",
  },
  {
    id: 'S20',
    section: STREAMS,
    text: 'The input has read(size), readline() and readlines(hint), and can be iterated over.',
  },
  {
    id: 'S21',
    section: STREAMS,
    text: 'The input ends where Content-Length says, though the application tries to read on.',
    tests: [inRequests('more than the body')],
  },
  {
    id: 'S22',
    section: STREAMS,
    text: 'read() may be called without a size, and returns what is left.',
  },
  {
    id: 'S23',
    section: STREAMS,
    text: 'An input that is at its end returns empty bytes.',
  },
  {
    id: 'S24',
    section: STREAMS,
    text: 'readline() supports a size.',
  },
  {
    id: 'S25',
    section: STREAMS,
    text: 'The error stream has flush(), write() and writelines(), and takes any Unicode.',
  },
  {
    id: 'S26',
    section: START,
    text: 'startResponse() returns a write() callable.',
  },
  {
    id: 'S27',
    section: START,
    text: 'Headers that HTTP requires, such as Date, are added where the application gives none.',
    tests: [inHandlers('S27: an origin server adds Date and Server, a gateway does not')],
  },
  {
    id: 'S28',
    section: START,
    text: 'Hop-by-hop headers are refused.',
  },
  {
    id: 'S29',
    section: START,
    text: 'Errors in the headers are found when startResponse() is called, while the application still runs.',
  },
  {
    id: 'S30',
    section: START,
    text: 'A status holds no control character, and does not end in a line end.',
  },
  {
    id: 'S31',
    section: START,
    text: 'The value of a header holds no control character.',
  },
  {
    id: 'S32',
    section: START,
    text: 'Headers are sent no earlier than the first block that is not empty, the first write() or the end.',
  },
  {
    id: 'S33',
    section: START,
    text: 'With a caught error, before the headers have been sent, startResponse() replaces them.',
  },
  {
    id: 'S34',
    section: START,
    text: 'With a caught error, after the headers have been sent, startResponse() throws that error.',
  },
  {
    id: 'S35',
    section: START,
    text: 'A second call of startResponse() without a caught error is fatal, also if the first failed.',
  },
  {
    id: 'S36',
    section: START,
    text: 'No reference to the caught error is kept.',
    tests: [inHandlers('S36: no reference to exc_info is kept')],
  },
  {
    id: 'S37',
    section: LENGTH,
    text: 'No more bytes are sent than Content-Length says; the iteration stops there, and write() is an error.',
    rules: ['body-too-long'],
  },
  {
    id: 'S38',
    section: LENGTH,
    text: 'If there are fewer bytes than Content-Length says, the connection is closed and the error reported.',
    rules: ['body-too-short'],
  },
  {
    id: 'S39',
    section: LENGTH,
    text: 'Without a Content-Length the body ends where it should: by a length that is computed, or with the connection.',
    tests: [inHandlers('S39: it is computed for a result of length 1')],
  },
  {
    id: 'S40',
    section: BUFFERING,
    text: 'A block goes on being transmitted while the application makes the next.',
    tests: [inHandlers('S40: a block is out while the application computes the next')],
  },
  {
    id: 'S41',
    section: WRITE,
    text: 'When write() is done, the block has been sent, or is on its way.',
    tests: [
      inHandlers(
        'S41: what write() has taken is out when it returns, or when its promise resolves',
      ),
    ],
  },
  {
    id: 'S42',
    section: WRITE,
    text: 'What the application returns is sent although it has used write().',
  },
  {
    id: 'S43',
    section: UNICODE,
    text: 'Strings hold U+0000 to U+00FF in both directions; anything else from the application is fatal.',
  },
  {
    id: 'S44',
    section: UNICODE,
    text: 'Blocks are bytes, and nothing else is taken for them.',
  },
  {
    id: 'S45',
    section: ERRORS,
    text: 'An error that ends the application or its iteration is caught and logged.',
  },
  {
    id: 'S46',
    section: ERRORS,
    text: 'A message may be appended to a response that has begun only if it is text; here none ever is.',
  },
  {
    id: 'S47',
    section: 'HTTP 1.1 Expect/Continue',
    text: 'A client that waits for 100-continue is served; HTTP/1.0 knows no such thing.',
    tests: [
      {
        file: 'test/simple-server/http-server.test.ts',
        title: 'test_header_unbuffered_when_continue',
      },
    ],
  },
  {
    id: 'S48',
    section: OTHER,
    text: 'What a request says hop by hop is dealt with by the server, or refused.',
    tests: [inRequests('a Transfer-Encoding')],
  },
  {
    id: 'S49',
    section: OTHER,
    text: 'The server plays dumb: the application decides on its output.',
  },
  {
    id: 'S50',
    section: 'Thread Support',
    text: 'A server that runs requests in parallel can also run the application in a single thread.',
    tests: [here('S50: requests that overlap are served by one thread')],
  },
  {
    id: 'S51',
    section: EXTENSIONS,
    text: 'An extension cannot be used to go past a middleware.',
    tests: [here('S51: no gateway adds an extension to the environ')],
  },
  {
    id: 'S52',
    section: CONFIGURATION,
    text: 'Who deploys an application can put configuration into its environ.',
    tests: [here('S52: what the deployer adds to the environ reaches the application')],
  },
  {
    id: 'S53',
    section: FILES,
    text: 'wsgi.file_wrapper takes a file and a size, and returns an iterable, which closes the file.',
  },
  {
    id: 'S54',
    section: FILES,
    text: 'A file is sent from its position to its end, or for as many bytes as Content-Length says.',
  },
  {
    id: 'S55',
    section: FILES,
    text: 'A file is sent by means of the platform only after the application has returned it.',
    tests: [inHandlers('S55: sendfile() is asked')],
  },
  {
    id: 'S56',
    section: START,
    text: 'Arguments are given by position.',
  },
  {
    id: 'H1',
    section: 'RFC 9110 §9.3.2',
    text: 'The response to HEAD has no body.',
    rules: ['body-on-head'],
  },
  {
    id: 'H2',
    section: 'RFC 9110 §8.6',
    text: 'A 1xx or 204 response has no Content-Length; a 304 response, or one to HEAD, has none that is made up.',
    rules: ['content-length-forbidden'],
  },
  {
    id: 'H3',
    section: 'RFC 9110 §6.4.1',
    text: 'A 1xx, 204, 205 or 304 response has no body.',
    rules: ['body-forbidden'],
  },
  {
    id: 'H4',
    section: 'RFC 9112 §3.2, §5.1, §6.1, §6.3',
    text: 'A request whose end or meaning is not certain is refused.',
    tests: [
      inRequests('a bad Content-Length: two that differ'),
      inRequests('a Transfer-Encoding in HTTP/1.0'),
      inRequests('a bad Host: none in HTTP/1.1'),
    ],
  },
  {
    id: 'A1',
    section: DETAILS,
    text: 'An application takes two arguments by position, and can be called again.',
  },
  {
    id: 'A2',
    section: DETAILS,
    text: 'It calls startResponse() by position.',
    rules: ['start-response-arguments'],
  },
  {
    id: 'A3',
    section: DETAILS,
    text: 'It calls startResponse() before its first block.',
    rules: ['start-response-missing'],
  },
  {
    id: 'A4',
    section: DETAILS,
    text: 'It returns an iterable of bytes, also when it uses write().',
    rules: ['result-iterable', 'result-string', 'block-bytes', 'write-bytes'],
  },
  {
    id: 'A5',
    section: DETAILS,
    text: 'If its result has a length, that is right.',
    rules: ['result-length'],
  },
  {
    id: 'A6',
    section: DETAILS,
    text: 'It does not count on its result being consumed to the end.',
  },
  {
    id: 'A7',
    section: STREAMS,
    text: 'It uses no other methods of its streams than PEP 3333 names, and does not close them.',
    rules: ['input-arguments', 'input-close', 'errors-string', 'errors-close'],
    tests: [inMiddleware('A7: the streams have no other methods than PEP 3333 names')],
  },
  {
    id: 'A8',
    section: STREAMS,
    text: 'It reads no more than CONTENT_LENGTH says there is.',
    rules: ['input-past-end'],
  },
  {
    id: 'A9',
    section: START,
    text: 'The status is a code, a space and a phrase, without control characters.',
    rules: [
      'status-string',
      'status-control-character',
      'status-code-length',
      'status-code-digits',
      'status-code-range',
      'status-informational',
      'status-phrase',
    ],
  },
  {
    id: 'A10',
    section: START,
    text: 'The headers are a list of pairs of strings; names are valid, values hold no control character.',
    rules: [
      'headers-list',
      'header-pair',
      'header-string',
      'header-status',
      'header-name-colon',
      'header-name',
      'header-name-end',
      'header-value',
      'header-name-unusual',
      'header-content-length',
      'content-type-missing',
      'content-type-forbidden',
    ],
  },
  {
    id: 'A11',
    section: START,
    text: 'It sends no hop-by-hop headers, and applies no transfer coding.',
    rules: ['header-hop-by-hop'],
  },
  {
    id: 'A12',
    section: START,
    text: 'It calls startResponse() again only with a caught error.',
    rules: ['start-response-twice'],
  },
  {
    id: 'A13',
    section: START,
    text: 'The third argument of startResponse() is what was caught; what the call then throws is let through.',
    rules: ['exc-info-error', 'exc-info-trapped'],
  },
  {
    id: 'A14',
    section: WRITE,
    text: 'It does not call write() from within its iterable.',
    rules: ['write-while-iterating'],
  },
  {
    id: 'A15',
    section: BUFFERING,
    text: 'It gathers its output itself, and does without write() where it can.',
    tests: [here('A15: no example of the documentation calls write()')],
  },
  {
    id: 'A16',
    section: UNICODE,
    text: 'Its strings hold U+0000 to U+00FF.',
    rules: ['status-native-string', 'header-native-string'],
  },
  {
    id: 'A17',
    section: ERRORS,
    text: 'It catches its own errors, and shows a page that helps.',
  },
  {
    id: 'A18',
    section: OTHER,
    text: 'It sees itself to validating caches, to ranges and to content codings.',
  },
  {
    id: 'A19',
    section: ENVIRON,
    text: 'It looks whether a variable that it needs is there, and needs few.',
    tests: [here('A19: the demo application needs no variable that PEP 3333 does not promise')],
  },
  {
    id: 'M1',
    section: 'Middleware: Components that Play Both Sides',
    text: 'A middleware meets what is asked of a server and what is asked of an application.',
    tests: [inMiddleware('M1: every case passes through a validator in a validator')],
  },
  {
    id: 'M2',
    section: BLOCKS,
    text: 'It yields at least once for each block that it is given, if only empty bytes.',
    tests: [inMiddleware('M2: it yields a block for each block')],
  },
  {
    id: 'M3',
    section: BLOCKS,
    text: 'It returns an iterable as soon as the application does.',
    tests: [inMiddleware('M3: it returns before the first block is asked for')],
  },
  {
    id: 'M4',
    section: BLOCKS,
    text: 'It does not send by write() what the application yields.',
    tests: [inMiddleware('M4: only what the application writes is written')],
  },
  {
    id: 'M5',
    section: DETAILS,
    text: 'It closes the result of the application when its own is closed.',
    rules: ['not-closed', 'closed-twice', 'read-after-close'],
    tests: [inMiddleware('M5: closing its result closes the one within, once')],
  },
  {
    id: 'M6',
    section: LENGTH,
    text: 'It keeps the length of a result where that still means something.',
    tests: [inMiddleware('M6: its result has the length of the one within')],
  },
  {
    id: 'M7',
    section: ERRORS,
    text: 'It passes a caught error on, or puts one of its own in its place.',
    tests: [inMiddleware('M7: a caught error reaches the server, and what that throws comes back')],
  },
  {
    id: 'M8',
    section: EXTENSIONS,
    text: 'What it offers is computed from the environ at the time of asking.',
    tests: [inMiddleware('M8: it adds nothing to the environ')],
  },
  {
    id: 'M9',
    section: 'Middleware: Components that Play Both Sides',
    text: 'It is transparent to both sides.',
    tests: [
      inMiddleware('M9: the environ keeps its other variables, and a file is still known as one'),
    ],
  },
];
