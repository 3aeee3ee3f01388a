/**
 * Formats a time as HTTP dates are (RFC 9110 §5.6.7).
 *
 * Python counterpart: `wsgiref.handlers.format_date_time`.
 *
 * @param timestamp seconds since 1970 in UTC; fractions are dropped
 * @returns a date such as `Thu, 01 Jan 1970 00:00:00 GMT`
 */
export function formatDateTime(timestamp: number): string {
  return new Date(Math.floor(timestamp) * 1000).toUTCString();
}

let lastSecond = -1;
let lastDate = '';

/** The date of now; it is formatted once a second, not once a response. */
export function currentDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastDate = formatDateTime(second);
  }
  return lastDate;
}
