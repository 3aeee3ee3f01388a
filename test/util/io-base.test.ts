import { describe, expect, test } from '@jest/globals';
import type { Awaitable } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, IOBase } from '@wsgiref/util';

/** The least that a stream needs: lines, here at once or by promise. */
class Lines extends IOBase {
  readonly #stream: BytesIO;
  readonly #asynchronous: boolean;

  constructor(text: string, asynchronous: boolean) {
    super();
    this.#stream = new BytesIO(encodeLatin1(text));
    this.#asynchronous = asynchronous;
  }

  override readline(size?: number | null): Awaitable<Uint8Array> {
    const line = this.#stream.readline(size);
    return this.#asynchronous ? Promise.resolve(line) : line;
  }
}

describe.each([
  ['at once', false],
  ['by promise', true],
])('IOBase over a readline() that returns %s', (_, asynchronous) => {
  const text = 'one\ntwo\n\nthree';
  const open = (): Lines => new Lines(text, asynchronous);

  test('iterates over the lines', async () => {
    const lines: string[] = [];
    for await (const line of open()) lines.push(decodeLatin1(line));
    expect(lines).toEqual(['one\n', 'two\n', '\n', 'three']);
  });

  test('iterates over no line at the end', async () => {
    const lines = open();
    await lines.readlines();
    for await (const line of lines) throw new Error(`unexpected ${decodeLatin1(line)}`);
    expect(await lines.readlines()).toEqual([]);
  });

  test('goes on after a loop was left', async () => {
    const lines = open();
    for await (const line of lines) if (decodeLatin1(line) === 'two\n') break;
    expect((await lines.readlines()).map(decodeLatin1)).toEqual(['\n', 'three']);
  });

  // As in Python, a hint that is just reached lets one more line through.
  test.each([
    [undefined, 4],
    [null, 4],
    [-1, 4],
    [0, 4],
    [1, 1],
    [3, 1],
    [4, 2],
    [8, 3],
    [9, 4],
    [100, 4],
  ])('readlines(%p) returns %i lines', async (hint, expected) => {
    expect(await open().readlines(hint)).toHaveLength(expected);
  });
});
