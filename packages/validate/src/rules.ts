import { bodyRules } from './body-rules.ts';
import { contentTypeRules } from './check-content-type.ts';
import { environRules } from './check-environ.ts';
import { errorsRules } from './check-errors.ts';
import { excInfoRules } from './check-exc-info.ts';
import { headersRules } from './check-headers.ts';
import { inputRules } from './check-input.ts';
import { iteratorRules } from './check-iterator.ts';
import { statusRules } from './check-status.ts';
import type { Rule } from './rule.ts';

/** A chapter of the specification. */
export interface Chapter {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** The specification: every rule that is checked, in the order in which a request meets them. */
export const specification: readonly Chapter[] = [
  { title: 'The environ', rules: environRules },
  { title: 'wsgi.input', rules: inputRules },
  { title: 'wsgi.errors', rules: errorsRules },
  { title: 'The status', rules: statusRules },
  { title: 'The headers', rules: [...headersRules, ...contentTypeRules] },
  { title: 'The caught value', rules: excInfoRules },
  { title: 'The result', rules: iteratorRules },
  { title: 'The response', rules: bodyRules },
];

/** The rules of all chapters. */
export const rules: readonly Rule[] = specification.flatMap((chapter) => chapter.rules);
