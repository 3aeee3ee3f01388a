// An application that keeps what it is given, and answers with the request body.

import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';

/** What an application was given. */
export interface Seen {
  /** Everything in the environ but the `wsgi.` keys and `wsgiref.signal`, which says nothing. */
  variables: Record<string, unknown>;
  /** What was in `wsgi.input`. */
  body: string;
}

/** An application, and what it was given, in the order of the requests. */
export class ShowingApp {
  readonly seen: Seen[] = [];

  async __call__(environ: WSGIEnvironment, startResponse: StartResponse): Promise<Uint8Array[]> {
    const variables: Record<string, unknown> = {};
    for (const key of Object.keys(environ))
      if (!/^wsgi(?:ref)?\./.test(key)) variables[key] = environ[key];
    const body = await environ['wsgi.input'].read();
    this.seen.push({ variables, body: decodeLatin1(body) });
    startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
    return [body];
  }
}
