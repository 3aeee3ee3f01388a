import type { Awaitable, WSGIApplication } from '@wsgiref/types';
import { isHopByHop, repr } from '@wsgiref/util';
import { FetchExchange } from './fetch-exchange.ts';
import { REASON_PHRASES } from './reason-phrases.ts';

/**
 * Makes an application of a Fetch handler, such as `app.fetch` of Hono.
 *
 * Bodies stream both ways. The handler's `request.signal` fires when the client goes away.
 *
 * @param handler what makes a `Response` of a `Request`
 * @returns the application
 *
 * @example
 * ```ts
 * import { fromFetchHandler } from '@wsgiref/fetch';
 * import { SimpleHandler } from '@wsgiref/handlers/base';
 * import { BytesIO, decodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';
 *
 * const app = fromFetchHandler((request) => new Response(`You asked for ${request.url}`));
 * const stdout = new BytesIO();
 * const environ = { PATH_INFO: '/users', SCRIPT_NAME: '' };
 * setupTestingDefaults(environ);
 * await new SimpleHandler(new BytesIO(), stdout, new StringIO(), environ).run(app);
 * const lines = decodeLatin1(stdout.getvalue()).split('\r\n');
 * console.log(lines.at(-1)); // You asked for http://127.0.0.1/users
 * ```
 */
export function fromFetchHandler(
  handler: (request: Request) => Awaitable<Response>,
): WSGIApplication {
  return async (environ, startResponse) => {
    const exchange = new FetchExchange(environ);
    try {
      const response = await handler(exchange.request);
      if (typeof response?.status !== 'number' || response.status < 200) {
        throw new TypeError(
          `the handler must return a Response with a status of 200 to 599 (got ${describe(response)})`,
        );
      }
      exchange.take(response);
      const { status, statusText, headers } = response;
      startResponse(
        `${status} ${statusText || (REASON_PHRASES[status] ?? 'Unknown')}`,
        [...headers].filter(([name]) => !isHopByHop(name)),
      );
    } catch (error) {
      await exchange.close();
      throw error;
    }
    return exchange;
  };
}

function describe(response: Response | undefined): string {
  return typeof response?.status === 'number' ? `one of ${response.status}` : repr(response);
}
