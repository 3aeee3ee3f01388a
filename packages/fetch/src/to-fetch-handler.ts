import type { ErrorStream, WSGIApplicationLike } from '@wsgiref/types';
import { asApplication } from '@wsgiref/util';
import { FetchHandler, type FetchHandlerOptions } from './fetch-handler.ts';

/** What {@link toFetchHandler} makes the handler of. */
export interface ToFetchHandlerOptions<Host extends readonly unknown[] = readonly unknown[]> {
  /**
   * The path that leads to the application, decoded and without a slash at its end, such as `/app`;
   * a request for another is answered with a 404. By default the root.
   */
  readonly scriptName?: string;
  /**
   * Variables for the environ, or what makes them of the request and of whatever else the host hands
   * over: it alone knows the address of the client, for REMOTE_ADDR.
   */
  readonly environ?:
    | Readonly<Record<string, unknown>>
    | ((request: Request, ...host: Host) => Readonly<Record<string, unknown>>);
  /** Where errors are logged; the console by default. */
  readonly errors?: ErrorStream;
  /** The class of the handlers; `FetchHandler` by default. */
  readonly handlerClass?: new (request: Request, options: FetchHandlerOptions) => FetchHandler;
}

/** What Bun, Deno and the rest call for each request. */
export interface FetchFunction<Host extends readonly unknown[] = readonly unknown[]> {
  /**
   * @param request the request
   * @param host what else the host hands over
   * @returns the response; no promise if the application has waited for nothing and it is complete
   */
  (request: Request, ...host: Host): Response | Promise<Response>;
}

/**
 * Makes a Fetch handler of an application: for whatever speaks `Request` and `Response`.
 *
 * The response is there as soon as the application has begun it, and its body is made while it is
 * read. An application that fails is logged and answered with a 500.
 *
 * @param application an application of any form
 * @param options how it is mounted
 * @returns the handler; its promise is rejected only if the handling of an error fails
 * @throws {TypeError} if the application is none
 *
 * @example
 * ```ts
 * import { toFetchHandler } from '@wsgiref/fetch';
 * import { encodeLatin1 } from '@wsgiref/util';
 *
 * const handler = toFetchHandler((environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [encodeLatin1(`hello from ${environ.PATH_INFO}`)];
 * });
 * const response = await handler(new Request('http://localhost/here'));
 * console.log(await response.text()); // hello from /here
 * ```
 */
export function toFetchHandler<Host extends readonly unknown[] = readonly unknown[]>(
  application: WSGIApplicationLike,
  options: ToFetchHandlerOptions<Host> = {},
): FetchFunction<Host> {
  const app = asApplication(application);
  const { environ, handlerClass = FetchHandler, ...rest } = options;
  const plain: FetchHandlerOptions = typeof environ === 'object' ? { ...rest, environ } : rest;
  return (request, ...host) => {
    try {
      const mounted =
        typeof environ === 'function' ? { ...rest, environ: environ(request, ...host) } : plain;
      return new handlerClass(request, mounted).respond(app);
    } catch (error) {
      // A service worker that throws leaves the request to the network.
      return rejected(error);
    }
  };
}

async function rejected(error: unknown): Promise<never> {
  throw error;
}
