// The first argument of start_response() (PEP 3333, "The start_response() Callable").

import { repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule, Section } from './rule.ts';

const SECTION: Section = 'The start_response() Callable';

/** An application that answers with a status. */
function answering(status: string): string {
  return `\
(environ, startResponse) => {
  startResponse(${status}, [['Content-Type', 'text/plain']]);
  return [];
}`;
}

const type: Rule = {
  id: 'status-string',
  section: SECTION,
  text: 'The status is a string.',
  fault: 'application',
  severity: 'error',
  advice: "Write code and phrase, such as '200 OK'",
  example: {
    kind: 'application',
    broken: answering('200'),
    corrected: answering("'200 OK'"),
  },
};

const control: Rule = {
  id: 'status-control-character',
  section: SECTION,
  text: 'The status holds no control character, and no line end.',
  fault: 'application',
  severity: 'error',
  advice: 'Cut off what comes from elsewhere at its first line end',
  example: {
    kind: 'application',
    broken: answering("'200 OK\\r\\n'"),
    corrected: answering("'200 OK'"),
  },
};

const native: Rule = {
  id: 'status-native-string',
  section: 'Unicode Issues',
  text: 'Every character of the status stands for a byte, U+0000 to U+00FF.',
  fault: 'application',
  severity: 'error',
  advice: 'Put the text into the body',
  example: {
    kind: 'application',
    broken: answering("'200 \\u2714'"),
    corrected: answering("'200 OK'"),
  },
};

const length: Rule = {
  id: 'status-code-length',
  section: SECTION,
  text: 'The status begins with a code of three characters.',
  fault: 'application',
  severity: 'error',
  advice: "Write code and phrase, such as '404 Not Found'",
  example: {
    kind: 'application',
    broken: answering("'OK'"),
    corrected: answering("'200 OK'"),
  },
};

const digits: Rule = {
  id: 'status-code-digits',
  section: SECTION,
  text: 'The code is a number.',
  fault: 'application',
  severity: 'error',
  advice: "Write code and phrase, such as '404 Not Found'",
  example: {
    kind: 'application',
    broken: answering("'20X OK'"),
    corrected: answering("'200 OK'"),
  },
};

const range: Rule = {
  id: 'status-code-range',
  section: SECTION,
  text: 'The code is 100 or more.',
  fault: 'application',
  severity: 'error',
  advice: 'Codes go from 100 to 599',
  example: {
    kind: 'application',
    broken: answering("'099 Nothing'"),
    corrected: answering("'404 Not Found'"),
  },
};

const informational: Rule = {
  id: 'status-informational',
  section: 'HTTP 1.1 Expect/Continue',
  text: 'The code is not 1xx: that announces a response, and is the business of the server.',
  fault: 'application',
  severity: 'error',
  advice: 'Answer with the code of the response itself; the server sends 100 Continue',
  example: {
    kind: 'application',
    broken: answering("'100 Continue'"),
    corrected: answering("'200 OK'"),
  },
};

const phrase: Rule = {
  id: 'status-phrase',
  section: SECTION,
  text: 'Behind the code come one space and a phrase, and no other white space around them.',
  fault: 'application',
  severity: 'warning',
  advice: "Write code and phrase, such as '404 Not Found'",
  example: {
    kind: 'application',
    broken: answering("'404'"),
    corrected: answering("'404 Not Found'"),
  },
};

/** The rules of this file, in the order in which they are checked. */
export const statusRules: readonly Rule[] = [
  type,
  control,
  native,
  length,
  digits,
  range,
  informational,
  phrase,
];

/**
 * Checks a status.
 *
 * Python counterpart: `wsgiref.validate.check_status`.
 *
 * @param status the status
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkStatus(status: unknown, report: Report = strict): void {
  if (typeof status !== 'string') {
    report(type, `Status must be of type str (got ${repr(status)})`);
    return;
  }
  if (/[\x00-\x1f\x7f]/.test(status)) {
    report(control, `Control characters are not allowed in status: ${repr(status)}`);
  }
  if (/[^\x00-\xff]/.test(status)) {
    report(native, `Status is not a native string: ${repr(status)}`);
  }
  const [code] = status.trimStart().split(/\s/, 1) as [string];
  // DIFFERS(41): an empty status ends in an IndexError in Python, a code that is no number in a
  // ValueError.
  if (code.length !== 3) {
    report(length, `Status codes must be three characters: ${repr(code)}`);
  } else if (!/^[0-9]{3}$/.test(code)) {
    report(digits, `Status code is not a number: ${repr(code)}`);
  } else if (Number(code) < 100) {
    report(range, `Status code is invalid: ${Number(code)}`);
  } else {
    if (code.startsWith('1')) {
      report(informational, `Status code is of an interim response: ${repr(status)}`);
    }
    // PEP 3333: "separated by a single space, with no surrounding whitespace or other characters".
    if (/^[0-9]{3} [^ ](?:.*[^ ])?$/s.test(status)) return;
    report(
      phrase,
      `The status string (${repr(status)}) should be a three-digit integer followed by a single ` +
        'space and a status explanation',
    );
  }
}
