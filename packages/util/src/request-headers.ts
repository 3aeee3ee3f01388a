import type { HeaderList } from '@wsgiref/types';
import type { PartialEnvironment } from './environ.ts';
import { isHopByHop } from './hop-by-hop.ts';

/**
 * The headers of a request, for whoever passes it on: what `addRequestHeader()` has made of them is
 * undone, but for the case of their names.
 *
 * What belongs to the connection that the request came over is left out, and so is `Expect`, since the
 * server there has let the client send.
 *
 * @param environ the request
 * @returns names in capitals and values, each name once
 */
export function requestHeaders(environ: PartialEnvironment): HeaderList {
  const { CONTENT_TYPE: type, CONTENT_LENGTH: length } = environ;
  const headers: HeaderList = [];
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (!key.startsWith('HTTP_') || typeof value !== 'string') continue;
    const name = key.slice('HTTP_'.length).replaceAll('_', '-');
    if (isHopByHop(name) || name === 'EXPECT') continue;
    if (name !== 'CONTENT-TYPE' && name !== 'CONTENT-LENGTH') headers.push([name, value]);
  }
  if (type) headers.push(['CONTENT-TYPE', type]);
  if (length) headers.push(['CONTENT-LENGTH', length]);
  return headers;
}
