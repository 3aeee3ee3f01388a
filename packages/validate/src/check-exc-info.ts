// The third argument of start_response() (PEP 3333, "Error Handling").

import { repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule } from './rule.ts';

const caughtValue: Rule = {
  id: 'exc-info-error',
  section: 'Error Handling',
  text: 'The third argument of startResponse() is what was caught: an Error.',
  fault: 'application',
  severity: 'error',
  advice: 'Give what the catch clause names, and throw nothing but errors',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('500 Oops', [['Content-Type', 'text/plain']], true);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  try {
    JSON.parse('{');
  } catch (error) {
    startResponse('500 Oops', [['Content-Type', 'text/plain']], error);
  }
  return [];
}`,
  },
};

/** The rules of this file. */
export const excInfoRules: readonly Rule[] = [caughtValue];

/**
 * Checks an `excInfo`.
 *
 * Python counterpart: `wsgiref.validate.check_exc_info`.
 *
 * @param excInfo the caught value, null or undefined
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkExcInfo(excInfo: unknown, report: Report = strict): void {
  if (excInfo === null || excInfo === undefined) return;
  // DIFFERS(43): an error, where Python has a tuple. One of another realm is no instance of `Error`.
  if (excInfo instanceof Error) return;
  if (Object.prototype.toString.call(excInfo) === '[object Error]') return;
  report(caughtValue, `exc_info (${repr(excInfo)}) is not an Error: ${repr(typeof excInfo)}`);
}
