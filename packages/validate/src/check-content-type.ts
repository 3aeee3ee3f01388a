// Content-Type in the headers of a response (PEP 3333, "The start_response() Callable").

import type { HeaderList } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import { findHeader } from './find-header.ts';
import { strict } from './report.ts';
import type { Report, Rule, Section } from './rule.ts';

const SECTION: Section = 'The start_response() Callable';

const forbidden: Rule = {
  id: 'content-type-forbidden',
  section: SECTION,
  text: 'A 204 or 304 response, which has no content, has no Content-Type.',
  fault: 'application',
  severity: 'error',
  advice: 'Leave the header out',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('204 No Content', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('204 No Content', []);
  return [];
}`,
  },
};

const missing: Rule = {
  id: 'content-type-missing',
  section: SECTION,
  text: 'Every other response has a Content-Type; a 205, which has no content, need not.',
  fault: 'application',
  severity: 'error',
  advice: "Say what the body is: ['Content-Type', 'text/html; charset=utf-8'], say",
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', []);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/html; charset=utf-8']]);
  return [];
}`,
  },
};

/** The rules of this file. */
export const contentTypeRules: readonly Rule[] = [forbidden, missing];

/**
 * Checks whether a response has a `Content-Type` if it should.
 *
 * Python counterpart: `wsgiref.validate.check_content_type`.
 *
 * @param status the status
 * @param headers the headers
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkContentType(
  status: string,
  headers: HeaderList,
  report: Report = strict,
): void {
  const code = status.slice(0, 3);
  const isForbidden = code === '204' || code === '304';
  const hasType = findHeader(headers, 'content-type') !== undefined;
  if (hasType && isForbidden) {
    report(
      forbidden,
      `Content-Type header found in a ${code} response, which must not return content`,
    );
  }
  // DIFFERS(53): not of a 205 (RFC 9110 §15.3.6: "a server MUST NOT generate content"); Python wants it.
  if (!hasType && !isForbidden && code !== '205') {
    report(missing, `No Content-Type header found in headers (${repr(headers)})`);
  }
}
