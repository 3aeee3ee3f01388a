import { describe, expect, test } from '@jest/globals';
import * as util from '@wsgiref/util';

describe('@wsgiref/util', () => {
  test.each([
    'FileWrapper',
    'guessScheme',
    'applicationUri',
    'requestUri',
    'shiftPathInfo',
    'setupTestingDefaults',
    'isHopByHop',
  ] as const)("exports %s, a name of Python's wsgiref.util.__all__", (name) => {
    expect(util[name].name).toBe(name);
  });
});
