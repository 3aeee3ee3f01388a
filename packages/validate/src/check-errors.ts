// What `wsgi.errors` offers, and what may be done with it (PEP 3333, "Input and Error Streams").

import { repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule } from './rule.ts';

const methods: Rule = {
  id: 'errors-methods',
  section: 'Input and Error Streams',
  text: 'wsgi.errors has flush(), write() and writelines().',
  fault: 'server',
  severity: 'error',
  advice: 'Use StandardError, or StringIO',
  example: {
    kind: 'environ',
    broken: "environ['wsgi.errors'] = console;",
    corrected: "environ['wsgi.errors'] = new StringIO();",
  },
};

export const errorsString: Rule = {
  id: 'errors-string',
  section: 'Input and Error Streams',
  text: 'What is written to wsgi.errors is text.',
  fault: 'application',
  severity: 'error',
  advice: 'Write a string: String(error), say',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  environ['wsgi.errors'].write(new Error('no disk'));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  environ['wsgi.errors'].write(String(new Error('no disk')));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

export const errorsClose: Rule = {
  id: 'errors-close',
  section: 'Input and Error Streams',
  text: 'An application does not close wsgi.errors.',
  fault: 'application',
  severity: 'error',
  advice: 'Leave the stream to the server',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  environ['wsgi.errors'].close();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  environ['wsgi.errors'].flush();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

/** The rules of this file. */
export const errorsRules: readonly Rule[] = [methods, errorsString, errorsClose];

/**
 * Checks a `wsgi.errors`.
 *
 * Python counterpart: `wsgiref.validate.check_errors`.
 *
 * @param errors the stream
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkErrors(errors: unknown, report: Report = strict): void {
  const stream = errors as Record<string, unknown> | null | undefined;
  for (const name of ['flush', 'write', 'writelines']) {
    if (typeof stream?.[name] !== 'function') {
      report(methods, `wsgi.errors (${repr(errors)}) doesn't have the attribute ${name}`);
    }
  }
}
