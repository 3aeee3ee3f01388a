/**
 * Whether a response has no body, whatever the application yields (RFC 9110 §6.4.1, §15.3.6).
 *
 * @param status the status, such as `'204 No Content'`
 */
export function forbidsBody(status: string): boolean {
  return status.startsWith('1') || /^(?:204|205|304)/.test(status);
}
