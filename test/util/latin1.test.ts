import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import fc from 'fast-check';

const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const allCharacters = String.fromCharCode(...allBytes);

describe('encodeLatin1', () => {
  test('turns each of the 256 characters into its byte', () => {
    expect(encodeLatin1(allCharacters)).toEqual(allBytes);
  });

  test('makes no bytes of no characters', () => {
    expect(encodeLatin1('')).toEqual(new Uint8Array());
  });

  test.each([
    ['\u0100', 'cannot encode U+0100 at position 0 in latin-1'],
    ['caf\u20ac', 'cannot encode U+20AC at position 3 in latin-1'],
    ['ab\u{1f600}', 'cannot encode U+1F600 at position 2 in latin-1'],
    ['\ud83d', 'cannot encode U+D83D at position 0 in latin-1'],
  ])('refuses %j with the character and its position', (text, message) => {
    expect(() => encodeLatin1(text)).toThrow(RangeError);
    expect(() => encodeLatin1(text)).toThrow(
      `${message}: a native string holds bytes, U+0000 to U+00FF`,
    );
  });
});

type Decode = typeof decodeLatin1;

/** The same function as it is where there is no `Buffer`: in a browser, say. */
async function withoutBuffer(): Promise<Decode> {
  const { Buffer } = globalThis;
  jest.resetModules();
  try {
    Reflect.deleteProperty(globalThis, 'Buffer');
    const { decodeLatin1 } = await import('../../packages/util/src/latin1.ts');
    return decodeLatin1;
  } finally {
    Object.assign(globalThis, { Buffer });
  }
}

describe.each<[where: string, load: () => Decode | Promise<Decode>]>([
  ['in Node', () => decodeLatin1],
  ['in a browser', withoutBuffer],
])('decodeLatin1, %s', (_, load) => {
  let decodeLatin1: Decode;

  beforeAll(async () => {
    decodeLatin1 = await load();
  });

  test('turns each of the 256 bytes into its character', () => {
    expect(decodeLatin1(allBytes)).toBe(allCharacters);
  });

  test('is not windows-1252', () => {
    expect(decodeLatin1(Uint8Array.of(0x80))).toBe('\x80');
  });

  test.each([0, 8191, 8192, 8193, 16384, 100_000, 1_000_000])('decodes %i bytes', (length) => {
    const bytes = Buffer.alloc(length, allBytes);
    const text = decodeLatin1(bytes);
    expect(text === bytes.toString('latin1')).toBe(true);
    expect(bytes.equals(encodeLatin1(text))).toBe(true);
  });

  test('decodes part of a larger buffer', () => {
    expect(decodeLatin1(Buffer.from('_abc_').subarray(1, 4))).toBe('abc');
  });
});

describe('the latin-1 codec', () => {
  test('bytes survive the way there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeLatin1(decodeLatin1(bytes))).toEqual(bytes);
      }),
    );
  });

  test('text survives exactly if it is a native string, and is refused otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (/^[\x00-\xff]*$/.test(text)) expect(decodeLatin1(encodeLatin1(text))).toBe(text);
        else expect(() => encodeLatin1(text)).toThrow(RangeError);
      }),
    );
  });

  test("agrees with Node's own", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeLatin1(bytes)).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });
});
