import { describe, expect, test } from '@jest/globals';
import { formatParam } from '../../packages/headers/src/format-param.ts';

describe('formatParam', () => {
  test.each([null, ''])('a name with the value %p stands alone', (value) => {
    expect(formatParam('name', value)).toBe('name');
    expect(formatParam('name', value, false)).toBe('name');
  });

  test('quotes every value by default', () => {
    expect(formatParam('name', 'value')).toBe('name="value"');
  });

  test('can leave a plain value unquoted', () => {
    expect(formatParam('name', "a!#$%&'*+-.^_`{|}~\xe9", false)).toBe(
      "name=a!#$%&'*+-.^_`{|}~\xe9",
    );
  });

  test.each(' ()<>@,;:/[]?='.split(''))('%j needs quotes', (special) => {
    expect(formatParam('name', `a${special}b`, false)).toBe(`name="a${special}b"`);
  });

  test('a backslash and a quote need quotes, and a backslash before them', () => {
    expect(formatParam('name', '\\"', false)).toBe(String.raw`name="\\\""`);
    expect(formatParam('name', 'a "b"\\', true)).toBe(String.raw`name="a \"b\"\\"`);
  });
});
