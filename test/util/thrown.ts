/** What a call throws, as `Class: message`: jest's `toThrow(error)` looks at the message alone. */
export function thrown(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return 'nothing';
}
