const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;

/** @throws {RangeError} if the name holds a control character */
export function checkName(name: string): void {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < SPACE || code === DELETE) throw controlCharacters();
  }
}

/** @throws {RangeError} if the value holds a control character other than a tab (RFC 9110 §5.5) */
export function checkValue(value: string): void {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < SPACE && code !== TAB) || code === DELETE) throw controlCharacters();
  }
}

function controlCharacters(): RangeError {
  return new RangeError('Control characters not allowed in headers');
}
