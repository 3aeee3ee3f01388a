/** Names that are remembered: those of all browsers and proxies, and room to spare. A power of two. */
const TABLE_SIZE = 1024;

/** Longer names are rare, and not worth remembering. */
const MAX_REMEMBERED = 64;

/** The name of a header line, as it came. */
export interface FieldName {
  /** The name itself. */
  readonly name: string;
  /**
   * What it is called in an environ: `User-Agent` is `HTTP_USER_AGENT`. A name with an underscore is
   * called nothing, since `X_Real_Ip` would come out as `X-Real-Ip` does, which a server in front may
   * vouch for.
   */
  readonly key: string;
}

/** A name that has come before, and its bytes. */
interface Remembered extends FieldName {
  readonly bytes: Uint8Array;
}

const remembered: (Remembered | undefined)[] = new Array<undefined>(TABLE_SIZE).fill(undefined);

/**
 * Returns the name that stands somewhere.
 *
 * Names are few, and requests are many: each is made once. They come from clients, and must not fill
 * the memory: the table never grows, and what is in it stays.
 *
 * @param bytes where it stands
 * @param start its first byte
 * @param end the byte after its last
 * @param hash a number that depends on its bytes
 */
export function fieldName(bytes: Uint8Array, start: number, end: number, hash: number): FieldName {
  const slot = hash & (TABLE_SIZE - 1);
  const known = remembered[slot];
  if (known !== undefined && stands(known.bytes, bytes, start, end)) return known;
  const made = makeName(bytes.slice(start, end));
  if (known === undefined && end - start <= MAX_REMEMBERED) remembered[slot] = made;
  return made;
}

function stands(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

function makeName(bytes: Uint8Array): Remembered {
  const name = Buffer.from(bytes).toString('latin1');
  const upper = name.toUpperCase().replaceAll('-', '_');
  const isPlain = upper === 'CONTENT_TYPE' || upper === 'CONTENT_LENGTH';
  return { name, bytes, key: name.includes('_') ? '' : isPlain ? upper : `HTTP_${upper}` };
}
