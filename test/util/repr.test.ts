import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { repr } from '@wsgiref/util';
import fc from 'fast-check';

describe('repr of a string, as Python prints it', () => {
  test.each([
    ['', `''`],
    ['GET', `'GET'`],
    ["it's", `"it's"`],
    ['"', `'"'`],
    [`'"`, String.raw`'\'"'`],
    ['\\', String.raw`'\\'`],
    ['\n\r\t', String.raw`'\n\r\t'`],
    ['\0\x1f\x7f\x80\xa0\xad', String.raw`'\x00\x1f\x7f\x80\xa0\xad'`],
    ['caf\xe9', `'caf\xe9'`],
    ['\u2028\ufeff\ue000', String.raw`'\u2028\ufeff\ue000'`],
    ['\ud800\uffff', String.raw`'\ud800\uffff'`],
    ['\u{1f600}', `'\u{1f600}'`],
    ['\u{10ffff}', String.raw`'\U0010ffff'`],
  ])('%j', (text, expected) => {
    expect(repr(text)).toBe(expected);
  });

  test('is one printable line whatever the string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(repr(text)).toMatch(/^(['"])[^\p{C}\p{Zl}\p{Zp}]*\1$/u);
      }),
    );
  });
});

describe('repr of bytes, as Python prints them', () => {
  test.each([
    ['', `b''`],
    ["it's", `b"it's"`],
    ['\0\n\x7f\x80\xe9\xff', String.raw`b'\x00\n\x7f\x80\xe9\xff'`],
  ])('%j', (text, expected) => {
    expect(repr(Buffer.from(text, 'latin1'))).toBe(expected);
  });

  test('of another realm', () => {
    expect(repr(runInNewContext('Uint8Array.of(65)'))).toBe(`b'A'`);
  });
});

describe("DIFFERS(34): repr of everything else is in JavaScript's words", () => {
  class Application {
    path = '/';
  }
  const circle: unknown[] = ['in'];
  circle.push(circle, { circle });
  const ring: Record<string, unknown> = {};
  ring['ring'] = ring;
  const twice = [1];

  test.each<[expected: string, value: unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['true', true],
    ['-1.5', -1.5],
    ['10n', 10n],
    ['Symbol(a)', Symbol('a')],
    ['<function application>', function application() {}],
    ['<function Application>', Application],
    ['<function>', (() => () => {})()],
    ['[]', []],
    [`[1, ['a'], null]`, [1, ['a'], null]],
    ['{}', {}],
    [`{'a': 1, 'b': {'c': b'd'}}`, { a: 1, b: { c: Buffer.from('d') } }],
    [`{'a': 1}`, Object.assign(Object.create(null), { a: 1 })],
    ['<Application object>', new Application()],
    ['<Map object>', new Map()],
    [
      `{'a': 1}`,
      new (class {
        a = 1;
      })(),
    ],
    [`RangeError('too far')`, new RangeError('too far')],
    [`['in', [...], {'circle': [...]}]`, circle],
    [`{'ring': {...}}`, ring],
    ['[[1], [1]]', [twice, twice]],
  ])('%s', (expected, value) => {
    expect(repr(value)).toBe(expected);
  });
});
