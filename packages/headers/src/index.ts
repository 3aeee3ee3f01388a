/**
 * Python's `wsgiref.headers`.
 *
 * @module
 */

export { Headers, type HeaderParams } from './headers.ts';
