import type { WSGIApplication, WSGIApplicationClass, WSGIApplicationLike } from '@wsgiref/types';
import { repr } from './repr.ts';

/** What each application was turned into, so that it happens once and never per request. */
const converted = new WeakMap<object, WSGIApplication>();

/** The plain function that was asked for last. */
let last: WSGIApplication | null = null;

/**
 * Turns an application of any form into a plain function.
 *
 * A function is returned as it is. A class is called with `new`, which Python does by itself; an
 * object with a `__call__()` method is called through that method, looked up at each call.
 *
 * @param application a function, a class, or an object with `__call__()`
 * @returns the application as a function; the same one each time
 * @throws {TypeError} if it is none of these
 *
 * @example
 * ```ts
 * import { asApplication, encodeLatin1 } from '@wsgiref/util';
 *
 * const hello = asApplication({
 *   __call__(environ, startResponse) {
 *     startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *     return [encodeLatin1('hello')];
 *   },
 * });
 * console.log(typeof hello); // function
 * ```
 */
export function asApplication(application: WSGIApplicationLike): WSGIApplication {
  // A server has one application, and asks at each request.
  if (application === last) return application;
  const known = converted.get(application);
  if (known) {
    if (known === application) last = known;
    return known;
  }
  const plain = convert(application);
  converted.set(application, plain);
  converted.set(plain, plain);
  return plain;
}

function convert(application: WSGIApplicationLike): WSGIApplication {
  if (typeof application === 'function') {
    return isClass(application)
      ? (environ, startResponse) => new application(environ, startResponse)
      : application;
  }
  if (typeof application?.__call__ === 'function') {
    return (environ, startResponse) => application.__call__(environ, startResponse);
  }
  throw new TypeError(
    'application must be a function, a class or an object with a __call__() method ' +
      `(got ${repr(application)})`,
  );
}

function isClass(
  application: WSGIApplication | WSGIApplicationClass,
): application is WSGIApplicationClass {
  // The language offers no better way to tell a class, which cannot be called, from a function. A
  // method named `class` begins with that word, too, but goes on with its parameters.
  return /^class(?!\s*\()[\s{/]/.test(Function.prototype.toString.call(application));
}
