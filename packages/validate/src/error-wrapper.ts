import type { Awaitable, ErrorStream } from '@wsgiref/types';
import { andThen, repr } from '@wsgiref/util';
import { errorsClose, errorsString } from './check-errors.ts';
import type { Report } from './rule.ts';

/**
 * A `wsgi.errors` that looks at what is written. It offers what PEP 3333 does, and no more.
 *
 * Python counterpart: `wsgiref.validate.ErrorWrapper`.
 */
export class ErrorWrapper implements ErrorStream {
  readonly #errors: ErrorStream;
  readonly #report: Report;

  /**
   * @param errors the server's stream
   * @param report passes broken rules on
   */
  constructor(errors: ErrorStream, report: Report) {
    this.#errors = errors;
    this.#report = report;
  }

  write(s: string): Awaitable<number | void> {
    if (typeof s !== 'string') {
      this.#report(errorsString, `wsgi.errors.write() argument must be a string (got ${repr(s)})`);
    }
    return this.#errors.write(s);
  }

  writelines(lines: Iterable<string>): Awaitable<void> {
    let written: Awaitable<number | void> = undefined;
    for (const line of lines) written = andThen(written, () => this.write(line));
    return andThen(written, () => {});
  }

  flush(): Awaitable<void> {
    return this.#errors.flush();
  }

  /** Not for applications: reports that it was called. */
  close(): void {
    this.#report(errorsClose, 'errors.close() must not be called');
  }
}
