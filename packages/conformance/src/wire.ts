// What goes to a gateway and comes from it, in the forms in which most of them take and give it.

import type { HeaderList } from '@wsgiref/types';
import { concatBytes, decodeLatin1, encodeLatin1, repr } from '@wsgiref/util';
import type { GatewayRequest, GatewayResponse } from './case.ts';

const HOST = 'localhost';
const PORT = '80';

/**
 * Writes a request as HTTP/1.0.
 *
 * @param request the request
 * @returns head and body
 */
export function toRequestBytes({ method, target, headers, body }: GatewayRequest): Uint8Array {
  const lines = [`${method} ${target} HTTP/1.0`, `Host: ${HOST}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body.length > 0) lines.push(`Content-Length: ${body.length}`);
  return concatBytes([encodeLatin1(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

/**
 * Makes the variables of a request, as a web server does for CGI (RFC 3875 §4.1).
 *
 * @param request the request
 * @returns the variables, in native strings
 */
export function toEnviron({
  method,
  target,
  headers,
  body,
}: GatewayRequest): Record<string, string> {
  const [path, ...query] = target.split('?') as [string, ...string[]];
  const environ: Record<string, string> = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_NAME: HOST,
    SERVER_PORT: PORT,
    SERVER_PROTOCOL: 'HTTP/1.0',
    REMOTE_ADDR: '127.0.0.1',
    REQUEST_METHOD: method,
    SCRIPT_NAME: '',
    PATH_INFO: unquote(path),
    QUERY_STRING: query.join('?'),
    HTTP_HOST: HOST,
  };
  if (body.length > 0) environ['CONTENT_LENGTH'] = String(body.length);
  for (const [name, value] of headers) {
    // `X_Foo` would come out as `X-Foo` does: web servers leave such names out.
    if (name.includes('_')) continue;
    const key = name.toUpperCase().replaceAll('-', '_');
    if (key === 'CONTENT_TYPE') environ[key] = value;
    else environ[`HTTP_${key}`] = join(environ[`HTTP_${key}`], value);
  }
  return environ;
}

/** RFC 9110 §5.3. */
function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function unquote(path: string): string {
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

/**
 * Reads what a server or a CGI script has sent until it closed the connection or its output.
 *
 * @param bytes an HTTP/1.0 response, or one of CGI: headers with `Status` among them
 * @param errors what was logged meanwhile
 * @returns the response
 * @throws {Error} if there is no head
 */
export function parseResponse(bytes: Uint8Array, errors: string): GatewayResponse {
  const text = decodeLatin1(bytes);
  const blank = /\r?\n\r?\n/.exec(text);
  if (!blank) throw new Error(`the gateway sent no head, but ${repr(text)}`);
  const headers: HeaderList = [];
  let status = '200 OK';
  for (const line of text.slice(0, blank.index).split(/\r?\n/)) {
    const statusLine = /^HTTP\/[0-9]\.[0-9] (.*)$/.exec(line);
    const [, name, value] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (statusLine && headers.length === 0) status = statusLine[1]!;
    else if (name === undefined) throw new Error(`the gateway sent a bad head line ${repr(line)}`);
    else if (name.toLowerCase() === 'status') status = value!;
    else headers.push([name, value!]);
  }
  return { status, headers, body: bytes.subarray(blank.index + blank[0].length), errors };
}
