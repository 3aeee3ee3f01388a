import { warn } from '@wsgiref/util';
import type { Report, Rule } from './rule.ts';
import { RuleViolation, WSGIWarning } from './rule-violation.ts';

/** What may happen when a rule is broken. */
export const LEVELS = ['error', 'warning', 'off'] as const;

/** What happens when a rule is broken. */
export type Level = (typeof LEVELS)[number];

/** How strict a validator is. */
export interface ValidatorOptions {
  /** What happens when a rule is broken, by its id; by default as the rule itself says. */
  rules?: Readonly<Record<string, Level>>;
  /** What is done with warnings; by default `process.emitWarning`, or `console.warn`. */
  onWarning?: (warning: WSGIWarning) => void;
}

/** Throws for what is an error, and warns of the rest: how a check behaves when called by itself. */
export const strict: Report = makeReport({});

/**
 * Makes a report of options.
 *
 * @param options how strict to be
 */
export function makeReport({ rules = {}, onWarning = emitWarning }: ValidatorOptions): Report {
  return (rule: Rule, message: string): void => {
    switch (rules[rule.id] ?? rule.severity) {
      case 'error':
        throw new RuleViolation(rule, message);
      case 'warning':
        onWarning(new WSGIWarning(rule, message));
        break;
      case 'off':
        break;
    }
  };
}

function emitWarning(warning: WSGIWarning): void {
  warn(warning.message, warning.name);
}
