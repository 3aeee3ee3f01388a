import type { ExcInfo, StartResponse, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';

/**
 * Answers with a page that says no more than the status does.
 *
 * @param environ the request; to HEAD no body is given
 * @param startResponse begins the response
 * @param status the status, such as `'502 Bad Gateway'`
 * @param excInfo the caught value, if a response has begun already
 */
export function page(
  environ: WSGIEnvironment,
  startResponse: StartResponse,
  status: string,
  excInfo: ExcInfo | null = null,
): WSGIResult {
  const body = encodeLatin1(`${status.slice(4)}\n`);
  const headers: [string, string][] = [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(body.length)],
  ];
  startResponse(status, headers, excInfo);
  return environ.REQUEST_METHOD === 'HEAD' ? [] : [body];
}
