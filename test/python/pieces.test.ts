// Pieces of the bridge, without Python: what few applications come upon.

import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import type { WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { CollectedBody } from '../../packages/python/src/request-body.ts';
import { Thrown } from '../../packages/python/src/thrown.ts';

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  ['a text', 'a text'],
  [{ message: 7 }, '[object Object]'],
])('what is thrown may be %p', (value, message) => {
  const thrown = new Thrown(value);
  expect([thrown.name, thrown.message]).toEqual(['Error', message]);
  expect(Thrown.unwrap(thrown)).toBe(value);
});

test('what is thrown keeps its name and its stack', () => {
  const error = new RangeError('too far');
  const thrown = new Thrown(error);
  expect([thrown.name, thrown.message, thrown.stack]).toEqual([
    'RangeError',
    'too far',
    error.stack,
  ]);
  expect(Thrown.unwrap(error)).toBe(error);
});

test.each([[100], [0]])(
  'a body is read in any pieces, and past its end, with %i bytes in memory',
  async (memory) => {
    const environ = {
      CONTENT_LENGTH: '6',
      'wsgi.input': new BytesIO(encodeLatin1('a body')),
    } as unknown as WSGIEnvironment;
    const body = await CollectedBody.collect(environ, memory, tmpdir());
    const pieces = [4, 1, 9, 9].map((size) => decodeLatin1(body.read(size)));
    expect(pieces).toEqual(['a bo', 'd', 'y', '']);
    body.close();
    expect(body.read(1)).toHaveLength(0);
  },
);
