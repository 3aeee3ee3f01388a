import { describe, expect, test } from '@jest/globals';
import { addRequestHeader, type PartialEnvironment } from '@wsgiref/util';

function environOf(...headers: [name: string, value: string][]): PartialEnvironment {
  const environ: PartialEnvironment = {};
  for (const [name, value] of headers) addRequestHeader(environ, name, value);
  return environ;
}

describe('addRequestHeader()', () => {
  test('puts a header under HTTP_ and its name in capitals', () => {
    expect(environOf(['X-Request-Id', '7'])).toEqual({ HTTP_X_REQUEST_ID: '7' });
  });

  test('joins the values of a name by commas, and those of Cookie by semicolons', () => {
    expect(environOf(['Via', 'a'], ['via', 'b'], ['Cookie', 'a=1'], ['cookie', 'b=2'])).toEqual({
      HTTP_VIA: 'a,b',
      HTTP_COOKIE: 'a=1; b=2',
    });
  });

  test('gives Content-Type and Content-Length keys of their own, and keeps the first of each', () => {
    expect(
      environOf(['content-type', 'text/plain'], ['Content-Type', 'a/b'], ['CONTENT-LENGTH', '5']),
    ).toEqual({ CONTENT_TYPE: 'text/plain', CONTENT_LENGTH: '5' });
  });

  test('drops a name with an underscore, which would pass for one with a hyphen', () => {
    expect(environOf(['X_Real_Ip', 'impostor'], ['Content_Length', '1'])).toEqual({});
  });

  test('keeps its memory small, however many names there are', () => {
    for (let i = 0; i < 1100; i++)
      expect(environOf([`N${i}`, 'v'])).toEqual({ [`HTTP_N${i}`]: 'v' });
  });
});
