// Requests to a router, without a server.

import type { WSGIApplication, WSGIApplicationObject, WSGIEnvironment } from '@wsgiref/types';
import { asApplication, decodeLatin1, encodeLatin1, setupTestingDefaults } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';

/** What has come back. */
export interface Answer {
  status: string;
  headers: Record<string, string>;
  body: string;
}

/** Makes an environ. */
export function makeEnviron(variables: Partial<WSGIEnvironment> = {}): WSGIEnvironment {
  const environ = { QUERY_STRING: '', SCRIPT_NAME: '', PATH_INFO: '/', ...variables };
  setupTestingDefaults(environ);
  return environ;
}

/** Sends a request through a validator on either side of an application. */
export async function ask(
  application: WSGIApplication | WSGIApplicationObject,
  variables: Partial<WSGIEnvironment> | string = {},
): Promise<Answer> {
  const environ = makeEnviron(typeof variables === 'string' ? { PATH_INFO: variables } : variables);
  const answer: Answer = { status: '', headers: {}, body: '' };
  const result = await validator(asApplication(application))(environ, (status, headers) => {
    answer.status = status;
    answer.headers = Object.fromEntries(headers);
    return () => {};
  });
  for (const block of result as Iterable<Uint8Array>) answer.body += decodeLatin1(block);
  await result.close?.();
  return answer;
}

/** An application that says its name, and where it finds itself. */
export function place(name: string): WSGIApplication {
  return validator((environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [encodeLatin1(`${name}|${environ.SCRIPT_NAME}|${environ.PATH_INFO}`)];
  });
}
