import { expect, test } from '@jest/globals';
import { requestHeaders } from '@wsgiref/util';

test('requestHeaders() gives the headers of an environ, and nothing else of it', () => {
  expect(
    requestHeaders({
      REQUEST_METHOD: 'POST',
      HTTP_X_NAME: 'v',
      HTTP_NOT_TEXT: 1 as never,
      CONTENT_TYPE: 'a/b',
      CONTENT_LENGTH: '3',
    }),
  ).toEqual([
    ['X-NAME', 'v'],
    ['CONTENT-TYPE', 'a/b'],
    ['CONTENT-LENGTH', '3'],
  ]);
});

test('… without what belongs to the connection, and what is empty', () => {
  const environ = { HTTP_CONNECTION: 'x', HTTP_EXPECT: '100-continue', CONTENT_TYPE: '' };
  expect(requestHeaders({ ...environ, CONTENT_LENGTH: '' })).toEqual([]);
});

test('… and has Content-Type and Content-Length from their own variables alone', () => {
  const impostors = { HTTP_CONTENT_TYPE: 'x/y', HTTP_CONTENT_LENGTH: '9' };
  expect(requestHeaders({ ...impostors, CONTENT_LENGTH: '3' })).toEqual([['CONTENT-LENGTH', '3']]);
});
