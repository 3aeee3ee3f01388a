// What each row of docs/differences.md makes of an answer of Python's. A case that Python answers
// otherwise than we do is in order if the rows that concern it, one after the other, turn Python's
// answer into ours: to the byte what is sent and logged, and of the events those that a row names.

import { type Answer, type Case, REQUEST, type Step } from './case.ts';

/** What a row of docs/differences.md says, for the comparison. */
export interface Claim {
  /** The number of the row. */
  readonly row: number;
  /** Whether it has to do with the case. */
  concerns(one: Case, theirs: Answer, ours: Answer): boolean;
  /** What Python's answer would be if Python did as the row says. */
  rewrite?(theirs: Answer, ours: Answer, one: Case): Partial<Answer>;
  /** The events that it takes away, as `- write`, and adds, as `+ flush`. */
  readonly events?: RegExp;
}

/** How an error is handled: logged, and answered with a page if there is still time. */
const HANDLING =
  'log_exception .*|get_stderr|handle_error|error_output|start_response|finish_response|' +
  'result_is_file|sendfile|write|send_headers|cleanup_headers|set_content_length|' +
  'client_is_modern|send_preamble|out|flush|finish_content|close|result\\.close|log_request \\d+ \\d+';

/** Instead of a response there is an error page, or the other way round. */
const ANOTHER_RESPONSE = new RegExp(`^[+-] (?:${HANDLING})$`, 's');

/** What Python does not refuse. */
const REFUSED =
  /(?:RangeError: (?:Control characters|Status must hold)|AssertionError: Bad (?:header|Content-Length))/;

const BODILESS = /^(?:1|204|205|304)/;

/** The claims, in the order in which they are applied. */
export const claims: readonly Claim[] = [
  {
    row: 3,
    concerns: ({ attributes }) => attributes?.os_environ === 'its own',
    rewrite: ({ environ }) => ({
      environ: Object.fromEntries(
        Object.entries(environ).filter(([key]) => key in REQUEST || key.startsWith('wsgi.')),
      ),
    }),
  },

  {
    row: 4,
    concerns: (one) =>
      allSteps(one).some(([name, , error]) => name === 'raise' && error !== 'ENOSPC' && error),
    rewrite: ({ output }, _, one) => ({
      output: output === '' ? errorPage(one) : output,
      log: '[SystemError: disconnected]\n',
    }),
    events: ANOTHER_RESPONSE,
  },

  {
    row: 5,
    concerns: (one, _, ours) =>
      hasMade(one) && ours.log === '[ApplicationError: made]\n' && !isErrorPage(ours, one),
    rewrite: ({ log }) => ({
      log: log.replace(
        /^\[(?:RuntimeError: No active exception to reraise|ApplicationError: oops)\]/,
        '[ApplicationError: made]',
      ),
    }),
    events: /^[+-] log_exception /,
  },

  {
    row: 6,
    concerns: (_one, theirs, ours) =>
      trapped(ours) !== null &&
      theirs.log === '' &&
      ours.log === '[AssertionError: Headers already set!]\n',
    rewrite: (_theirs, { log }, one) => ({ output: errorPage(one), log }),
    events: ANOTHER_RESPONSE,
  },

  {
    row: 7,
    concerns: (one, _, ours) =>
      trapped(ours) !== null &&
      ours.log === '[AssertionError: write() before start_response()]\n' &&
      isErrorPage(ours, one),
    rewrite: (_theirs, { log }, one) => ({ output: errorPage(one), log }),
    events: ANOTHER_RESPONSE,
  },

  {
    row: 8,
    concerns: (one, { output }) => BODILESS.test(statusOf(output)) || isHead(one),
    rewrite: ({ output }, _, one) => {
      const status = statusOf(output);
      if (/^(?:1|204)/.test(status)) return { output: withoutLength(output) };
      if (status.startsWith('205')) {
        return { output: addHeader(withoutLength(output), 'Content-Length: 0') };
      }
      const isMadeUp = status.startsWith('304') || /^Content-Length: 0\r\n/m.test(headOf(output));
      return { output: isMadeUp && !hasLength(one) ? withoutLength(output) : output };
    },
    events: /^[+-] (?:out|set_content_length)$/,
  },

  {
    row: 9,
    concerns: (_one, { log }) => log.startsWith('[UnicodeEncodeError: '),
    rewrite: (theirs, { output, log }) =>
      output.includes('\r\n\r\n') && !theirs.output.includes('\r\n\r\n') ? { output, log } : {},
    events: ANOTHER_RESPONSE,
  },

  {
    row: 10,
    concerns: (one) =>
      one.attributes?.error_body === '' ||
      allSteps(one).some((step) => step[0] === 'yield' && step[1] === ''),
    rewrite: (theirs, ours, one) => {
      const { output } = theirs;
      const body = bodyOf(output);
      // Nothing has been sent when the application fails, or begins anew.
      if (theirs.events.includes('raises') && body === '') {
        return { output: ours.output, log: isErrorPage(ours, one) ? theirs.log : ours.log };
      }
      if (body !== '' || /^Content-Length: /im.test(headOf(output))) return {};
      return { output: addHeader(output, 'Content-Length: 0') };
    },
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^[+-] (?:raises|caught .*)$`, 's'),
  },

  {
    row: 12,
    concerns: ({ application: { close = [] } }) => close.some(([name]) => name === 'raise'),
    rewrite: ({ output, raised }, ours) => {
      const isSecond = ours.output !== '' && output.startsWith(ours.output);
      return {
        output: isSecond ? ours.output : output,
        raised: raised === "TypeError: 'NoneType' object is not subscriptable" ? null : raised,
      };
    },
    events: ANOTHER_RESPONSE,
  },

  {
    row: 11,
    concerns: (one, { output }) => limitOf(one, output) !== Infinity,
    rewrite: (theirs, ours, one) => {
      const { output, log } = theirs;
      const limit = limitOf(one, output);
      const body = bodyOf(output);
      const cut = headOf(output) + body.slice(0, limit);
      const complaint = complaintOf(one, body, limit, statusOf(output));
      const isTrapped = trapped(ours)?.startsWith('AssertionError: the application sent more');
      // An application that has failed is not told that its body is too short.
      if (complaint === null || isTrapped || (log !== '' && body.length < limit)) {
        return { output: cut };
      }
      // The error page itself: nobody is left to log it.
      if (log !== '') return { output: cut, raised: complaint };
      return { output: cut, log: `[${complaint}]\n` };
    },
    events:
      /^\+ (?:(?:log_exception|caught) AssertionError: (?:the app|a resp)|get_stderr$|handle_error$|log_request )|^- (?:finish_response|result_is_file|write|written|out|flush|finish_content|close|log_request .*|file\.read .*)$/,
  },

  {
    row: 13,
    concerns: (one) => /^\d{1,15}$/.test(one.environ?.CONTENT_LENGTH ?? ''),
    rewrite: ({ output }, ours, { input = '', environ }) => {
      if (!ours.output.startsWith('HTTP/1.0 400 ')) return { output };
      const message =
        `the request body ended after ${input.length} of the ${environ!.CONTENT_LENGTH} bytes of ` +
        'its Content-Length';
      return { output: response({}, '400 Bad Request', message) };
    },
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^[+-] read(?:line|lines)? `, 's'),
  },

  {
    row: 29,
    concerns: (_one, _theirs, ours) => REFUSED.test(ours.log) || REFUSED.test(trapped(ours) ?? ''),
    rewrite: (theirs, ours, one) => {
      if (REFUSED.test(ours.log)) return { output: errorPage(one), log: ours.log };
      // The application has begun anew, with exc_info.
      return ours.output.startsWith('HTTP/1.0 500 Oops\r\n')
        ? { output: response(one, '500 Oops', bodyOf(theirs.output)) }
        : {};
    },
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^[+-] caught |^\\+ goes on$`, 's'),
  },

  {
    row: 30,
    concerns: (_one, { log }) => log.includes("AttributeError: 'NoneType' object has no attribute"),
    rewrite: () => ({
      log: '[AssertionError: the application returned without calling start_response()]\n',
    }),
    events: /^[+-] log_exception /,
  },

  {
    row: 31,
    concerns: ({ environ }) => environ?.SERVER_PROTOCOL === null,
    rewrite: (_theirs, _ours, one) => ({ output: response(one, '200 OK', 'hello'), log: '' }),
    events: ANOTHER_RESPONSE,
  },

  {
    row: 34,
    concerns: (_one, theirs) => (theirs.log + theirs.events.join()).includes('(got None)'),
    rewrite: ({ log }) => ({ log: log.replace('(got None)', '(got null)') }),
    events: /^[+-] (?:caught|log_exception) .*\(got (?:None|null)\)/,
  },

  {
    row: 48,
    concerns: (_one, theirs, ours) => {
      const here = messagesOf(ours);
      return messagesOf(theirs).some((there, i) => {
        const goesOn = here[i] !== there && here[i]?.startsWith(there) === true;
        return goesOn || INTERPRETER.test(there);
      });
    },
    rewrite: (theirs, { log }) => (theirs.log !== '' && log !== '' ? { log } : {}),
    events: /^[+-] (?:caught|log_exception) \w+: /,
  },

  {
    row: 49,
    concerns: (_one, _theirs, ours) => bodyOf(ours.output) === '',
    events: /^\+ flush$/,
  },

  {
    row: 50,
    concerns: ({ application: { close = [] } }, _, { events }) =>
      close.some(([name]) => name === 'raise') &&
      events.filter((event) => event === 'raises' || event === 'output fails').length > 1,
    rewrite: ({ log }, { events }) => {
      const first = events.includes('output fails')
        ? 'SystemError: ENOSPC'
        : 'ApplicationError: oops';
      return { log: `${log}[${first}]\n` };
    },
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^- handle_error$`, 's'),
  },

  {
    row: 51,
    concerns: ({ environ }) => !/^\d{0,15}$/.test(environ?.CONTENT_LENGTH ?? ''),
    rewrite: (_theirs, _ours, { environ }) => ({
      output: response(
        {},
        '400 Bad Request',
        `Invalid CONTENT_LENGTH: '${environ!.CONTENT_LENGTH}'`,
      ),
      environ: { 'wsgi.file_wrapper': false },
    }),
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^- (?:called|get_scheme)$`, 's'),
  },

  {
    row: 52,
    concerns: (one) =>
      allSteps(one).some(([name, , , excInfo]) => name === 'start' && excInfo === 'extra'),
    rewrite: (_theirs, { output, log }) => ({ output, log }),
    events: new RegExp(`${ANOTHER_RESPONSE.source}|^- (?:caught .*|goes on)$`, 's'),
  },
];

/** How Python's interpreter words what is wrong, in the place of wsgiref. */
const INTERPRETER =
  /^(?:TypeError|ValueError): (?:'\w+' object is not|not enough values|too many values|argument of type)/;

/** Every step of the application. */
function allSteps({ application: { steps, iteration = [], close = [] } }: Case): Step[] {
  const flatten = (list: readonly Step[]): Step[] =>
    list.flatMap((step) =>
      step[0] === 'try' || step[0] === 'finally'
        ? [...flatten(step[1]), ...flatten(step[2])]
        : [step],
    );
  return flatten([...steps, ...iteration, ...close]);
}

function hasMade(one: Case): boolean {
  return allSteps(one).some(([name, , , excInfo]) => name === 'start' && excInfo === 'made');
}

function hasLength(one: Case): boolean {
  return allSteps(one).some(
    (step) => step[0] === 'start' && /"content-length"/i.test(JSON.stringify(step[2])),
  );
}

function isHead(one: Case): boolean {
  const isSet = allSteps(one).some((step) => step[0] === 'set' && step[2] === 'HEAD');
  return isSet || one.environ?.REQUEST_METHOD === 'HEAD';
}

/** What start_response() or write() has thrown into the application, which went on. */
function trapped({ events }: Answer): string | null {
  return events.find((event) => event.startsWith('caught '))?.slice('caught '.length) ?? null;
}

/** What has been caught, by the application or by the handler, in order. */
function messagesOf({ events }: Answer): string[] {
  return events.flatMap((event) => /^(?:caught|log_exception) ([^]*)$/.exec(event)?.[1] ?? []);
}

function headOf(output: string): string {
  return output.slice(0, output.length - bodyOf(output).length);
}

function bodyOf(output: string): string {
  const end = output.indexOf('\r\n\r\n');
  return end < 0 ? output : output.slice(end + 4);
}

function statusOf(output: string): string {
  return /^(?:HTTP\/1\.\d|Status:) (.*)\r\n/.exec(output)?.[1] ?? '';
}

function withoutLength(output: string): string {
  return headOf(output).replace(/^content-length: .*\r\n/im, '') + bodyOf(output);
}

function addHeader(output: string, header: string): string {
  return `${headOf(output).slice(0, -2)}${header}\r\n\r\n${bodyOf(output)}`;
}

/** How many bytes of body the response to a case may have. */
function limitOf(one: Case, output: string): number {
  if (isHead(one) || BODILESS.test(statusOf(output))) return 0;
  const length = /^content-length: (\d+)\r\n/im.exec(headOf(output))?.[1];
  return length === undefined ? Infinity : Number(length);
}

/** What is logged of a body that is not as long as it should be. */
function complaintOf(one: Case, body: string, limit: number, status: string): string | null {
  if (isHead(one) || body.length === limit) return null;
  if (body.length < limit) {
    return `AssertionError: the application sent ${body.length} of the ${limit} bytes of its Content-Length`;
  }
  // Of a file no more is sent than Content-Length says, without a word.
  if (one.application.form === 'file') return null;
  if (BODILESS.test(status)) {
    return `AssertionError: a response with the status '${status}' has no body: return []`;
  }
  return `AssertionError: the application sent more than the ${limit} bytes of its Content-Length`;
}

/** A response of text with its length. */
function response({ handler }: Pick<Case, 'handler'>, status: string, body: string): string {
  const begin = {
    SimpleHandler: `HTTP/1.0 ${status}\r\nDate: -\r\n`,
    BaseCGIHandler: `Status: ${status}\r\n`,
    ServerHandler: `HTTP/1.0 ${status}\r\nDate: -\r\nServer: WSGIServer/0.2 -\r\n`,
  }[handler ?? 'SimpleHandler'];
  return `${begin}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function errorPage(one: Case): string {
  return response(
    one,
    '500 Internal Server Error',
    'A server error occurred.  Please contact the administrator.',
  );
}

function isErrorPage({ output }: Answer, one: Case): boolean {
  return output === errorPage(one);
}
