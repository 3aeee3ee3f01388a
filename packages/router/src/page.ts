import type { HeaderList, StartResponse, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';

/**
 * Answers with a page that says no more than the status does.
 *
 * @param environ the request; to HEAD no body is given
 * @param startResponse begins the response
 * @param status the status, such as `'404 Not Found'`
 * @param headers what else there is to say
 */
export function page(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
  status: string,
  headers: HeaderList = [],
): WSGIResult {
  const body = encodeLatin1(`${status.slice(4)}\n`);
  startResponse(status, [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(body.length)],
    ...headers,
  ]);
  return environ.REQUEST_METHOD === 'HEAD' ? [] : [body];
}
