import { expect, test } from '@jest/globals';
import * as nodeHttp from '@wsgiref/node-http';

test('@wsgiref/node-http exports what its README lists', () => {
  expect(Object.keys(nodeHttp).sort()).toEqual([
    'NodeHandler',
    'RequestInput',
    'fromRequestListener',
    'toRequestListener',
  ]);
});
