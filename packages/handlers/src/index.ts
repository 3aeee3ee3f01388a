/**
 * Python's `wsgiref.handlers`.
 *
 * @module
 */

export * from './base/index.ts';
export { CGIHandler } from './cgi-handler.ts';
export { IISCGIHandler } from './iis-cgi-handler.ts';
export { readEnviron } from './read-environ.ts';
export { StandardError } from './standard-error.ts';
