import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normpath } from '../../packages/util/src/normpath.ts';

describe('normpath', () => {
  test.each([
    ['', '.'],
    ['.', '.'],
    ['/', '/'],
    ['//', '//'],
    ['///', '/'],
    ['/a/', '/a'],
    ['/a//b/./c', '/a/b/c'],
    ['/a/../b', '/b'],
    ['/../a', '/a'],
    ['//../a', '//a'],
    ['a/..', '.'],
    ['..', '..'],
    ['../..', '../..'],
    ['a/../../b', '../b'],
    ['...', '...'],
  ])('%j becomes %j', (path, expected) => {
    expect(normpath(path)).toBe(expected);
  });

  test('does nothing the second time', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(normpath(normpath(path))).toBe(normpath(path));
      }),
    );
  });

  test("agrees with Node's own but for two leading slashes and one at the end", () => {
    fc.assert(
      fc.property(paths, (path) => {
        const nodes = posix.normalize(path).replace(/(?<=.)\/$/, '');
        expect(normpath(path).replace(/^\/\//, '/')).toBe(nodes);
      }),
    );
  });
});

const paths = fc
  .array(fc.constantFrom('', '.', '..', 'a', 'b.c', '...'))
  .map((segments) => segments.join('/'));
