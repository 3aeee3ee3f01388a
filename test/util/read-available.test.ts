import { describe, expect, test } from '@jest/globals';
import { BufferedReader, BytesIO, decodeLatin1, encodeLatin1, readAvailable } from '@wsgiref/util';

class Pieces extends BufferedReader {
  readonly #pieces: string[];

  constructor(...pieces: string[]) {
    super();
    this.#pieces = pieces;
  }

  protected override async _pull(): Promise<Uint8Array> {
    return encodeLatin1(this.#pieces.shift() ?? '');
  }
}

describe('readAvailable()', () => {
  test('returns what has come, piece by piece, and then nothing', async () => {
    const input = new Pieces('one', 'two');
    expect(decodeLatin1(await input.read(1))).toBe('o');
    const blocks: string[] = [];
    for (let i = 0; i < 3; i++) blocks.push(decodeLatin1(await readAvailable(input, 100)));
    expect(blocks).toEqual(['ne', 'two', '']);
  });

  test('reads that many bytes where the input cannot look ahead', async () => {
    const input = new BytesIO(encodeLatin1('one two'));
    expect(decodeLatin1(await readAvailable(input, 3))).toBe('one');
  });
});
