import type { Awaitable, WSGIApplicationLike } from '@wsgiref/types';
import { BytesIO, StringIO } from '@wsgiref/util';
import type { Gateway } from './gateway.ts';
import { parseResponse, toEnviron } from './wire.ts';

/** What serves one request: `SimpleHandler` of `@wsgiref/handlers`, or anything that has a `run()`. */
export interface RequestHandler {
  run(application: WSGIApplicationLike): Awaitable<unknown>;
}

/** Makes a handler for one request. */
export type MakeHandler = (
  stdin: BytesIO,
  stdout: BytesIO,
  stderr: StringIO,
  environ: Record<string, string>,
) => RequestHandler;

/**
 * Makes a gateway of a handler that works on streams, which are in memory here.
 *
 * @param makeHandler makes the handler of a request
 * @param exceptions the cases that it does not pass, by name, and why
 * @returns the gateway
 *
 * @example
 * ```ts
 * import { memoryGateway, runConformance } from '@wsgiref/conformance';
 * import { SimpleHandler } from '@wsgiref/handlers/base';
 *
 * const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
 * const { results } = await runConformance(gateway);
 * console.log(results.filter(({ outcome }) => outcome === 'fail')); // []
 * ```
 */
export function memoryGateway(
  makeHandler: MakeHandler,
  exceptions: Readonly<Record<string, string>> = {},
): Gateway {
  return {
    exceptions,
    async send(request, application) {
      const stdout = new BytesIO();
      const stderr = new StringIO();
      const handler = makeHandler(new BytesIO(request.body), stdout, stderr, toEnviron(request));
      await handler.run(application);
      return parseResponse(stdout.getvalue(), stderr.getvalue());
    },
  };
}
