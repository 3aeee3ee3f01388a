/**
 * Python's `wsgiref.simple_server`, with what it needs of `http.server` and `socketserver`.
 *
 * @module
 */

export * from './socketserver/index.ts';
export * from './http-server/index.ts';
export * from './simple-server/index.ts';
