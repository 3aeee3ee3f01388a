import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { repr } from '@wsgiref/util';

/**
 * An application that greets, and shows its environ.
 *
 * Python counterpart: `wsgiref.simple_server.demo_app`.
 *
 * @param environ the request
 * @param startResponse begins the response
 * @returns the page, in UTF-8
 */
export function demoApp(environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  const lines = ['Hello world!', ''];
  for (const key of Object.keys(environ).sort()) lines.push(`${key} = ${repr(environ[key])}`);
  startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
  return [Buffer.from(`${lines.join('\n')}\n`, 'utf8')];
}
