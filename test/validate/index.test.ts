import { expect, test } from '@jest/globals';
import * as validate from '@wsgiref/validate';

test('what the package exports', () => {
  expect(Object.keys(validate).sort()).toEqual([
    'ErrorWrapper',
    'Exchange',
    'InputWrapper',
    'IteratorWrapper',
    'RuleViolation',
    'WSGIWarning',
    'WriteWrapper',
    'checkContentType',
    'checkEnviron',
    'checkErrors',
    'checkExcInfo',
    'checkHeaders',
    'checkInput',
    'checkIterator',
    'checkStatus',
    'rules',
    'specification',
    'validator',
    'whereToRead',
  ]);
});
