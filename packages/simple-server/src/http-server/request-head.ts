// The grammar of a request head, as pure functions from bytes to values: RFC 9112 §2 to §6. First comes
// the request line (`request-line.ts`), then the header lines (`header-lines.ts`), then what they say
// of the body and the connection (`framing.ts`).
//
// None of them knows of sockets, nor whether its bytes came in one piece. Whatever could be read in two
// ways is refused, since the server or proxy on the other side may read it in the other (RFC 9112
// §11.2): DIFFERS(23). Python's e-mail parser takes what it can and drops the rest.

import type { HeaderList } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';
import { type Framing, parseFraming } from './framing.ts';
import { LF, MAX_LINE } from './grammar.ts';
import {
  type HeadLimits,
  headerList,
  MAX_HEAD,
  MAX_HEADERS,
  NO_LINES,
  parseHeaderLines,
} from './header-lines.ts';
import { parseRequestLine, type RequestLine, stripLineEnd } from './request-line.ts';
import { RequestHeadError } from './request-head-error.ts';

/** All that the head of a request says to a server. */
export interface RequestHead extends RequestLine, Framing {
  /** The headers in their order, names as they came. */
  headers: HeaderList;
}

/**
 * Parses the head of a request.
 *
 * @param head its bytes, up to and with the blank line
 * @param limits how much it may be
 * @returns what it says
 * @throws {RequestHeadError} what to answer if it is not a head, or could be read in two ways
 *
 * @example
 * ```ts
 * import { parseRequestHead } from '@wsgiref/simple-server/http-server';
 *
 * const bytes = Buffer.from('GET /a?b HTTP/1.1\r\nHost: example.org\r\n\r\n');
 * const head = parseRequestHead(bytes);
 * console.log(head.method, head.target, head.persistent); // GET /a?b true
 * console.log(head.headers); // [ [ 'Host', 'example.org' ] ]
 * ```
 */
export function parseRequestHead(
  head: Uint8Array,
  { maxHeaders = MAX_HEADERS, maxHeadSize = MAX_HEAD }: HeadLimits = {},
): RequestHead {
  const feed = head.indexOf(LF);
  const end = feed < 0 ? head.length : feed + 1;
  if (end > MAX_LINE) throw new RequestHeadError(414, 'URI Too Long');
  if (feed < 0) throw new RequestHeadError(400, 'Incomplete request head');
  const firstLine = stripLineEnd(decodeLatin1(head.subarray(0, end)));
  const line = parseRequestLine(firstLine);
  // RFC 1945 §5: a request of HTTP/0.9 is a line and nothing more.
  const isSimple = !firstLine.endsWith(` ${line.version}`);
  const bytes = head.subarray(end);
  const block = isSimple ? NO_LINES : { bytes, text: decodeLatin1(bytes), start: 0 };
  const fields = parseHeaderLines(block, { maxHeaders, maxHeadSize: maxHeadSize - end });
  return { ...line, headers: headerList(fields), ...parseFraming(line.version, fields) };
}
