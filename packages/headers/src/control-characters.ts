/** Neither names nor values may hold these; a value may hold a tab (RFC 9110 §5.5). */
const IN_NAME = /[\x00-\x1f\x7f]/;
const IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/** @throws {RangeError} if the name holds a control character */
export function checkName(name: string): void {
  if (IN_NAME.test(name)) throw controlCharacters();
}

/** @throws {RangeError} if the value holds a control character other than a tab */
export function checkValue(value: string): void {
  if (IN_VALUE.test(value)) throw controlCharacters();
}

function controlCharacters(): RangeError {
  return new RangeError('Control characters not allowed in headers');
}
