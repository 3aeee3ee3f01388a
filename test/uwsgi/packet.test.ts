// What a web server sends: https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html

import { describe, expect, jest, test } from '@jest/globals';
import { ProtocolError } from '@wsgiref/gateway';
import { parseVars, readVars } from '@wsgiref/uwsgi';
import fc from 'fast-check';
import { uwsgiRequest } from '../support/gateway-clients.mjs';
import { cuts, nativeString, Pieces, valueOrError } from '../support/pieces.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

const LIMIT = 65536;

test('readVars() reads what a web server sends, however it is cut, and leaves the body', async () => {
  const vars = fc.dictionary(nativeString(), nativeString(), { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(vars, fc.uint8Array(), cuts, async (sent, body, sizes) => {
      const stream = new Pieces(uwsgiRequest(sent, body), sizes);
      expect(await readVars(stream, LIMIT)).toEqual(Object.entries(sent));
      expect(Buffer.from(await stream.read()).equals(body)).toBe(true);
    }),
  );
});

test('readVars() returns null at the end of the connection', async () => {
  expect(await readVars(new Pieces(Buffer.alloc(0), [1]), LIMIT)).toBeNull();
});

test('readVars() returns variables or throws a ProtocolError, whatever it is given', async () => {
  const afterHeader = fc
    .tuple(fc.uint8Array(), fc.nat(40))
    .map(([bytes, size]) => Uint8Array.of(0, size, 0, 0, ...bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array(), afterHeader), cuts, (bytes, sizes) =>
      valueOrError(() => readVars(new Pieces(bytes, sizes), LIMIT), ProtocolError),
    ),
    { numRuns: 1000 },
  );
});

describe('a malformed packet is refused with a sentence:', () => {
  const cases: readonly [what: string, packet: number[], message: string][] = [
    ['another protocol', [0x47, 0x45, 0x54, 0x20], 'modifier1 is 71; of a WSGI request it is 0'],
    ['an end in the header', [0, 1], 'ended after 2 of the 4 bytes of a packet header'],
    ['an end in the packet', [0, 6, 0, 0, 1, 0, 65], 'ended after 3 of the 6 bytes of a packet'],
    ['too long', [0, 65, 0, 0], 'the packet has 65 bytes; the most are 64'],
    ['a size that is cut off', [0, 1, 0, 0, 1], 'a string at byte 0 of a packet ends at byte 3'],
    ['a string that is cut off', [0, 3, 0, 0, 2, 0, 65], 'ends at byte 4, beyond its 3'],
    ['a name without a value', [0, 3, 0, 0, 1, 0, 65], 'at byte 3 of a packet ends at byte 5'],
  ];
  test.each(cases)('%s', async (_what, packet, message) => {
    const failure = readVars(new Pieces(Uint8Array.from(packet), [2]), 64);
    await expect(failure).rejects.toBeInstanceOf(ProtocolError);
    await expect(failure).rejects.toThrow(message);
  });
});

test('parseVars() of nothing is nothing', () => {
  expect(parseVars(Buffer.alloc(0))).toEqual([]);
});
