import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { HeaderList, WSGIApplication } from '@wsgiref/types';
import { isHopByHop } from '@wsgiref/util';
import { ListenerExchange, MAX_HEADER_SIZE, type NodeListener } from './listener-exchange.ts';

/**
 * Makes an application of a Node listener, an Express application for one, so that it can stand
 * behind CGI or FastCGI, or within a middleware.
 *
 * The listener gets Node's own `IncomingMessage` and `ServerResponse`, over a connection within the
 * process, and streams both ways. `request.url` is PATH_INFO and the query; `baseUrl` is SCRIPT_NAME
 * and `originalUrl` both together, as if a framework had mounted it there.
 *
 * A listener that throws, or returns a promise that is rejected, is an application that fails.
 *
 * @param listener what answers the requests
 * @returns the application
 *
 * @example
 * ```ts
 * import { SimpleHandler } from '@wsgiref/handlers/base';
 * import { fromRequestListener } from '@wsgiref/node-http';
 * import { BytesIO, decodeLatin1, setupTestingDefaults, StringIO } from '@wsgiref/util';
 *
 * const app = fromRequestListener((request, response) => {
 *   response.end(`${request.method} ${request.url}`);
 * });
 * const stdout = new BytesIO();
 * const environ = { SCRIPT_NAME: '/cgi-bin/app', PATH_INFO: '/users' };
 * setupTestingDefaults(environ);
 * await new SimpleHandler(new BytesIO(), stdout, new StringIO(), environ).run(app);
 * console.log(decodeLatin1(stdout.getvalue()).split('\r\n').at(-1)); // GET /users
 * ```
 */
export function fromRequestListener(listener: NodeListener): WSGIApplication {
  const exchanges = new WeakMap<object, ListenerExchange>();
  // It never listens: each request is handed to it as a connection of its own.
  const server = createServer({ maxHeaderSize: MAX_HEADER_SIZE, requireHostHeader: false });
  server.on('request', (request, response) => {
    void exchanges.get(request.socket)!.serve(listener, request, response);
  });
  return async (environ, startResponse) => {
    const exchange = new ListenerExchange(server, exchanges, environ);
    const response = await exchange.begin();
    try {
      startResponse(statusOf(response), headersOf(response));
    } catch (error) {
      exchange.close();
      throw error;
    }
    return exchange;
  };
}

function statusOf({ statusCode, statusMessage }: IncomingMessage): string {
  const code = statusCode!;
  return `${code} ${statusMessage || STATUS_CODES[code] || 'Unknown'}`;
}

/** What belongs to the connection within the process stays there, and trailers with it. */
function headersOf({ rawHeaders }: IncomingMessage): HeaderList {
  const headers: HeaderList = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (!isHopByHop(name) && name.toLowerCase() !== 'trailer') {
      headers.push([name, rawHeaders[i + 1]!]);
    }
  }
  return headers;
}
