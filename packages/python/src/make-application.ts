import type { WSGIApplication } from '@wsgiref/types';
import type { Bridge } from './bridge.ts';
import type { PythonCallable } from './pyodide.ts';
import { PythonCall } from './python-call.ts';
import { CollectedBody, StreamedBody } from './request-body.ts';

/** Where request bodies are that have to be there before Python begins. */
export interface BodyOptions {
  /** How many bytes of one may be in memory. */
  readonly maxBodyInMemory: number;
  /** Where the others are. */
  readonly temporaryFolder: string;
}

/**
 * Makes an application here of one of Python's.
 *
 * @param bridge the way into Python
 * @param application what Python calls
 * @param options where request bodies are
 * @returns the application
 */
export function makeApplication(
  bridge: Bridge,
  application: PythonCallable,
  { maxBodyInMemory, temporaryFolder }: BodyOptions,
): WSGIApplication {
  return async (environ, startResponse) => {
    const body = bridge.suspends
      ? new StreamedBody(environ)
      : await CollectedBody.collect(environ, maxBodyInMemory, temporaryFolder);
    return new PythonCall(bridge, environ, startResponse, body).begin(application);
  };
}
