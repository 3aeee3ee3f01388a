/**
 * Python's `http.server`, as far as a WSGI server needs it.
 *
 * @module
 */

export { BaseHTTPRequestHandler } from './base-http-request-handler.ts';
export { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE } from './error-page.ts';
export { HTTPServer } from './http-server.ts';
