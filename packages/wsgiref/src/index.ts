/**
 * Python's `wsgiref`: everything that the packages of this family export.
 *
 * @module
 */

export * from '@wsgiref/types';
export * from '@wsgiref/util';
// Both have one: the class is the one with a use at run time.
export { FileWrapper } from '@wsgiref/util';
export * from '@wsgiref/headers';
export * from '@wsgiref/handlers';
// The rules and checks themselves have names that say too little here: see `wsgiref/validate`.
export { RuleViolation, validator, WSGIWarning } from '@wsgiref/validate';
export * from '@wsgiref/simple-server';
