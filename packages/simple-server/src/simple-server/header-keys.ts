/** How many names are remembered: those of all browsers and proxies, and room to spare. */
const MAX_REMEMBERED = 1024;

const remembered = new Map<string, string>();

/**
 * Returns the environ key of a request header: `User-Agent` is `HTTP_USER_AGENT`.
 *
 * Names are few, and requests are many: each is transformed once.
 *
 * @param name the name as it came
 */
export function headerKey(name: string): string {
  let key = remembered.get(name);
  if (key === undefined) {
    key = `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
    // Names come from clients: they must not fill the memory.
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, key);
  }
  return key;
}
