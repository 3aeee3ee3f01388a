// Clients that go away, wherever they are.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import { LARGE, makeRequest, PLAIN, receive } from '../requests.ts';
import { open, type Visit } from '../visit.ts';
import { send } from './good.ts';

/** Begins, and does not wait for the end. */
export async function vanishing(visit: Visit): Promise<void> {
  const connection = await open(visit);
  try {
    const act = visit.random.pick([inHead, inBody, beforeResponse, inResponse, stalled, halfClose]);
    await act(visit, connection);
  } finally {
    await connection.close();
  }
}

/** Says nothing, or a part of a head. */
async function inHead(visit: Visit, connection: Connection): Promise<void> {
  const { random } = visit;
  const { number, head } = makeRequest(visit, { kind: random.pick(PLAIN), size: 500 });
  await connection.send(head.subarray(0, random.between(0, head.length - 1)));
  await goAway(visit, connection);
  visit.ledger.conclude(number, 'left');
}

async function inBody(visit: Visit, connection: Connection): Promise<void> {
  const { random, protocol } = visit;
  const { number, head, body } = makeRequest(visit, {
    kind: random.pick(['upload', 'unread']),
    size: 100,
    upload: random.between(1, 100_000),
    chunked: protocol === 'HTTP/1.1' && random.happens(0.5),
  });
  await connection.send(head);
  await connection.send(body.subarray(0, random.between(0, body.length - 1)));
  await goAway(visit, connection);
  visit.ledger.conclude(number, 'left');
}

/** Asks, perhaps for several things, and is gone. */
async function beforeResponse(visit: Visit, connection: Connection): Promise<void> {
  const { random } = visit;
  const requests = Array.from({ length: random.between(1, 4) }, () =>
    makeRequest(visit, {
      kind: random.happens(0.5) ? 'slow' : random.pick(PLAIN),
      size: random.between(0, 100_000),
      keepAlive: true,
    }),
  );
  for (const request of requests) await send(visit, connection, request);
  if (random.happens(0.5)) await sleep(random.between(0, 30));
  await goAway(visit, connection);
  for (const { number } of requests) visit.ledger.conclude(number, 'left');
}

async function inResponse(visit: Visit, connection: Connection): Promise<void> {
  const { random } = visit;
  const kind = random.pick(['download', 'async-generator', 'write', 'file']);
  const { number, head } = makeRequest(visit, { kind, size: LARGE / 4 });
  await connection.send(head);
  for (let i = random.between(0, 20); i > 0 && (await connection.more()); i--);
  connection.reset();
  visit.ledger.conclude(number, 'left');
}

/** Asks for much, and takes nothing of it. */
async function stalled(visit: Visit, connection: Connection): Promise<void> {
  const { number, head } = makeRequest(visit, { kind: 'download', size: LARGE });
  await connection.send(head);
  await sleep(visit.random.between(0, 2000));
  connection.reset();
  visit.ledger.conclude(number, 'left');
}

/** Closes its side as soon as it has asked, and waits: it is still there, and is to be answered. */
async function halfClose(visit: Visit, connection: Connection): Promise<void> {
  const { random } = visit;
  const kind = random.pick(PLAIN.filter((each) => each !== 'slow')); // Whose signal fires.
  const request = makeRequest(visit, { kind, size: random.between(0, 100_000) });
  await send(visit, connection, request);
  connection.end();
  if (await receive(visit, connection, request)) await connection.finish();
}

/** Resets, closes, or closes one side and looks at nothing that comes. */
async function goAway({ random }: Visit, connection: Connection): Promise<void> {
  const how = random.pick(['reset', 'close', 'end']);
  if (how === 'reset') connection.reset();
  else if (how === 'close') await connection.close();
  else {
    connection.end();
    while (await connection.more());
  }
}
