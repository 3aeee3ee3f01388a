// Clients that take their time: within the limits, so that they are served, and beyond them.

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, Problem } from '../connection.ts';
import { LARGE, makeRequest, type NumberedRequest, PLAIN, receive } from '../requests.ts';
import { open, type Visit } from '../visit.ts';

/** Bytes that a slow reader takes at a time. */
const SIP = 250_000;

/** Bytes that the system may keep of a connection before it takes more. */
const KEPT_BY_SYSTEM = 4_000_000;

/** A request, or the response to one, at a crawl. */
export async function slow(visit: Visit): Promise<void> {
  const connection = await open(visit);
  try {
    const acts = [slowHead, slowBody, slowReader, lateHead, lateBody];
    if (visit.protocol === 'HTTP/1.1') acts.push(idle);
    const act = visit.random.pick(acts);
    await act(visit, connection);
  } finally {
    await connection.close();
  }
}

/** Sends the head in many pieces. */
async function slowHead(visit: Visit, connection: Connection): Promise<void> {
  const request = makeRequest(visit, { kind: visit.random.pick(PLAIN), size: 500 });
  const started = performance.now();
  await drip(visit, connection, request.head, visit.limits.headTimeout * 400);
  const taken = (performance.now() - started) / 1000;
  // On a machine that was too busy to send in time, the server may be right to give up.
  if (taken > visit.limits.headTimeout / 2) return giveUp(visit, connection, request);
  await settle(visit, connection, request);
}

/** Sends the body in many pieces. */
async function slowBody(visit: Visit, connection: Connection): Promise<void> {
  const chunked = visit.protocol === 'HTTP/1.1' && visit.random.happens(0.5);
  const upload = visit.random.between(10, 2000);
  const request = makeRequest(visit, { kind: 'upload', size: 0, upload, chunked });
  await connection.send(request.head);
  const longest = await drip(visit, connection, request.body, visit.limits.bodyTimeout * 1500);
  if (longest > visit.limits.bodyTimeout / 2) return giveUp(visit, connection, request);
  await settle(visit, connection, request);
}

/** Takes a large response in small pieces; what is not taken stays with the application. */
async function slowReader(visit: Visit, connection: Connection): Promise<void> {
  const request = makeRequest(visit, { kind: 'download', size: LARGE });
  await connection.send(request.head);
  const started = performance.now();
  let pieces = 0;
  const pace = async (): Promise<void> => {
    if (++pieces % Math.ceil(SIP / 65_536) === 0) await sleep(visit.random.between(1, 15));
  };
  try {
    await settle(visit, connection, request, pace);
  } catch (error) {
    // On a machine that was too busy to take it, the server may be right to give up.
    const rate = connection.socket.bytesRead / (performance.now() - started);
    const longest = KEPT_BY_SYSTEM / rate / 1000;
    const { timeout } = visit.limits;
    if (timeout === null || longest < timeout / 2) throw error;
    await giveUp(visit, connection, request);
  }
}

/** Begins a head, and leaves it at that. */
async function lateHead(visit: Visit, connection: Connection): Promise<void> {
  const { random, ledger, protocol } = visit;
  const { number, head } = makeRequest(visit, { kind: random.pick(PLAIN), size: 500 });
  await connection.send(head.subarray(0, random.between(0, head.length - 1)));
  const isSilent = connection.socket.bytesWritten === 0;
  const response = await connection.response();
  await connection.finish();
  ledger.conclude(number, 'left');
  if (visit.stopping) return;
  const status = response?.status ?? null;
  // Of a connection on which nothing was said there is nothing to say; with a `timeout`, of none.
  const mayBe = isSilent ? [null] : protocol === 'HTTP/1.1' ? [408] : [408, null];
  if (!mayBe.includes(status)) throw new Problem(`a head that does not end: status ${status}`);
}

/** Begins a body, and leaves it at that. */
async function lateBody(visit: Visit, connection: Connection): Promise<void> {
  const { random, ledger } = visit;
  const request = makeRequest(visit, {
    kind: 'upload',
    size: 0,
    upload: 2000,
    chunked: visit.protocol === 'HTTP/1.1' && random.happens(0.5),
  });
  const { number, head, body } = request;
  await connection.send(
    Buffer.concat([head, body.subarray(0, random.between(0, body.length - 1))]),
  );
  const response = await connection.response();
  await connection.finish();
  ledger.conclude(number, 'left');
  if (visit.stopping && !response) return;
  if (response?.status !== 408) {
    throw new Problem(`a body that does not end: status ${response?.status ?? 'none'}`);
  }
}

/** Asks once, and keeps the connection for nothing. */
async function idle(visit: Visit, connection: Connection): Promise<void> {
  const { random, limits } = visit;
  const request = makeRequest(visit, { kind: random.pick(PLAIN), size: 500, keepAlive: true });
  const sent = performance.now();
  await connection.send(request.head);
  if (!(await receive(visit, connection, request))) return;
  await connection.finish();
  const kept = (performance.now() - sent) / 1000;
  if (kept < limits.keepAliveTimeout && !visit.stopping) {
    throw new Problem(`an idle connection was closed after ${kept.toFixed(2)} s`);
  }
}

/**
 * Sends bytes in pieces.
 *
 * @param milliseconds how long it takes, about
 * @returns the longest time between two pieces, in seconds
 */
async function drip(
  { random }: Visit,
  connection: Connection,
  bytes: Uint8Array,
  milliseconds: number,
): Promise<number> {
  const pieces = Math.min(bytes.length, random.between(10, 60));
  let longest = 0;
  let before = performance.now();
  for (let i = 0; i < pieces && !connection.isOver; i++) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * bytes.length) / pieces));
    await connection.send(bytes.subarray(from, to));
    if (i < pieces - 1) await sleep((random.next() * 2 * milliseconds) / pieces);
    longest = Math.max(longest, performance.now() - before);
    before = performance.now();
  }
  return longest / 1000;
}

async function settle(
  visit: Visit,
  connection: Connection,
  request: NumberedRequest,
  pace?: () => Promise<void>,
): Promise<void> {
  const head = await receive(visit, connection, request, pace ? { pace } : {});
  if (head) await connection.finish();
}

async function giveUp(
  { ledger }: Visit,
  connection: Connection,
  { number }: NumberedRequest,
): Promise<void> {
  connection.reset();
  ledger.conclude(number, 'left');
}
