/**
 * Whether a response has no body, whatever the application yields (RFC 9110 §6.4.1, §15.3.6).
 *
 * @param status the status, such as `'204 No Content'`
 */
export function forbidsBody(status: string): boolean {
  if (status.startsWith('2')) return status.startsWith('204') || status.startsWith('205');
  return status.startsWith('1') || status.startsWith('304');
}
