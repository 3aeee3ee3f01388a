import { describe, expect, test } from '@jest/globals';
import { AssertionError } from '@wsgiref/util';
import { rules, RuleViolation, whereToRead, WSGIWarning } from '@wsgiref/validate';

const rule = rules.find(({ id }) => id === 'env-script-name-slash')!;
const MESSAGE =
  "SCRIPT_NAME doesn't start with /: 'app'. Put a slash before it (env-script-name-slash: " +
  'https://peps.python.org/pep-3333/#environ-variables)';

describe('DIFFERS(46): the message', () => {
  test.each([
    ['a RuleViolation', new RuleViolation(rule, "SCRIPT_NAME doesn't start with /: 'app'")],
    ['a WSGIWarning', new WSGIWarning(rule, "SCRIPT_NAME doesn't start with /: 'app'")],
  ])('of %s says what is wrong, what would be right, and where to read on', (_, error) => {
    expect(error.message).toBe(MESSAGE);
    expect(error.ruleId).toBe('env-script-name-slash');
    expect(error.message.endsWith(`(${rule.id}: ${whereToRead(rule)})`)).toBe(true);
  });
});

test('a RuleViolation is an AssertionError, and is logged as one', () => {
  const error = new RuleViolation(rule, 'x');
  expect(error).toBeInstanceOf(AssertionError);
  expect(String(error)).toMatch(/^AssertionError: x\. /);
});

test('a WSGIWarning is an error of its own', () => {
  const warning = new WSGIWarning(rule, 'x');
  expect(warning).toBeInstanceOf(Error);
  expect(warning).not.toBeInstanceOf(AssertionError);
  expect(String(warning)).toMatch(/^WSGIWarning: x\. /);
});
