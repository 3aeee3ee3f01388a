/**
 * Python's `http.server`, as far as a WSGI server needs it.
 *
 * @module
 */

export { BaseHTTPRequestHandler } from './base-http-request-handler.ts';
export { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE } from './error-page.ts';
export { HTTPServer, type TLSOptions } from './http-server.ts';
export { HTTPSServer } from './https-server.ts';
export type { Framing } from './framing.ts';
export type { HeadLimits } from './header-lines.ts';
export { parseRequestHead, type RequestHead } from './request-head.ts';
export type { RequestLine } from './request-line.ts';
export { RequestHeadError } from './request-head-error.ts';
