import type { WSGIApplication, WSGIApplicationLike } from '@wsgiref/types';
import { asApplication, repr } from '@wsgiref/util';
import { page } from './page.ts';

/** RFC 9110 §5.6.2: method = token = 1*tchar; §9.1: it is case-sensitive. */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/;

/**
 * Makes one application of several, each for a method.
 *
 * HEAD goes to the application for GET if it has none of its own; the server leaves out the body.
 * OPTIONS is answered with what there is (RFC 9110 §9.3.7), any other method with a 405 that says so,
 * too (§15.5.6).
 *
 * @param methods an application of any form for each method, by its name in capitals
 * @returns the application; it passes on environ and result as they are
 * @throws {TypeError} if one is no application
 * @throws {RangeError} if there is none, or a name is no method
 *
 * @example
 * ```ts
 * import { byMethod } from '@wsgiref/router';
 * import { encodeLatin1 } from '@wsgiref/util';
 *
 * const articles = byMethod({
 *   GET(environ, startResponse) {
 *     startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *     return [encodeLatin1('all articles\n')];
 *   },
 *   POST(environ, startResponse) {
 *     startResponse('303 See Other', [['Location', '/articles/7']]);
 *     return [];
 *   },
 * });
 * ```
 */
export function byMethod(methods: Readonly<Record<string, WSGIApplicationLike>>): WSGIApplication {
  const applications = new Map<string, WSGIApplication>();
  for (const [method, application] of Object.entries(methods)) {
    if (!METHOD.test(method)) {
      throw new RangeError(`${repr(method)} is no method: make it one such as 'GET', in capitals`);
    }
    applications.set(method, asApplication(application));
  }
  if (applications.size === 0) {
    throw new RangeError('byMethod() needs a method: give it one such as { GET: application }');
  }

  const get = applications.get('GET');
  const allow = [...new Set([...applications.keys(), ...(get ? ['HEAD'] : []), 'OPTIONS'])].join(
    ', ',
  );
  if (get && !applications.has('HEAD')) applications.set('HEAD', get);

  return (environ, startResponse) => {
    const application = applications.get(environ.REQUEST_METHOD);
    if (application) return application(environ, startResponse);
    if (environ.REQUEST_METHOD !== 'OPTIONS') {
      return page(environ, startResponse, '405 Method Not Allowed', [['Allow', allow]]);
    }
    startResponse('204 No Content', [['Allow', allow]]);
    return [];
  };
}
