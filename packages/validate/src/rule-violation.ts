import { AssertionError } from '@wsgiref/util';
import { type Rule, whereToRead } from './rule.ts';

/** What the validator throws: an `AssertionError` that knows its rule. */
export class RuleViolation extends AssertionError {
  /** The rule that was broken, such as `env-script-name-slash`. */
  readonly ruleId: string;

  /**
   * @param rule the rule
   * @param message what is wrong, with the value
   */
  constructor(rule: Rule, message: string) {
    super(describe(rule, message));
    this.ruleId = rule.id;
  }
}

/**
 * What the validator reports without ending the request.
 *
 * Python counterpart: `wsgiref.validate.WSGIWarning`.
 */
export class WSGIWarning extends Error {
  override readonly name: string = 'WSGIWarning';
  /** The rule that was broken, such as `env-query-string`. */
  readonly ruleId: string;

  /**
   * @param rule the rule
   * @param message what is wrong, with the value
   */
  constructor(rule: Rule, message: string) {
    super(describe(rule, message));
    this.ruleId = rule.id;
  }
}

/** DIFFERS(46): what is wrong, in Python's words; then what would be right, and where to read on. */
function describe(rule: Rule, message: string): string {
  return `${message}. ${rule.advice} (${rule.id}: ${whereToRead(rule)})`;
}
