import type { Awaitable } from '@wsgiref/types';
import { andThen, type BufferedReader, isPromiseLike } from '@wsgiref/util';
import { MAX_HEADERS, MAX_LINE } from './request-head.ts';

/**
 * Reads header lines up to and with the blank line after them.
 *
 * It reads no more than the parser needs to see that there is too much.
 *
 * @param rfile where they come from
 * @returns the lines with their ends, as a native string; without a blank line at the end if there
 *   was none, or too much before it
 */
export function readHeaderBlock(rfile: BufferedReader): Awaitable<string> {
  return andThen(rfile.peek(), (ahead) => {
    const end = findBlankLine(ahead);
    return end > 0 ? andThen(rfile.read(end), decode) : readLines(rfile);
  });
}

/** Where the first blank line ends; 0 if it is not there. */
function findBlankLine(bytes: Uint8Array): number {
  const buffer = asBuffer(bytes);
  if (buffer[0] === 0x0a) return 1;
  if (buffer[0] === 0x0d && buffer[1] === 0x0a) return 2;
  const crlf = buffer.indexOf('\n\r\n');
  // Line feeds alone are rare: they are looked for in front of what was found, up to its line feed.
  const lf = (crlf < 0 ? buffer : buffer.subarray(0, crlf + 1)).indexOf('\n\n');
  if (lf >= 0) return lf + 2;
  return crlf < 0 ? 0 : crlf + 3;
}

async function readLines(rfile: BufferedReader): Promise<string> {
  let block = '';
  for (let lines = 0; lines <= MAX_HEADERS; lines++) {
    const read = rfile.readline(MAX_LINE + 1);
    const line = decode(isPromiseLike(read) ? await read : read);
    block += line;
    if (!line.endsWith('\n') || line === '\n' || line === '\r\n') break;
  }
  return block;
}

/** Decodes a native string, by Node's own faster means. */
export function decode(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
