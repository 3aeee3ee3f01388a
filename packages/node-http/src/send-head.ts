import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { HeaderList } from '@wsgiref/types';
import { AssertionError, repr } from '@wsgiref/util';

/**
 * Gives Node the status and the headers of a response; it sends them with the first block.
 *
 * Over HTTP/1 names keep their case and all headers their order; what the framework has set before,
 * such as `X-Powered-By`, stays in front, unless the application has a header of that name. HTTP/2 has
 * neither case nor reason phrase.
 *
 * @param response the response
 * @param status code and phrase, such as `200 OK`
 * @param headers the headers
 * @throws {AssertionError} if the status is that of an interim response, which is the server's
 * @throws what Node does if it finds fault with a header
 */
export function sendHead(
  response: ServerResponse | Http2ServerResponse,
  status: string,
  headers: HeaderList,
): void {
  const code = Number(status.slice(0, 3));
  if (code < 200) {
    throw new AssertionError(`${repr(status)} is no final status: 200 to 999 are`);
  }
  if ('stream' in response) {
    setHeaders(response, headers);
    response.writeHead(code);
  } else if (response.getHeaderNames().length > 0) {
    setHeaders(response, headers);
    response.writeHead(code, status.slice(4));
  } else {
    response.writeHead(code, status.slice(4), headers.flat());
  }
}

/** Sets headers one by one; they replace those of the framework, but not each other. */
function setHeaders(response: ServerResponse | Http2ServerResponse, headers: HeaderList): void {
  const set = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (set.has(key)) response.appendHeader(name, value);
    else response.setHeader(name, value);
    set.add(key);
  }
}
