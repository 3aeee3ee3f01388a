// Calls of an application without a server, step by step.

import type { HeaderList, WSGIApplication, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1, encodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';

/** A response that has begun. */
export interface Begun {
  readonly status: string;
  readonly headers: HeaderList;
  readonly blocks: AsyncIterator<Uint8Array>;
  close(): Promise<void>;
}

/** Makes an environ. */
export function makeEnviron(variables: Partial<WSGIEnvironment> = {}): WSGIEnvironment {
  const environ = { QUERY_STRING: '', 'wsgi.errors': new StringIO(), ...variables };
  setupTestingDefaults(environ);
  return environ;
}

/** Makes an environ with a request body. */
export function makePost(body: string, variables: Partial<WSGIEnvironment> = {}): WSGIEnvironment {
  return makeEnviron({
    REQUEST_METHOD: 'POST',
    CONTENT_LENGTH: String(body.length),
    'wsgi.input': new BytesIO(encodeLatin1(body)),
    ...variables,
  });
}

/** Calls an application, and leaves its result to the test. */
export async function begin(
  application: WSGIApplication,
  environ: WSGIEnvironment,
): Promise<Begun> {
  let begun: [string, HeaderList] = ['', []];
  const result = await application(environ, (status, headers) => {
    begun = [status, headers];
    return () => {};
  });
  const [status, headers] = begun;
  const blocks = (async function* () {
    yield* result;
  })();
  return { status, headers, blocks, close: async () => result.close?.() };
}

/** What was logged. */
export function logOf(environ: WSGIEnvironment): string {
  return (environ['wsgi.errors'] as StringIO).getvalue();
}

/** The text of the next block. */
export async function next({ blocks }: Begun): Promise<string | null> {
  const step = await blocks.next();
  return step.done ? null : decodeLatin1(step.value);
}
