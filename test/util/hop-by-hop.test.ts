import { describe, expect, test } from '@jest/globals';
import { isHopByHop } from '@wsgiref/util';

const spellings = (name: string): string[] => [name, name.toUpperCase(), name.toLowerCase()];

describe('isHopByHop (testHopByHop)', () => {
  test.each(
    [
      'Connection',
      'Keep-Alive',
      'Proxy-Authenticate',
      'Proxy-Authorization',
      'TE',
      'Trailers',
      'Transfer-Encoding',
      'Upgrade',
    ].flatMap(spellings),
  )('%s belongs to the connection', (name) => {
    expect(isHopByHop(name)).toBe(true);
  });

  test.each(
    ['Accept', 'Cache-Control', 'Date', 'Pragma', 'Trailer', 'Via', 'Warning'].flatMap(spellings),
  )('%s belongs to the response', (name) => {
    expect(isHopByHop(name)).toBe(false);
  });

  test.each(['Proxy-Connection', ' TE', 'TE ', 'Keep_Alive', ''])(
    '%j is none of the eight, to the letter',
    (name) => {
      expect(isHopByHop(name)).toBe(false);
    },
  );
});
