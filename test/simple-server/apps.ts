// Applications and promises that tests of the server have in common.

import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';

export const GET = 'GET / HTTP/1.0\r\n\r\n';

/** Answers `hello`. */
export function helloApp(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [encodeLatin1('hello')];
}

/** A promise, and how to settle it. */
export interface Gate {
  promise: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
