import { describe, expect, test } from '@jest/globals';
import { checkName, checkValue } from '../../packages/headers/src/control-characters.ts';
import { thrown } from '../util/thrown.ts';

const refused = 'RangeError: Control characters not allowed in headers';
const allCharacters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const isControl = (c: string): boolean => c < ' ' || c === '\x7f';

describe('checkName', () => {
  test.each(allCharacters.filter(isControl))('refuses %j anywhere in a name', (character) => {
    for (const name of [character, `${character}b`, `a${character}`, `a${character}b`]) {
      expect(thrown(() => checkName(name))).toBe(refused);
    }
  });

  test('accepts every other character of a native string, C1 among them', () => {
    for (const name of ['', ...allCharacters.filter((c) => !isControl(c))]) checkName(name);
  });
});

describe('checkValue', () => {
  test.each(allCharacters.filter((c) => isControl(c) && c !== '\t'))(
    'refuses %j anywhere in a value',
    (character) => {
      for (const value of [character, `${character}b`, `a${character}`, `a${character}b`]) {
        expect(thrown(() => checkValue(value))).toBe(refused);
      }
    },
  );

  test('accepts every other character of a native string, tab and C1 among them', () => {
    for (const value of ['', '\t', ...allCharacters.filter((c) => !isControl(c))]) {
      checkValue(value);
    }
  });
});
