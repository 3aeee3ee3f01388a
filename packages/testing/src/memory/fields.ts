/** What a field of a form or a query may be. */
export type FieldValue = string | number | boolean;

/**
 * The fields of a form or a query: values by name, several of a name as an array; or pairs, as in
 * `URLSearchParams`.
 */
export type Fields =
  | Readonly<Record<string, FieldValue | readonly FieldValue[]>>
  | Iterable<readonly [name: string, value: FieldValue]>;

/**
 * Encodes fields as browsers encode a form (`application/x-www-form-urlencoded`).
 *
 * @param fields the fields, in order
 */
export function encodeFields(fields: Fields): string {
  return toPairs(fields)
    .map((pair) => pair.map(encodeField).join('='))
    .join('&');
}

function toPairs(fields: Fields): (readonly [string, FieldValue])[] {
  if (Symbol.iterator in fields) return [...(fields as Iterable<readonly [string, FieldValue]>)];
  return Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one): [string, FieldValue] => [name, one]),
  );
}

function encodeField(text: FieldValue): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
