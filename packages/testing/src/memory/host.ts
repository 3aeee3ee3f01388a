// What every host has, declared here because it is not ECMAScript's.

/** As much of the platform's `URL` as redirects need. */
export interface Url {
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
}

interface Host {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (label: string, options: object) => { decode(bytes: Uint8Array): string };
  URL: new (url: string, base?: string) => Url;
}

const host = globalThis as unknown as Host;

/** Encodes text in UTF-8. */
export function encodeText(text: string): Uint8Array {
  return new host.TextEncoder().encode(text);
}

/**
 * Decodes text.
 *
 * @param bytes the text
 * @param charset the name of its encoding
 * @throws {RangeError} if there is no such encoding
 * @throws {TypeError} if the bytes are not text in it
 */
export function decodeText(bytes: Uint8Array, charset: string): string {
  return new host.TextDecoder(charset, { fatal: true }).decode(bytes);
}

/**
 * Resolves a reference.
 *
 * @param reference a URL, relative or not
 * @param base what it is relative to
 * @throws {TypeError} if it is none
 */
export function resolveUrl(reference: string, base: string): Url {
  return new host.URL(reference, base);
}
