// What a web server sends: https://python.ca/scgi/protocol.txt

import { describe, expect, jest, test } from '@jest/globals';
import { ProtocolError } from '@wsgiref/gateway';
import { parseHeaders, readHeaders } from '@wsgiref/scgi';
import fc from 'fast-check';
import { scgiRequest } from '../support/gateway-clients.mjs';
import { cuts, nativeString, Pieces, valueOrError } from '../support/pieces.ts';

jest.setTimeout(30_000); // A busy machine is no failure.

const LIMIT = 65536;

function read(text: string, sizes = [1]): ReturnType<typeof readHeaders> {
  return readHeaders(new Pieces(Buffer.from(text, 'latin1'), sizes), LIMIT);
}

test("readHeaders() reads the specification's own example, and leaves the body", async () => {
  const example =
    '70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00' +
    'REQUEST_URI\x00/deepthought\x00,What is the answer to life?';
  const stream = new Pieces(Buffer.from(example), [7]);
  expect(await readHeaders(stream, LIMIT)).toEqual([
    ['CONTENT_LENGTH', '27'],
    ['SCGI', '1'],
    ['REQUEST_METHOD', 'POST'],
    ['REQUEST_URI', '/deepthought'],
  ]);
  expect(Buffer.from(await stream.read()).toString()).toBe('What is the answer to life?');
});

test('readHeaders() returns null at the end of the connection', async () => {
  expect(await read('')).toBeNull();
});

test('readHeaders() reads what a web server sends, however it is cut', async () => {
  const text = nativeString().map((value) => value.replaceAll('\0', ''));
  // An object puts names like '0' first.
  const name = text.map((value) => `X${value}`);
  const headers = fc.dictionary(name, text, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(headers, fc.uint8Array(), cuts, async (sent, body, sizes) => {
      const stream = new Pieces(scgiRequest(sent, body), sizes);
      const got = await readHeaders(stream, LIMIT);
      expect(got).toEqual([
        ['CONTENT_LENGTH', String(body.length)],
        ['SCGI', '1'],
        ...Object.entries(sent),
      ]);
      expect(Buffer.from(await stream.read()).equals(body)).toBe(true);
    }),
  );
});

test('readHeaders() returns headers or throws a ProtocolError, whatever it is given', async () => {
  const valid = scgiRequest({ REQUEST_METHOD: 'GET', PATH_INFO: '/' });
  const nearlyValid = fc
    .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.boolean())
    .map(([at, byte, cut]) => {
      const bytes = Uint8Array.from(valid);
      bytes[at] = byte;
      return cut ? bytes.subarray(0, at) : bytes;
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array(), nearlyValid), cuts, (bytes, sizes) =>
      valueOrError(() => readHeaders(new Pieces(bytes, sizes), LIMIT), ProtocolError),
    ),
    { numRuns: 1000 },
  );
});

describe('a malformed request is refused with a sentence:', () => {
  const rest = 'CONTENT_LENGTH\x000\x00SCGI\x001\x00';
  const cases: readonly [what: string, request: string, message: string][] = [
    ['another protocol', 'GET / HTTP/1.0\r\n\r\n', "not 'G': is this SCGI?"],
    ['no length', ':,', "its length in digits and ':', not ':'"],
    ['a length that goes on', '0123456789:', 'the length of a netstring has at most 9 digits'],
    ['a length with a zero before it', '024:x', "does not begin with 0, as '024' does"],
    ['an end in the length', '24', "the connection ended in the length of a netstring, '24'"],
    ['too long', '65537:', 'the headers have 65537 bytes; the most are 65536'],
    ['an end in the headers', `24:${rest.slice(0, 9)}`, 'ended after 9 of the 25 bytes of headers'],
    ['no comma', `24:${rest};`, "a netstring ends in ',', not ';'"],
    ['no header', '0:,', 'the first header should be CONTENT_LENGTH'],
    ['no NUL at the end', '23:CONTENT_LENGTH\x000\x00SCGI\x001,', 'does not end in NUL'],
    ['no value', '17:CONTENT_LENGTH\x000\x00,', 'SCGI'],
    [
      'another first header',
      '24:SCGI\x001\x00CONTENT_LENGTH\x000\x00,',
      'should be CONTENT_LENGTH',
    ],
    ['a length that is none', '24:CONTENT_LENGTH\x00x\x00SCGI\x001\x00,', 'a number in digits'],
    ['another SCGI', '24:CONTENT_LENGTH\x000\x00SCGI\x002\x00,', "SCGI with the value '1'"],
  ];
  test.each(cases)('%s', async (_what, request, message) => {
    const failure = read(request);
    await expect(failure).rejects.toBeInstanceOf(ProtocolError);
    await expect(failure).rejects.toThrow(message);
  });
});

test('parseHeaders() says which header has no value', () => {
  const block = Buffer.from('CONTENT_LENGTH\x000\x00SCGI\x00');
  expect(() => parseHeaders(block)).toThrow("the header 'SCGI' has no value");
});

test('parseHeaders() lets a header be there twice, as nginx before 1.23 sends it', () => {
  const block = Buffer.from('CONTENT_LENGTH\x000\x00SCGI\x001\x00HTTP_A\x001\x00HTTP_A\x002\x00');
  expect(parseHeaders(block).slice(2)).toEqual([
    ['HTTP_A', '1'],
    ['HTTP_A', '2'],
  ]);
});
