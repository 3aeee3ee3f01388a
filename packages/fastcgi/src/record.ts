// FastCGI §3.3, "Records", and §5.1 and §5.5 for what is in the first and the last of a request:
//
//   record ::= version (1 byte) type (1) requestId (2) contentLength (2) paddingLength (1)
//              reserved (1) content padding
//
// Numbers are big-endian.

import { ProtocolError } from '@wsgiref/gateway';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, encodeLatin1 } from '@wsgiref/util';

const VERSION = 1;
const HEADER_SIZE = 8;

/** The most bytes that fit into a record: a multiple of eight, as §3.3 recommends. */
export const MAX_CONTENT = 65528;

/** The types of records (§8, "Types and Constants"). */
export const recordType = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

/** One of {@link recordType}. */
export type RecordType = (typeof recordType)[keyof typeof recordType];

/** How a request has ended (§5.5). */
export const protocolStatus = {
  requestComplete: 0,
  cantMultiplexConnection: 1,
  overloaded: 2,
  unknownRole: 3,
} as const;

/** One of {@link protocolStatus}. */
export type ProtocolStatus = (typeof protocolStatus)[keyof typeof protocolStatus];

/** A unit of what the two sides say to each other. */
export interface FastCGIRecord {
  /** What it is; a web server may send types that nobody knows. */
  readonly type: number;
  /** Which request it belongs to; 0, the connection. */
  readonly requestId: number;
  /** What it says, without padding. */
  readonly content: Uint8Array;
}

/**
 * Reads a record.
 *
 * @param stream what the web server sends
 * @returns the record, null at the end of the stream; at once if it has come already
 * @throws {ProtocolError} if it is not of version 1, or the stream ends within it
 */
export function readRecord(stream: InputStream): Awaitable<FastCGIRecord | null> {
  return andThen(stream.read(HEADER_SIZE), (header) => {
    if (header.length === 0) return null;
    if (header.length < HEADER_SIZE) throw endedAfter(header.length, HEADER_SIZE);
    const version = header[0]!;
    if (version !== VERSION) {
      throw new ProtocolError(`a record has the version ${version}, not 1: is this FastCGI?`);
    }
    const length = uint16(header, 4);
    const size = length + header[6]!;
    return andThen(stream.read(size), (content) => {
      if (content.length < size) {
        throw endedAfter(HEADER_SIZE + content.length, HEADER_SIZE + size);
      }
      return {
        type: header[1]!,
        requestId: uint16(header, 2),
        content: content.subarray(0, length),
      };
    });
  });
}

/**
 * Writes a record, unpadded.
 *
 * @param type what it is
 * @param requestId which request it belongs to; 0, the connection
 * @param content what it says
 * @returns the record
 * @throws {RangeError} if there is more of it than fits into a record
 */
export function encodeRecord(
  type: RecordType,
  requestId: number,
  content: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const record = new Uint8Array(HEADER_SIZE + content.length);
  record.set(encodeLatin1(encodeHeader(type, requestId, content.length)));
  record.set(content, HEADER_SIZE);
  return record;
}

/**
 * Writes the header of a record.
 *
 * @param type what it is
 * @param requestId which request it belongs to
 * @param length how many bytes of content follow
 * @returns the header, in a native string
 * @throws {RangeError} if they do not fit into a record
 */
export function encodeHeader(type: RecordType, requestId: number, length: number): string {
  if (length > 0xffff) throw new RangeError(`a record holds 65535 bytes at most, not ${length}`);
  const [id1, id0] = [requestId >> 8, requestId & 0xff];
  return String.fromCharCode(VERSION, type, id1, id0, length >> 8, length & 0xff, 0, 0);
}

/** What begins a request. */
export interface BeginRequest {
  /** What the application is to do; 1, to answer a request. */
  readonly role: number;
  /** Whether the connection stays open after the request. */
  readonly keepConnection: boolean;
}

/**
 * Takes the content of a FCGI_BEGIN_REQUEST apart (§5.1).
 *
 * @param content what the record says
 * @throws {ProtocolError} if it is too short
 */
export function decodeBeginRequest(content: Uint8Array): BeginRequest {
  if (content.length < 8) {
    throw new ProtocolError(`a FCGI_BEGIN_REQUEST has 8 bytes, not ${content.length}`);
  }
  return { role: uint16(content, 0), keepConnection: (content[2]! & 1) === 1 };
}

/**
 * Writes the record that ends a request (§5.5).
 *
 * @param requestId the request
 * @param status how it has ended
 * @returns the record, in a native string
 */
export function encodeEndRequest(requestId: number, status: ProtocolStatus): string {
  const content = String.fromCharCode(0, 0, 0, 0, status, 0, 0, 0);
  return encodeHeader(recordType.endRequest, requestId, content.length) + content;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 256 + bytes[offset + 1]!;
}

function endedAfter(count: number, size: number): ProtocolError {
  return new ProtocolError(`the connection ended after ${count} of the ${size} bytes of a record`);
}
