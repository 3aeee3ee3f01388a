import { expect, test } from '@jest/globals';
import * as fetch from '@wsgiref/fetch';

test('@wsgiref/fetch exports what its README lists', () => {
  expect(Object.keys(fetch).sort()).toEqual(['FetchHandler', 'fromFetchHandler', 'toFetchHandler']);
});
