/**
 * Returns the value of the first header of a name; undefined if there is none.
 *
 * @param headers a list that need not be one of headers: what is no header is passed over
 * @param wanted the name, in lower case
 */
export function findHeader(headers: readonly unknown[], wanted: string): unknown {
  const found = headers.find(
    (header) => Array.isArray(header) && String(header[0]).toLowerCase() === wanted,
  );
  return (found as unknown[] | undefined)?.[1];
}
