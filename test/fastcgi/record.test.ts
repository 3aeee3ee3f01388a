// FastCGI §3.3 to §3.5, and §5.1.

import { expect, jest, test } from '@jest/globals';
import {
  decodeBeginRequest,
  decodePairs,
  encodePairs,
  encodeRecord,
  readRecord,
  recordType,
} from '@wsgiref/fastcgi';
import { ProtocolError } from '@wsgiref/gateway';
import fc from 'fast-check';
import { fcgiPairs, fcgiRecord } from '../support/gateway-clients.mjs';
import { cuts, nativeString, Pieces, valueOrError } from '../support/pieces.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

const records = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    requestId: fc.integer({ min: 0, max: 65535 }),
    content: fc.uint8Array({ maxLength: 300 }),
    padding: fc.integer({ min: 0, max: 255 }),
  }),
);

test('readRecord() reads what a web server sends, padded or not, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(records, cuts, async (sent, sizes) => {
      const bytes = sent.map(({ type, requestId, content, padding }) =>
        fcgiRecord(type, requestId, content, padding),
      );
      const stream = new Pieces(Buffer.concat(bytes), sizes);
      for (const { type, requestId, content } of sent) {
        const record = await readRecord(stream);
        expect(record).toMatchObject({ type, requestId });
        expect(Buffer.from(record!.content).equals(content)).toBe(true);
      }
      expect(await readRecord(stream)).toBeNull();
    }),
  );
});

test('encodeRecord() writes what readRecord() reads', async () => {
  const content = Uint8Array.from({ length: 65535 }, (_, i) => i);
  const bytes = encodeRecord(recordType.stdout, 0x1234, content);
  expect(Buffer.from(bytes).equals(fcgiRecord(6, 0x1234, content))).toBe(true);
  expect(await readRecord(new Pieces(bytes, [1000]))).toEqual({
    type: recordType.stdout,
    requestId: 0x1234,
    content,
  });
  expect(encodeRecord(recordType.stdin, 1)).toHaveLength(8);
  expect(() => encodeRecord(recordType.stdout, 1, new Uint8Array(65536))).toThrow(
    'a record holds 65535 bytes at most, not 65536',
  );
});

test('readRecord() returns a record or throws a ProtocolError, whatever it is given', async () => {
  const afterVersion = fc.uint8Array().map((bytes) => Uint8Array.of(1, ...bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array(), afterVersion), cuts, (bytes, sizes) =>
      valueOrError(() => readRecord(new Pieces(bytes, sizes)), ProtocolError),
    ),
    { numRuns: 1000 },
  );
});

test.each([
  ['GET / HTTP/1.0', 'a record has the version 71, not 1: is this FastCGI?'],
  ['\x01\x05', 'the connection ended after 2 of the 8 bytes of a record'],
  ['\x01\x05\0\x01\0\x04\x03\0ab', 'the connection ended after 10 of the 15 bytes of a record'],
])('readRecord() refuses %j with a sentence', async (bytes, message) => {
  const failure = Promise.resolve(readRecord(new Pieces(Buffer.from(bytes, 'latin1'), [3])));
  await expect(failure).rejects.toThrow(ProtocolError);
  await expect(failure).rejects.toThrow(message);
});

const pairs = fc.array(
  fc.tuple(nativeString({ maxLength: 200 }), nativeString({ maxLength: 200 })),
);

test('decodePairs() reads what a web server sends', () => {
  const values = fc.dictionary(nativeString({ maxLength: 200 }), nativeString({ maxLength: 200 }));
  fc.assert(
    fc.property(values, (sent) => {
      expect(decodePairs(fcgiPairs(sent))).toEqual(Object.entries(sent));
    }),
  );
  const long = 'x'.repeat(70_000);
  expect(decodePairs(fcgiPairs({ LONG: long, [long]: '' }))).toEqual([
    ['LONG', long],
    [long, ''],
  ]);
});

test('encodePairs() writes what decodePairs() reads', () => {
  fc.assert(
    fc.property(pairs, (sent) => {
      expect(decodePairs(encodePairs(sent))).toEqual(sent);
    }),
  );
  const long = 'x'.repeat(128);
  expect(Buffer.from(encodePairs([[long, 'a']])).equals(fcgiPairs({ [long]: 'a' }))).toBe(true);
});

test('decodePairs() returns pairs or throws a ProtocolError, whatever it is given', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), (bytes) =>
      valueOrError(() => decodePairs(bytes), ProtocolError),
    ),
    { numRuns: 1000 },
  );
});

test.each([
  ['no length of the value', [1]],
  ['a long length that is cut off', [1, 0x80, 0, 0]],
  ['a name that is cut off', [2, 0, 65]],
  ['a value that is cut off', [1, 2, 65, 66]],
  ['a value beyond all memory', [1, 0xff, 0xff, 0xff, 0xff, 65]],
])('decodePairs() refuses %s', (_what, bytes) => {
  expect(() => decodePairs(Uint8Array.from(bytes))).toThrow(ProtocolError);
  expect(() => decodePairs(Uint8Array.from(bytes))).toThrow(
    `of the parameters ends beyond their ${bytes.length} bytes`,
  );
});

test('decodeBeginRequest() knows role and flags', () => {
  expect(decodeBeginRequest(Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 0))).toEqual({
    role: 1,
    keepConnection: true,
  });
  expect(decodeBeginRequest(Uint8Array.of(1, 2, 0xfe, 9, 9, 9, 9, 9))).toEqual({
    role: 258,
    keepConnection: false,
  });
  expect(() => decodeBeginRequest(new Uint8Array(7))).toThrow(
    'a FCGI_BEGIN_REQUEST has 8 bytes, not 7',
  );
});
