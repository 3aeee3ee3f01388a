import { describe, expect, test } from '@jest/globals';
import { findHeader } from '../../packages/validate/src/find-header.ts';

describe('findHeader()', () => {
  test('finds the first of a name, in any case', () => {
    const headers = [
      ['A', '1'],
      ['X-Rate', '2'],
      ['x-rate', '3'],
    ];
    expect(findHeader(headers, 'x-rate')).toBe('2');
    expect(findHeader(headers, 'x')).toBeUndefined();
  });

  test('passes over what is no header', () => {
    expect(findHeader([null, undefined, 'x: 1', {}, [], ['x', '2']], 'x')).toBe('2');
  });
});
