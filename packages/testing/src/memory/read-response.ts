import { Headers } from '@wsgiref/headers';
import type { HeaderList, InputStream } from '@wsgiref/types';
import { concatBytes, decodeLatin1, repr } from '@wsgiref/util';

/** What has been read of a response. */
export interface ReadResponse {
  readonly status: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** What is missing at its end, in words; null if it is complete. */
  readonly missing: string | null;
}

/** A body, and what is missing at its end. */
type Body = Pick<ReadResponse, 'body' | 'missing'>;

/** The longest line of a head, in bytes. */
const LONGEST_LINE = 65536;

/** Bytes to read at a time. */
const BLOCK_SIZE = 65536;

/** RFC 9112 §4: status-line; the phrase may be left out together with its space. */
const STATUS_LINE = /^HTTP\/1\.[0-9] ([0-9]{3}(?: .*)?)$/;

/** RFC 9112 §5: field-line = field-name ":" OWS field-value OWS */
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/** RFC 9112 §7.1: chunk-size, and extensions that mean nothing here. */
const CHUNK_LINE = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;.*)?$/;

/**
 * Reads one response (RFC 9112).
 *
 * @param input what the server sends
 * @param method the method of the request
 * @returns the response; interim ones before it are skipped
 * @throws {Error} if it is none
 */
export async function readResponse(input: InputStream, method: string): Promise<ReadResponse> {
  for (;;) {
    const status = await readStatus(input);
    const headers = new Headers(await readFields(input));
    if (/^1(?!01)/.test(status)) continue;
    const { body, missing } = await readBody(input, method, status, headers);
    return { status, headers, body: new Uint8Array(body), missing };
  }
}

async function readStatus(input: InputStream): Promise<string> {
  const line = await readLine(input);
  if (line === null) throw new Error('the server has closed the connection without a response');
  const [, status] = STATUS_LINE.exec(line) ?? [];
  if (status === undefined) throw new Error(`${repr(line)} is no status line of HTTP/1`);
  return status;
}

async function readFields(input: InputStream): Promise<HeaderList> {
  const fields: HeaderList = [];
  for (;;) {
    const line = await readLine(input);
    if (line === null) throw new Error('the response has ended in the middle of its head');
    if (line === '') return fields;
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`${repr(line)} is no header`);
    fields.push([name, value!]);
  }
}

/** RFC 9112 §6.3. */
async function readBody(
  input: InputStream,
  method: string,
  status: string,
  headers: Headers,
): Promise<Body> {
  if (method === 'HEAD' || /^(?:1|204|304)/.test(status)) {
    return { body: new Uint8Array(0), missing: null };
  }
  const coding = headers.get('Transfer-Encoding');
  if (coding !== null) {
    if (coding.toLowerCase() === 'chunked') return readChunked(input);
    throw new Error(`the transfer coding ${repr(coding)} is unknown: only 'chunked' is known`);
  }
  const lengths = new Set(headers.getAll('Content-Length'));
  const [length] = lengths;
  if (length === undefined) return { body: await input.read(), missing: null };
  if (lengths.size > 1 || !/^[0-9]{1,15}$/.test(length)) {
    throw new Error(`the response has a bad Content-Length: ${[...lengths].map(repr).join(', ')}`);
  }
  const body = await readBlocks(input, Number(length));
  if (body.length === Number(length)) return { body, missing: null };
  return { body, missing: `${body.length} of the ${length} bytes of its Content-Length` };
}

async function readChunked(input: InputStream): Promise<Body> {
  const blocks: Uint8Array[] = [];
  const end = (missing: string | null): Body => ({ body: concatBytes(blocks), missing });
  for (;;) {
    const line = await readLine(input);
    if (line === null) return end('chunks, and not the last');
    const [, hex] = CHUNK_LINE.exec(line) ?? [];
    if (hex === undefined) throw new Error(`${repr(line)} is no size of a chunk`);
    const size = parseInt(hex, 16);
    if (size === 0) break;
    const chunk = await readBlocks(input, size);
    blocks.push(chunk);
    if (chunk.length < size) return end(`${chunk.length} of the ${size} bytes of a chunk`);
    const rest = await readLine(input);
    if (rest) throw new Error(`a chunk of ${size} bytes goes on with ${repr(rest)}`);
  }
  await readFields(input); // The trailers.
  return end(null);
}

/** What a stream returns may be less than it was asked for. */
async function readBlocks(input: InputStream, size: number): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  for (let missing = size; missing > 0;) {
    const block = await input.read(Math.min(missing, BLOCK_SIZE));
    if (block.length === 0) break;
    blocks.push(block);
    missing -= block.length;
  }
  return concatBytes(blocks);
}

/** A line without its end; null at the end of the stream. */
async function readLine(input: InputStream): Promise<string | null> {
  const line = decodeLatin1(await input.readline(LONGEST_LINE));
  if (line === '') return null;
  if (!line.endsWith('\n')) {
    const what = line.length < LONGEST_LINE ? 'is cut off' : `is longer than ${LONGEST_LINE} bytes`;
    throw new Error(`a line of the response ${what}: ${repr(line.slice(0, 80))}`);
  }
  return line.replace(/\r?\n$/, '');
}
