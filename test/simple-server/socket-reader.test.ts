// `SocketReader` over a stream in the place of a socket, which gives the blocks that it is to give.

import { describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { SocketReader } from '@wsgiref/simple-server/socketserver';
import { BytesIO, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import fc from 'fast-check';

/** Bytes in memory of their own, as that of a socket is. */
function blockOf(text: string): Buffer {
  return Buffer.from(encodeLatin1(text).buffer);
}

/** A reader of what a client sends in these blocks. */
function readerOf(blocks: readonly Buffer[], listener?: () => void): SocketReader {
  const socket = new PassThrough();
  if (listener) socket.on('data', listener);
  const reader = new SocketReader(socket as unknown as Socket);
  for (const block of blocks) socket.write(block);
  socket.end();
  return reader;
}

describe('a read that takes of several blocks', () => {
  test('is joined in the first of them, if nobody has anything of it', async () => {
    const blocks = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map(blockOf);
    const reader = readerOf(blocks);
    const read = async (size: number): Promise<Uint8Array> => await reader.read(size);
    const [first, second, third] = [await read(4), await read(10), await read(10)];
    expect([first, second, third].map(decodeLatin1)).toEqual(['0123', '456789abcd', 'efghijABCD']);
    // Of the first block the caller has a part; of the second there have been copies only.
    expect(second.buffer).not.toBe(blocks[0]!.buffer);
    expect(third.buffer).toBe(blocks[1]!.buffer);
  });

  test('is joined elsewhere if somebody has looked ahead', async () => {
    const reader = readerOf(['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map(blockOf));
    await reader.read(14);
    const ahead = await reader.peek();
    expect(decodeLatin1(await reader.read(10))).toBe('efghijABCD');
    expect(decodeLatin1(ahead)).toBe('efghij');
  });

  test('is joined elsewhere if somebody listens in', async () => {
    const blocks = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map(blockOf);
    const reader = readerOf(blocks, () => {});
    await reader.read(14);
    expect(decodeLatin1(await reader.read(10))).toBe('efghijABCD');
    expect(decodeLatin1(blocks[1]!)).toBe('abcdefghij');
  });

  test('is joined elsewhere if the first has no room', async () => {
    const blocks = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map(blockOf);
    const reader = readerOf(blocks);
    await reader.read(12);
    expect(decodeLatin1(await reader.read(15))).toBe('cdefghijABCDEFG');
    expect(decodeLatin1(blocks[1]!)).toBe('abcdefghij');
  });

  test('does not change what was read before, nor what anybody has seen', async () => {
    const operation = fc.record({
      name: fc.constantFrom(
        'read' as const,
        'readline' as const,
        'read1' as const,
        'peek' as const,
      ),
      size: fc.option(fc.integer({ min: -1, max: 12 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), minLength: 1 })),
        fc.array(operation),
        async (texts, operations) => {
          const reader = readerOf(texts.map(blockOf));
          const model = new BytesIO(encodeLatin1(texts.join('')));
          const got: [result: Uint8Array, then: string][] = [];
          for (const { name, size } of [...operations, { name: 'read' as const, size: null }]) {
            const result = await (name === 'peek' ? reader.peek() : reader[name](size));
            const then = decodeLatin1(result);
            got.push([result, then]);
            // How much `read1()` gives is the source's affair.
            if (name === 'read1') model.read(result.length);
            else if (name !== 'peek') expect(then).toBe(decodeLatin1(model[name](size)));
          }
          for (const [result, then] of got) expect(decodeLatin1(result)).toBe(then);
        },
      ),
    );
  });
});
