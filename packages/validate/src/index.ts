/**
 * Python's `wsgiref.validate`, and the rules of PEP 3333 as records.
 *
 * @module
 */

export { checkContentType } from './check-content-type.ts';
export { checkEnviron } from './check-environ.ts';
export { checkErrors } from './check-errors.ts';
export { checkExcInfo } from './check-exc-info.ts';
export { checkHeaders } from './check-headers.ts';
export { checkInput } from './check-input.ts';
export { checkIterator } from './check-iterator.ts';
export { checkStatus } from './check-status.ts';
export { ErrorWrapper } from './error-wrapper.ts';
export { Exchange } from './exchange.ts';
export { InputWrapper } from './input-wrapper.ts';
export { IteratorWrapper } from './iterator-wrapper.ts';
export { type Level, type ValidatorOptions } from './report.ts';
export { type Example, type Report, type Rule, type Section, whereToRead } from './rule.ts';
export { RuleViolation, WSGIWarning } from './rule-violation.ts';
export { type Chapter, rules, specification } from './rules.ts';
export { validator } from './validator.ts';
export { type BlockCounter, WriteWrapper } from './write-wrapper.ts';
