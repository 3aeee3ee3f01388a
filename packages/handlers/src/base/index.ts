/**
 * The handlers of Python's `wsgiref.handlers` that need no particular platform.
 *
 * @module
 */

export { BaseCGIHandler } from './base-cgi-handler.ts';
export { BaseHandler } from './base-handler.ts';
export { ClientDisconnected, RequestError } from './errors.ts';
export type { FileWrapperClass } from './file-wrapper-factory.ts';
export { formatDateTime } from './format-date-time.ts';
export { LimitedStream } from './limited-stream.ts';
export { SimpleHandler, type SimpleHandlerOptions } from './simple-handler.ts';
