import type {
  Awaitable,
  FileWrapper,
  StartResponse,
  WSGIApplication,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { andThen, asApplication, repr } from '@wsgiref/util';
import { applicationArguments } from './body-rules.ts';
import { checkEnviron } from './check-environ.ts';
import { checkIterator, isResult } from './check-iterator.ts';
import { ErrorWrapper } from './error-wrapper.ts';
import { Exchange } from './exchange.ts';
import { InputWrapper } from './input-wrapper.ts';
import { IteratorWrapper } from './iterator-wrapper.ts';
import { LEVELS, makeReport, type ValidatorOptions } from './report.ts';
import type { Report } from './rule.ts';
import { rules as allRules } from './rules.ts';

/**
 * Wraps an application so that whoever breaks PEP 3333, the application or its server, hears of it.
 *
 * Python counterpart: `wsgiref.validate.validator`.
 *
 * @param application an application of any form
 * @param options which rules are errors and which are warnings, and where warnings go
 * @returns an application that does the same, and throws a `RuleViolation` where a rule is broken
 * @throws {TypeError} if the application is none
 * @throws {RangeError} if an option names a rule or a level that does not exist
 *
 * @example
 * ```ts
 * import { RuleViolation, validator } from '@wsgiref/validate';
 * import { setupTestingDefaults } from '@wsgiref/util';
 *
 * const app = validator((environ, startResponse) => {
 *   startResponse('200', [['Content-Type', 'text/plain']]);
 *   return [];
 * }, { rules: { 'env-query-string': 'off', 'status-phrase': 'error' } });
 *
 * const environ = {};
 * setupTestingDefaults(environ);
 * try {
 *   await app(environ, () => () => {});
 * } catch (error) {
 *   if (error instanceof RuleViolation) console.log(error.ruleId); // status-phrase
 * }
 * ```
 */
export function validator(
  application: WSGIApplicationLike,
  options: ValidatorOptions = {},
): WSGIApplication {
  for (const [id, level] of Object.entries(options.rules ?? {})) {
    if (!allRules.some((rule) => rule.id === id)) {
      throw new RangeError(`no rule is called ${repr(id)}: docs/specification.md lists them`);
    }
    if (!LEVELS.includes(level)) {
      throw new RangeError(`${repr(id)} cannot be ${repr(level)}: make it one of ${repr(LEVELS)}`);
    }
  }
  const plain = asApplication(application);
  const report = makeReport(options);
  return (...args) => callChecked(plain, args, report);
}

function callChecked(
  application: WSGIApplication,
  args: [environ: WSGIEnvironment, startResponse: StartResponse],
  report: Report,
): Awaitable<WSGIResult> {
  const [environ, startResponse] = args;
  if (args.length !== 2 || typeof startResponse !== 'function') {
    report(applicationArguments, `Two arguments required, the second a function: ${repr(args)}`);
  }
  checkEnviron(environ, report);

  const exchange = new Exchange(environ, startResponse, report);
  const input = environ['wsgi.input'];
  // What ends by itself may be asked for more.
  const length = environ['wsgi.input_terminated'] ? undefined : environ.CONTENT_LENGTH;
  environ['wsgi.input'] = new InputWrapper(input, length, report);
  environ['wsgi.errors'] = new ErrorWrapper(environ['wsgi.errors'], report);
  const files = watchFiles(environ);

  const result = application(environ, (...startArgs) => exchange.startResponse(...startArgs));
  return andThen(result, (settled) => {
    checkIterator(settled, report);
    // DIFFERS(40): the server recognizes a file by its class: wrapped, as in Python, it could not be
    // sent by the server's own means.
    if (files.has(settled)) {
      exchange.checkStarted();
      return settled;
    }
    // The rule is off, or a warning: the server meets what it would meet without a validator.
    if (!isResult(settled)) return settled;
    return new IteratorWrapper(settled, exchange) as WSGIResult;
  });
}

/** Remembers what `wsgi.file_wrapper` makes. */
function watchFiles(environ: WSGIEnvironment): WeakSet<WSGIResult> {
  const files = new WeakSet<WSGIResult>();
  const wrapper = environ['wsgi.file_wrapper'];
  if (wrapper) {
    const watched: FileWrapper = (...args) => {
      const file = wrapper(...args);
      files.add(file);
      return file;
    };
    environ['wsgi.file_wrapper'] = watched;
  }
  return files;
}
