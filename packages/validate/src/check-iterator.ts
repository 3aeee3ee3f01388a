// What the application returns (PEP 3333, "The Application/Framework Side").

import { isBytes, repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule, Section } from './rule.ts';

const SECTION: Section = 'The Application/Framework Side';

const iterable: Rule = {
  id: 'result-iterable',
  section: SECTION,
  text: 'An application returns an iterable, sync or async, or a promise of one.',
  fault: 'application',
  severity: 'error',
  advice: 'Return [] for an empty body, also after using write()',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

const text: Rule = {
  id: 'result-string',
  section: SECTION,
  text: 'The iterable is neither a string nor bytes, which would be sent a character at a time.',
  fault: 'application',
  severity: 'error',
  advice: 'Return [bytes]',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return 'hello';
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [encodeLatin1('hello')];
}`,
  },
};

/** The rules of this file. */
export const iteratorRules: readonly Rule[] = [iterable, text];

/**
 * Checks what an application has returned.
 *
 * Python counterpart: `wsgiref.validate.check_iterator`, and the check for None before it.
 *
 * @param result the result
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkIterator(result: unknown, report: Report = strict): void {
  if (isString(result)) {
    report(
      text,
      'You should not return a string as your application iterator, instead return a single-item ' +
        `list containing a bytestring (got ${repr(result)})`,
    );
  } else if (!isIterable(result)) {
    report(
      iterable,
      `The application must return an iterator, if only an empty list (got ${repr(result)})`,
    );
  }
}

/** Whether `checkIterator()` finds no fault with a result. */
export function isResult(value: unknown): boolean {
  return !isString(value) && isIterable(value);
}

function isString(value: unknown): boolean {
  return typeof value === 'string' || isBytes(value);
}

function isIterable(value: unknown): boolean {
  const candidate = value as Partial<Record<symbol, unknown>> | null | undefined;
  return Boolean(candidate?.[Symbol.asyncIterator] ?? candidate?.[Symbol.iterator]);
}
