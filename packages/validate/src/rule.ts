/** Where PEP 3333 says so: the title of a section, which is also its anchor. */
export type Section =
  | 'The Application/Framework Side'
  | 'Specification Details'
  | 'environ Variables'
  | 'Input and Error Streams'
  | 'The start_response() Callable'
  | 'Handling the Content-Length Header'
  | 'The write() Callable'
  | 'Unicode Issues'
  | 'Error Handling'
  | 'HTTP 1.1 Expect/Continue'
  | 'Other HTTP Features'
  | 'Optional Platform-Specific File Handling';

/** One sentence of the specification, as it is checked. */
export interface Rule {
  /** A stable name, such as `env-script-name-slash`. */
  readonly id: string;
  /** The section of PEP 3333 that it enforces. */
  readonly section: Section;
  /** What must hold, in a sentence. */
  readonly text: string;
  /** Who breaks it. */
  readonly fault: 'application' | 'middleware' | 'server';
  /** Whether breaking it ends the request, or is reported. */
  readonly severity: 'error' | 'warning';
  /** What to write instead. */
  readonly advice: string;
  /** Who plays in the examples, and what they are. */
  readonly example: Example;
}

/**
 * Two short programs in JavaScript: one breaks the rule, the other does not.
 *
 * `application`: an expression, an application. `environ`: statements that change an `environ` that
 * is right. `server`: statements that call an `application` that is right, with `environ` and
 * `startResponse`. All may use `encodeLatin1` and `await`.
 */
export interface Example {
  readonly kind: 'application' | 'environ' | 'server';
  readonly broken: string;
  readonly corrected: string;
  /** Variables of the request, where they matter. */
  readonly request?: Readonly<Record<string, string>>;
  /** The body of the request, where it matters. */
  readonly body?: string;
}

/** Passes a broken rule on. It may throw, and need not. */
export type Report = (rule: Rule, message: string) => void;

/** Returns where to read on about a rule. */
export function whereToRead({ section }: Rule): string {
  const anchor = section
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');
  return `https://peps.python.org/pep-3333/#${anchor}`;
}
