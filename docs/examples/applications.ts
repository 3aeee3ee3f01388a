// The two applications of PEP 3333, a function and a class, without a server: below, each is called
// by hand, as a server calls it. The two do the same, but at different times: the function begins the
// response when it is called, the class when it is iterated over. Try a third that yields two blocks.

import type { StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { asApplication, encodeLatin1, setupTestingDefaults } from '@wsgiref/util';

/** The simplest possible application. */
export function simpleApp(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', [['Content-type', 'text/plain']]);
  return [encodeLatin1('Hello world!\n')];
}

/** The same as a class: it is the class that is the application, its instances are the results. */
export class AppClass {
  readonly environ: WSGIEnvironment;
  readonly start: StartResponse;

  constructor(environ: WSGIEnvironment, startResponse: StartResponse) {
    this.environ = environ;
    this.start = startResponse;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    this.start('200 OK', [['Content-type', 'text/plain']]);
    yield encodeLatin1('Hello world!\n');
  }
}

if (import.meta.filename === process.argv[1]) {
  const environ = {};
  setupTestingDefaults(environ);
  const startResponse: StartResponse = (status, headers) => {
    console.log(status, headers);
    return (data) => void process.stdout.write(data);
  };
  for (const application of [simpleApp, AppClass]) {
    // A class is called with `new`, a function without; asApplication() makes them the same.
    const result = await asApplication(application)(environ, startResponse);
    for await (const block of result) process.stdout.write(block);
  }
}
