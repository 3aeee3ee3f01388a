import { andThen, BufferedReader, concatBytes, decodeLatin1, isPromiseLike } from '@wsgiref/util';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { CR, LF, MAX_LINE } from './grammar.ts';
import type { HeadLimits, Text } from './header-lines.ts';

/** Bytes of which a head seldom has more. */
const SHORT = 8192;

/** A head that has come in one piece. */
export interface WholeHead {
  /** The request line with its end. */
  line: string;
  /** The header lines, the blank one among them, and maybe more. */
  block: Text;
}

/**
 * Reads a head if all of it is there already, as most are.
 *
 * @param rfile where it comes from
 * @returns the head; null, and nothing has been read
 */
export function readWholeHead(rfile: InputStream): WholeHead | null {
  // A subclass may have put another stream in the place of the socket's.
  if (!(rfile instanceof BufferedReader)) return null;
  const ahead = rfile.peek();
  if (isPromiseLike(ahead)) return null;
  // A body behind the head is not worth decoding.
  const bytes = ahead.length > SHORT ? ahead.subarray(0, SHORT) : ahead;
  const text = decodeLatin1(bytes);
  const start = text.indexOf('\n') + 1;
  const end = findBlankLine(text, start);
  // A blank line may stand in front of a request.
  if (start <= 2 || end === 0) return null;
  rfile.skip(end);
  return { line: text.slice(0, start), block: { bytes, text, start } };
}

/**
 * Reads header lines up to and with the blank line after them.
 *
 * It reads no more than the parser needs to see that there is too much.
 *
 * @param rfile where they come from
 * @param limits how many lines there may be, and how many bytes
 * @returns the lines with their ends, and maybe more; without a blank line if there was none, or too
 *   much before it
 */
export function readHeaderBlock(rfile: InputStream, limits: Required<HeadLimits>): Awaitable<Text> {
  if (!(rfile instanceof BufferedReader)) return readLines(rfile, limits);
  return andThen(rfile.peek(), (ahead) => {
    const bytes = ahead.length > SHORT ? ahead.subarray(0, SHORT) : ahead;
    const text = decodeLatin1(bytes);
    const end = findBlankLine(text, 0);
    if (end === 0) return readLines(rfile, limits);
    rfile.skip(end);
    return { bytes, text, start: 0 };
  });
}

/** Where the first blank line ends, from the beginning of a line on; 0 if it is not there. */
function findBlankLine(text: string, start: number): number {
  if (text.startsWith('\r\n', start)) return start + 2;
  if (text.startsWith('\n', start)) return start + 1;
  const crlf = text.indexOf('\n\r\n', start);
  // Line feeds alone are rare, but may come in front of what was found.
  const lf = text.indexOf('\n\n', start);
  if (lf >= 0 && (crlf < 0 || lf < crlf)) return lf + 2;
  return crlf < 0 ? 0 : crlf + 3;
}

async function readLines(
  rfile: InputStream,
  { maxHeaders, maxHeadSize }: Required<HeadLimits>,
): Promise<Text> {
  const lines: Uint8Array[] = [];
  for (let size = 0; lines.length <= maxHeaders && size <= maxHeadSize;) {
    const read = rfile.readline(MAX_LINE + 1);
    const line = isPromiseLike(read) ? await read : read;
    lines.push(line);
    size += line.length;
    if (line.at(-1) !== LF || line.length === 1 || (line.length === 2 && line[0] === CR)) break;
  }
  const bytes = concatBytes(lines);
  return { bytes, text: decodeLatin1(bytes), start: 0 };
}
