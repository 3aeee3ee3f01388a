// Clients that do everything right.

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, CutShort, Problem } from '../connection.ts';
import {
  isKept,
  makeRequest,
  type NumberedRequest,
  PLAIN,
  receive,
  type RequestOptions,
} from '../requests.ts';
import { open, type Visit } from '../visit.ts';

/** The most requests that are sent before the first is answered. */
const LONGEST_PIPELINE = 8;

/** Sends requests on one connection, and has all of them answered. */
export async function good(visit: Visit): Promise<void> {
  const connection = await open(visit);
  try {
    if (visit.random.happens(0.08)) await failing(visit, connection);
    else await requests(visit, connection);
  } finally {
    await connection.close();
  }
}

async function requests(visit: Visit, connection: Connection): Promise<void> {
  const { random, protocol, limits, ledger } = visit;
  const rounds = protocol === 'HTTP/1.1' ? random.between(1, 6) : 1;
  let idleSince: number | null = null;
  for (let round = 1; round <= rounds; round++) {
    const burst = makeBurst(visit, round === rounds);
    const sent = performance.now();
    for (const request of burst) if (!(await send(visit, connection, request))) break;
    for (const [i, request] of burst.entries()) {
      const rest = burst.slice(i + 1);
      const head = await receive(visit, connection, request, {
        idleSince: i === 0 ? idleSince : null,
      });
      if (!head) {
        const why = ledger.outcomeOf(request.number)!;
        for (const { number } of rest) ledger.conclude(number, why);
        return;
      }
      if (isKept(request, head)) continue;
      const mayBeKept = request.keepAlive && protocol === 'HTTP/1.1';
      // One of HTTP/1.0 is, if the application says how long the response is.
      if (mayBeKept && request.version === 'HTTP/1.1' && !visit.stopping) {
        throw new Problem(`request ${request.number}: the connection was to be kept`);
      }
      await connection.finish();
      for (const { number } of rest) ledger.conclude(number, 'closed');
      return;
    }
    idleSince = sent;
    // Now and then longer than the server waits.
    if (random.happens(0.15)) await sleep(random.next() * limits.keepAliveTimeout * 1200);
  }
  // Whoever has nothing more to ask says so.
  connection.end();
  await connection.finish();
}

function makeBurst(visit: Visit, isLast: boolean): NumberedRequest[] {
  const { random, protocol } = visit;
  const mayPipeline = protocol === 'HTTP/1.1' && random.happens(0.3);
  const length = mayPipeline ? random.between(2, LONGEST_PIPELINE) : 1;
  const keepAlive = protocol === 'HTTP/1.1' && !(isLast && random.happens(0.5));
  return Array.from({ length }, (_, i) => {
    const cookie = `Cookie: ${'c'.repeat(random.between(1, 3000))}\r\n`;
    return makeRequest(visit, {
      ...choose(visit),
      // The last of a burst may be the last of the connection.
      keepAlive: keepAlive || i < length - 1,
      fields: random.happens(0.1) ? cookie : '',
    });
  });
}

/** Mostly small ones, as it is out there. */
function choose({ random, protocol }: Visit): RequestOptions {
  const size = random.happens(0.8) ? random.between(0, 2000) : random.between(0, 100_000);
  const version = random.happens(0.05) ? 'HTTP/1.0' : 'HTTP/1.1';
  // RFC 9112 §6.1: chunks are not for HTTP/1.0.
  const chunked = protocol === 'HTTP/1.1' && version === 'HTTP/1.1' && random.happens(0.5);
  const kind = random.next();
  if (kind < 0.2) return { kind: 'upload', size: 0, upload: size, chunked, version };
  if (kind < 0.3) return { kind: 'unread', size: 100, upload: size, chunked, version };
  if (kind < 0.32) return { kind: 'download', size: random.between(200_000, 1_000_000), version };
  const method = random.happens(0.1) ? 'HEAD' : 'GET';
  return { kind: random.pick(PLAIN), size, method, version };
}

/**
 * Sends a request, whole or in pieces.
 *
 * @returns false if the connection is over
 */
export async function send(
  { random }: Visit,
  connection: Connection,
  { head, body }: NumberedRequest,
): Promise<boolean> {
  const bytes = Buffer.concat([head, body]);
  const pieces = random.happens(0.2) ? random.between(2, 6) : 1;
  for (let i = 0, at = 0; i < pieces && !connection.isOver; i++) {
    const end = i === pieces - 1 ? bytes.length : random.between(at, bytes.length);
    await connection.send(bytes.subarray(at, end));
    at = end;
  }
  return !connection.isOver;
}

/** Calls applications that throw, before and after the head has been sent. */
async function failing(visit: Visit, connection: Connection): Promise<void> {
  const { random, ledger, protocol } = visit;
  const kind = random.pick(['fails-before', 'fails-after']);
  const request = makeRequest(visit, {
    kind,
    size: random.between(1, 40_000),
    keepAlive: protocol === 'HTTP/1.1',
  });
  await send(visit, connection, request);
  const what = `request ${request.number} (${kind})`;
  try {
    const head = await connection.response();
    if (!head && visit.stopping) return ledger.conclude(request.number, 'stopped');
    if (kind === 'fails-after') throw new Problem(`${what}: a whole response`);
    if (head?.status !== 500) throw new Problem(`${what}: status ${head?.status ?? 'none'}`);
  } catch (error) {
    if (kind !== 'fails-after' || !(error instanceof CutShort)) throw error;
  }
  connection.end();
  await connection.finish();
  ledger.conclude(request.number, 'left');
}
