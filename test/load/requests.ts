// Requests with a number, and what is to come of them.

import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BodyCheck, bodyBlocks, wholeBody } from './body.ts';
import { type Connection, type Head, Problem } from './connection.ts';
import type { Visit } from './visit.ts';

/** Kinds of applications that answer with a body, however they make it. */
export const PLAIN = [
  'array',
  'closing',
  'generator',
  'async-generator',
  'write',
  'file',
  'slow',
] as const;

/** A size that is more than the system keeps of a connection, so that the application waits. */
export const LARGE = 12_000_000;

/** A request that is to be answered. */
export interface NumberedRequest {
  number: number;
  kind: string;
  method: 'GET' | 'HEAD' | 'POST';
  version: 'HTTP/1.0' | 'HTTP/1.1';
  /** The length of the body of the response. */
  size: number;
  head: Buffer;
  /** What follows the head; empty if nothing does. */
  body: Buffer;
  /** Whether the client asks for the connection to be kept. */
  keepAlive: boolean;
  /** What the body of the response is; null, what the number and the size say. */
  answer: string | null;
}

/** What a request is to be like. */
export interface RequestOptions {
  kind: string;
  size: number;
  method?: 'GET' | 'HEAD';
  version?: 'HTTP/1.0' | 'HTTP/1.1';
  keepAlive?: boolean;
  /** The length of the body to send; none by default. */
  upload?: number | null;
  /** Whether to send it in chunks. */
  chunked?: boolean;
  /** Header lines besides. */
  fields?: string;
}

/** Makes a request, and gives it a number. */
export function makeRequest(visit: Visit, options: RequestOptions): NumberedRequest {
  const { kind, size, version = 'HTTP/1.1', keepAlive = false, upload = null } = options;
  const { chunked = false, fields = '' } = options;
  const number = visit.ledger.issue();
  const method = upload === null ? (options.method ?? 'GET') : 'POST';
  const content = upload === null ? Buffer.alloc(0) : wholeBody(number, upload);
  let framing = '';
  if (upload !== null) {
    framing = chunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${upload}\r\n`;
  }
  // What is the default of the version need not be said.
  const isDefault = keepAlive === (version === 'HTTP/1.1');
  const connection = isDefault ? '' : `Connection: ${keepAlive ? 'keep-alive' : 'close'}\r\n`;
  const head =
    `${method} /${kind}/${number}/${size} ${version}\r\nHost: load\r\n` +
    `${connection}${framing}${fields}\r\n`;
  return {
    number,
    kind,
    method,
    version,
    size,
    head: Buffer.from(head, 'latin1'),
    body: chunked ? inChunks(visit, number, content.length) : content,
    keepAlive,
    answer: kind === 'upload' ? `${content.length} ${sha1(content)}` : null,
  };
}

function inChunks({ random }: Visit, number: number, length: number): Buffer {
  const pieces: Uint8Array[] = [];
  const size = random.between(Math.ceil(length / 50) + 1, length + 1);
  for (const block of bodyBlocks(number, length, Math.min(size, 60_000))) {
    const extension = random.happens(0.1) ? ';a=b' : '';
    pieces.push(Buffer.from(`${block.length.toString(16)}${extension}\r\n`), block);
    pieces.push(Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from(random.happens(0.1) ? '0\r\nA: b\r\n\r\n' : '0\r\n\r\n'));
  return Buffer.concat(pieces);
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** How {@link receive} reads. */
export interface ReceiveOptions {
  /** Called before each piece of the body is taken. */
  pace?: () => Promise<void>;
  /**
   * The time on the clock of `performance.now()` when the request before this one was sent, if this
   * one was sent when that had been answered; null if it was not, or there is none.
   */
  idleSince?: number | null;
}

/**
 * Reads the response to a request, and looks whether it is the right one.
 *
 * @returns null if there is none, and there need not be: the connection had idled for as long as it
 *   may, or the server was told to shut down. Then the application must not have been called; whether
 *   it was, the ledger asks at the end.
 */
export async function receive(
  visit: Visit,
  connection: Connection,
  request: NumberedRequest,
  { pace, idleSince = null }: ReceiveOptions = {},
): Promise<Head | null> {
  const { ledger, limits } = visit;
  const { number, method, size, answer } = request;
  const what = `request ${number} (${method} /${request.kind}/${number}/${size})`;
  const check = new BodyCheck(number);
  const pieces: Buffer[] = [];
  const sink = async (piece: Buffer): Promise<void> => {
    await pace?.();
    if (answer === null) check.add(piece);
    else pieces.push(piece);
  };
  let head: Head | null;
  try {
    head = await connection.response({ method, sink });
  } catch (error) {
    throw new Problem(`${what}: ${(error as Error).message}`, { cause: error });
  }
  if (!head) {
    const idle = idleSince === null ? 0 : (performance.now() - idleSince) / 1000;
    const hasIdled = idle >= limits.keepAliveTimeout;
    if (!hasIdled && !visit.stopping) {
      throw new Problem(`${what}: the connection was closed without a response`);
    }
    ledger.conclude(number, hasIdled ? 'idled' : 'stopped');
    return null;
  }
  if (head.status !== 200 || head.headers.get('x-number') !== String(number)) {
    const whose = head.headers.get('x-number') ?? 'none';
    throw new Problem(`${what}: status ${head.status}, the response of ${whose}`);
  }
  if (answer !== null) {
    const said = Buffer.concat(pieces).toString('latin1');
    if (said !== answer) throw new Problem(`${what}: got ${said}, expected ${answer}`);
  } else if (check.wrongAt !== null) {
    throw new Problem(`${what}: a wrong byte in the body, after ${check.wrongAt}`);
  } else if (check.length !== (method === 'HEAD' ? 0 : size)) {
    throw new Problem(`${what}: a body of ${check.length} bytes`);
  }
  ledger.conclude(number, 'answered');
  return head;
}

/** Whether the connection goes on after a response (RFC 9112 §9.3). */
export function isKept(request: NumberedRequest, head: Head): boolean {
  const option = head.headers.get('connection')?.toLowerCase();
  if (option === 'close' || !request.keepAlive) return false;
  if (head.version !== 'HTTP/1.1') return false;
  return request.version === 'HTTP/1.1' || option === 'keep-alive';
}
