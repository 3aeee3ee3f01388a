import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { concatBytes, isBytes } from '@wsgiref/util';

describe('isBytes', () => {
  test.each([
    ['a Uint8Array', Uint8Array.of(1)],
    ['an empty one', new Uint8Array()],
    ["Node's Buffer", Buffer.from('a')],
    ['a subclass', new (class Block extends Uint8Array {})(1)],
    ['a Uint8Array of another realm', runInNewContext('Uint8Array.of(1)')],
  ])('accepts %s', (_, value) => {
    expect(isBytes(value)).toBe(true);
  });

  test('the Uint8Array of another realm is no instance of this one', () => {
    expect(runInNewContext('Uint8Array.of(1)')).not.toBeInstanceOf(Uint8Array);
  });

  test.each([
    ['a string', 'a'],
    ['an array of numbers', [1]],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['a Uint8ClampedArray', Uint8ClampedArray.of(1)],
    ['an Int8Array', Int8Array.of(1)],
    ['a Uint16Array', Uint16Array.of(1)],
    ['an Int8Array of another realm', runInNewContext('Int8Array.of(1)')],
    ['null', null],
    ['undefined', undefined],
  ])('refuses %s', (_, value) => {
    expect(isBytes(value)).toBe(false);
  });
});

describe('concatBytes', () => {
  test('joins blocks in order', () => {
    const blocks = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)];
    expect(concatBytes(blocks)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('makes nothing of nothing', () => {
    expect(concatBytes([])).toEqual(new Uint8Array());
  });

  test('returns a single block itself, without a copy', () => {
    const block = Uint8Array.of(1);
    expect(concatBytes([block])).toBe(block);
  });

  test('copies where there are several', () => {
    const block = Uint8Array.of(1);
    const joined = concatBytes([block, new Uint8Array()]);
    block[0] = 9;
    expect(joined).toEqual(Uint8Array.of(1));
  });

  test('takes part of a larger buffer as no more than that part', () => {
    const part = Uint8Array.of(0, 1, 2, 0).subarray(1, 3);
    expect(concatBytes([part, part])).toEqual(Uint8Array.of(1, 2, 1, 2));
  });
});
