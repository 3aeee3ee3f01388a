/** RFC 2045 §5.1: characters that only a quoted string may hold. */
const TSPECIALS = /[ ()<>@,;:\\"/[\]?=]/;

/**
 * Formats one parameter of a header.
 *
 * Python counterpart: `wsgiref.headers._formatparam`.
 *
 * @param name the parameter's name
 * @param value its value; null or empty, the name stands alone
 * @param quote whether to quote a value that does not need it, too
 * @returns `name`, `name=value` or `name="value"`
 */
export function formatParam(name: string, value: string | null, quote: boolean = true): string {
  if (value === null || value === '') return name;
  if (!quote && !TSPECIALS.test(value)) return `${name}=${value}`;
  return `${name}="${value.replace(/[\\"]/g, '\\$&')}"`;
}
