// The second argument of start_response() (PEP 3333, "The start_response() Callable").

import { isHopByHop, repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule, Section } from './rule.ts';

const SECTION: Section = 'The start_response() Callable';

/** RFC 9110 §5.6.2: token = 1*tchar. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** An application that answers with headers. */
function answering(headers: string): string {
  return `\
(environ, startResponse) => {
  startResponse('200 OK', ${headers});
  return [];
}`;
}

const list: Rule = {
  id: 'headers-list',
  section: SECTION,
  text: 'The headers are an array.',
  fault: 'application',
  severity: 'error',
  advice: 'Write [[name, value], …]; new Headers(list).items() gives one, too',
  example: {
    kind: 'application',
    broken: answering("{ 'Content-Type': 'text/plain' }"),
    corrected: answering("[['Content-Type', 'text/plain']]"),
  },
};

const pair: Rule = {
  id: 'header-pair',
  section: SECTION,
  text: 'Each header is an array of a name and a value.',
  fault: 'application',
  severity: 'error',
  advice: 'Write [name, value]',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], 'X-Rate: 5']"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Rate', '5']]"),
  },
};

const string: Rule = {
  id: 'header-string',
  section: SECTION,
  text: 'Names and values are strings.',
  fault: 'application',
  severity: 'error',
  advice: 'Write String(value)',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['Content-Length', 0]]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['Content-Length', '0']]"),
  },
};

const status: Rule = {
  id: 'header-status',
  section: SECTION,
  text: 'There is no Status header.',
  fault: 'application',
  severity: 'error',
  advice: 'Give the status as the first argument of startResponse()',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['Status', '404 Not Found']]"),
    corrected: answering("[['Content-Type', 'text/plain']]"),
  },
};

const colon: Rule = {
  id: 'header-name-colon',
  section: SECTION,
  text: 'A name holds no colon and no line end.',
  fault: 'application',
  severity: 'error',
  advice: 'The server writes the colon',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['X-Rate:', '5']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Rate', '5']]"),
  },
};

const name: Rule = {
  id: 'header-name',
  section: SECTION,
  text: "A name is a token: letters, digits and !#$%&'*+-.^_`|~.",
  fault: 'application',
  severity: 'error',
  advice: 'Choose another name',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['X Rate', '5']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Rate', '5']]"),
  },
};

const unusualName: Rule = {
  id: 'header-name-unusual',
  section: SECTION,
  text: 'A name begins with a letter, and goes on with letters, digits, - and _.',
  fault: 'application',
  severity: 'warning',
  advice: 'It is valid, but some servers refuse it: choose another name',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['X.Rate', '5']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Rate', '5']]"),
  },
};

const nameEnd: Rule = {
  id: 'header-name-end',
  section: SECTION,
  text: 'A name does not end in - or _.',
  fault: 'application',
  severity: 'error',
  advice: 'Cut it off',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['X-Rate-', '5']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Rate', '5']]"),
  },
};

const value: Rule = {
  id: 'header-value',
  section: SECTION,
  text: 'A value holds no control character, and no line end; it is not folded.',
  fault: 'application',
  severity: 'error',
  advice: 'Quote or encode what comes from elsewhere: encodeURIComponent(), say',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['Location', '/a\\r\\nSet-Cookie: b']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['Location', '/a%0D%0A']]"),
  },
};

const native: Rule = {
  id: 'header-native-string',
  section: 'Unicode Issues',
  text: 'Every character of a name and a value stands for a byte, U+0000 to U+00FF.',
  fault: 'application',
  severity: 'error',
  advice: 'Encode it as RFC 8187 says, or as UTF-8 bytes with decodeLatin1(utf8)',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['X-Title', '\\u2603']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['X-Title', '\\xe2\\x98\\x83']]"),
  },
};

const hopByHop: Rule = {
  id: 'header-hop-by-hop',
  section: 'Other HTTP Features',
  text: 'There is no hop-by-hop header: Connection, Transfer-Encoding and their like.',
  fault: 'application',
  severity: 'error',
  advice: 'Leave the connection to the server',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['Connection', 'close']]"),
    corrected: answering("[['Content-Type', 'text/plain']]"),
  },
};

const contentLength: Rule = {
  id: 'header-content-length',
  section: 'Handling the Content-Length Header',
  text: 'Content-Length is decimal digits, and there is one at most.',
  fault: 'application',
  severity: 'error',
  advice: 'Count bytes, not characters, and write String(bytes.length)',
  example: {
    kind: 'application',
    broken: answering("[['Content-Type', 'text/plain'], ['Content-Length', 'unknown']]"),
    corrected: answering("[['Content-Type', 'text/plain'], ['Content-Length', '0']]"),
  },
};

/** The rules of this file, in the order in which they are checked. */
export const headersRules: readonly Rule[] = [
  list,
  pair,
  string,
  status,
  colon,
  native,
  name,
  unusualName,
  nameEnd,
  value,
  hopByHop,
  contentLength,
];

/**
 * Checks the headers of a response.
 *
 * Python counterpart: `wsgiref.validate.check_headers`.
 *
 * @param headers the headers
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkHeaders(headers: unknown, report: Report = strict): void {
  if (!Array.isArray(headers)) {
    report(list, `Headers (${repr(headers)}) must be of type list: ${repr(typeof headers)}`);
    return;
  }
  let lengths = 0;
  for (const header of headers as unknown[]) {
    if (!Array.isArray(header)) {
      report(
        pair,
        `Individual headers (${repr(header)}) must be of type tuple: ${repr(typeof header)}`,
      );
      continue;
    }
    if (header.length !== 2) {
      // DIFFERS(41): an assertion without a message in Python.
      report(pair, `Individual headers (${repr(header)}) must be of a name and a value`);
      continue;
    }
    const [headerName, headerValue] = header as [unknown, unknown];
    if (typeof headerName !== 'string') {
      report(string, `Header name must be of type str (got ${repr(headerName)})`);
    } else if (typeof headerValue !== 'string') {
      report(string, `Header value must be of type str (got ${repr(headerValue)})`);
    } else {
      checkName(headerName, headerValue, report);
      checkValue(headerValue, report);
      if (headerName.toLowerCase() !== 'content-length') continue;
      if (!/^[0-9]+$/.test(headerValue)) {
        report(contentLength, `Bad Content-Length: ${repr(headerValue)}`);
      } else if (++lengths > 1) {
        report(contentLength, `A second Content-Length: ${repr(headerValue)}`);
      }
    }
  }
}

function checkName(headerName: string, headerValue: string, report: Report): void {
  if (headerName.toLowerCase() === 'status') {
    report(
      status,
      'The Status header cannot be used; it conflicts with CGI script, and HTTP status is not ' +
        `given through headers (value: ${repr(headerValue)})`,
    );
  }
  if (/[:\n]/.test(headerName)) {
    report(colon, `Header names may not contain ':' or '\\n': ${repr(headerName)}`);
  } else if (/[^\x00-\xff]/.test(headerName)) {
    report(native, `Header name is not a native string: ${repr(headerName)}`);
  } else if (!TOKEN.test(headerName)) {
    report(name, `Bad header name: ${repr(headerName)}`);
  } else if (!/^[A-Za-z][A-Za-z0-9\-_]*$/.test(headerName)) {
    // DIFFERS(44): an error in Python, though HTTP allows it.
    report(unusualName, `Bad header name: ${repr(headerName)}`);
  } else if (/[-_]$/.test(headerName)) {
    report(nameEnd, `Names may not end in '-' or '_': ${repr(headerName)}`);
  } else if (isHopByHop(headerName)) {
    report(hopByHop, `Hop-by-hop header, '${headerName}: ${headerValue}', not allowed`);
  }
}

function checkValue(headerValue: string, report: Report): void {
  const bad = /[\x00-\x1f\x7f]/.exec(headerValue);
  if (bad) report(value, `Bad header value: ${repr(headerValue)} (bad char: ${repr(bad[0])})`);
  if (/[^\x00-\xff]/.test(headerValue)) {
    report(native, `Header value is not a native string: ${repr(headerValue)}`);
  }
}
