import { describe, expect, test } from '@jest/globals';
import * as headers from '@wsgiref/headers';

describe('@wsgiref/headers', () => {
  test("exports what Python's wsgiref.headers does, and nothing else", () => {
    expect(Object.keys(headers)).toEqual(['Headers']);
  });
});
