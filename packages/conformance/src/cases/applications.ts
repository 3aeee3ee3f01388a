// What the applications of the cases are made of.

import type { Awaitable, HeaderList, WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';
import type { GatewayRequest, Pattern } from '../case.ts';

/** What has been logged, where any text will do. */
export const LOGGED: Pattern = { pattern: '\\S' };

/** Text as a block. */
export const bytes: (text: string) => Uint8Array = encodeLatin1;

/** The headers of a text; a new list each time, as the server may change it. */
export function plain(...more: HeaderList): HeaderList {
  return [['Content-Type', 'text/plain'], ...more];
}

/** An application that answers with text, in one block. */
export function answer(
  body: string,
  headers: HeaderList = [],
  status: string = '200 OK',
): WSGIApplication {
  return (_environ, startResponse) => {
    startResponse(status, plain(...headers));
    return [bytes(body)];
  };
}

/** An application that answers with text in several blocks; nobody knows their number before. */
export function stream(
  blocks: readonly string[],
  headers: HeaderList = [],
  status: string = '200 OK',
): WSGIApplication {
  return function* (_environ, startResponse) {
    startResponse(status, plain(...headers));
    for (const block of blocks) yield bytes(block);
  };
}

/** An application that looks at its environ, and answers with what is wrong, or `right`. */
export function examine(
  look: (environ: WSGIEnvironment) => Awaitable<string | null>,
): WSGIApplication {
  return async (environ, startResponse) => {
    const complaint = await look(environ);
    startResponse('200 OK', plain());
    return [bytes(complaint ?? 'right')];
  };
}

/** An application that answers with the value of a variable, or `-` if it has none. */
export function show(key: string): WSGIApplication {
  return examine((environ) => {
    const value = environ[key];
    return value === undefined ? '-' : String(value);
  });
}

/** A request with a body. */
export function post(body: string): Partial<GatewayRequest> {
  return {
    method: 'POST',
    headers: [['Content-Type', 'application/octet-stream']],
    body: bytes(body),
  };
}
