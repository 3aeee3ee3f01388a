import { expect, test } from '@jest/globals';
import { unquote } from '@wsgiref/util';

test.each([
  ['/plain', '/plain'],
  ['/caf%C3%A9', '/caf\xc3\xa9'],
  ['%2f%2F', '//'],
  ['/a+b', '/a+b'],
  ['/100%', '/100%'],
  ['/%zz%4', '/%zz%4'],
  ['/%2541', '/%41'],
])('%s is %j', (path, expected) => {
  expect(unquote(path)).toBe(expected);
});
