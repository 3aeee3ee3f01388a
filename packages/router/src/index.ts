/**
 * URL traversal: applications by path and by method.
 *
 * @module
 */

export { byMethod } from './by-method.ts';
export { Router, type RouterOptions } from './router.ts';
