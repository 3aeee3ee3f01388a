// The uwsgi protocol, "uwsgi packet header" and "The uwsgi vars":
//
//   packet ::= modifier1 (1 byte) datasize (2 bytes) modifier2 (1 byte) var*
//   var ::= key-size (2 bytes) key value-size (2 bytes) value
//
// Numbers are little-endian. The request body follows the packet.

import { type ParamList, ProtocolError } from '@wsgiref/gateway';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, decodeLatin1 } from '@wsgiref/util';

const HEADER_SIZE = 4;

/** "Standard WSGI request followed by the HTTP request body". */
const WSGI = 0;

/**
 * Reads the variables of a uwsgi request.
 *
 * @param stream what the web server sends; it stands at the body afterwards
 * @param limit the most bytes that the variables may have
 * @returns the variables, null if the stream ends before them; at once if they have come already
 * @throws {ProtocolError} if this is no packet of variables, it ends early, or is too long
 */
export function readVars(stream: InputStream, limit: number): Awaitable<ParamList | null> {
  return andThen(stream.read(HEADER_SIZE), (header) => {
    if (header.length === 0) return null;
    if (header.length < HEADER_SIZE)
      throw endedAfter(header.length, HEADER_SIZE, 'a packet header');
    const [modifier1, low, high] = header as unknown as [number, number, number];
    if (modifier1 !== WSGI) {
      throw new ProtocolError(
        `modifier1 is ${modifier1}; of a WSGI request it is 0: is this uwsgi?`,
      );
    }
    const size = low + high * 256;
    if (size > limit)
      throw new ProtocolError(`the packet has ${size} bytes; the most are ${limit}`);
    return andThen(stream.read(size), (block) => {
      if (block.length < size) throw endedAfter(block.length, size, 'a packet');
      return parseVars(block);
    });
  });
}

/**
 * Takes the variables of a request apart.
 *
 * @param block the packet without its header
 * @returns names and values, in native strings
 * @throws {ProtocolError} if a size leads out of the packet
 */
export function parseVars(block: Uint8Array): ParamList {
  const vars: [string, string][] = [];
  const text = decodeLatin1(block);
  let position = 0;
  const take = (): string => {
    const start = position + 2;
    const end = start + (block[position] ?? 0) + (block[position + 1] ?? 0) * 256;
    if (start > block.length || end > block.length) {
      throw new ProtocolError(
        `a string at byte ${position} of a packet ends at byte ${end}, beyond its ${block.length}`,
      );
    }
    position = end;
    return text.slice(start, end);
  };
  while (position < block.length) vars.push([take(), take()]);
  return vars;
}

function endedAfter(count: number, size: number, what: string): ProtocolError {
  return new ProtocolError(`the connection ended after ${count} of the ${size} bytes of ${what}`);
}
