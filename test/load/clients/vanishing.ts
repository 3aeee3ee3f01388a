// Clients that go away, wherever they are.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import { LARGE, makeRequest, PLAIN, receive } from '../requests.ts';
import { open, type Session } from '../session.ts';
import { send } from './good.ts';

/** Begins, and does not wait for the end. */
export async function vanishing(session: Session): Promise<void> {
  const connection = await open(session);
  try {
    const act = session.random.pick([
      inHead,
      inBody,
      beforeResponse,
      inResponse,
      stalled,
      halfClose,
    ]);
    await act(session, connection);
  } finally {
    await connection.close();
  }
}

/** Says nothing, or a part of a head. */
async function inHead(session: Session, connection: Connection): Promise<void> {
  const { random } = session;
  const { number, head } = makeRequest(session, { kind: random.pick(PLAIN), size: 500 });
  await connection.send(head.subarray(0, random.between(0, head.length - 1)));
  await goAway(session, connection);
  session.ledger.conclude(number, 'left');
}

async function inBody(session: Session, connection: Connection): Promise<void> {
  const { random, protocol } = session;
  const { number, head, body } = makeRequest(session, {
    kind: random.pick(['upload', 'unread']),
    size: 100,
    upload: random.between(1, 100_000),
    chunked: protocol === 'HTTP/1.1' && random.happens(0.5),
  });
  await connection.send(head);
  await connection.send(body.subarray(0, random.between(0, body.length - 1)));
  await goAway(session, connection);
  session.ledger.conclude(number, 'left');
}

/** Asks, perhaps for several things, and is gone. */
async function beforeResponse(session: Session, connection: Connection): Promise<void> {
  const { random } = session;
  const requests = Array.from({ length: random.between(1, 4) }, () =>
    makeRequest(session, {
      kind: random.happens(0.5) ? 'slow' : random.pick(PLAIN),
      size: random.between(0, 100_000),
      keepAlive: true,
    }),
  );
  for (const request of requests) await send(session, connection, request);
  if (random.happens(0.5)) await sleep(random.between(0, 30));
  await goAway(session, connection);
  for (const { number } of requests) session.ledger.conclude(number, 'left');
}

async function inResponse(session: Session, connection: Connection): Promise<void> {
  const { random } = session;
  const kind = random.pick(['download', 'async-generator', 'write', 'file']);
  const { number, head } = makeRequest(session, { kind, size: LARGE / 4 });
  await connection.send(head);
  for (let i = random.between(0, 20); i > 0 && (await connection.more()); i--);
  connection.reset();
  session.ledger.conclude(number, 'left');
}

/** Asks for much, and takes nothing of it. */
async function stalled(session: Session, connection: Connection): Promise<void> {
  const { number, head } = makeRequest(session, { kind: 'download', size: LARGE });
  await connection.send(head);
  await sleep(session.random.between(0, 2000));
  connection.reset();
  session.ledger.conclude(number, 'left');
}

/** Closes its side as soon as it has asked, and waits: it is still there, and is to be answered. */
async function halfClose(session: Session, connection: Connection): Promise<void> {
  const { random } = session;
  const kind = random.pick(PLAIN.filter((each) => each !== 'slow')); // Whose signal fires.
  const request = makeRequest(session, { kind, size: random.between(0, 100_000) });
  await send(session, connection, request);
  connection.end();
  if (await receive(session, connection, request)) await connection.finish();
}

/** Resets, closes, or closes one side and looks at nothing that comes. */
async function goAway({ random }: Session, connection: Connection): Promise<void> {
  const how = random.pick(['reset', 'close', 'end']);
  if (how === 'reset') connection.reset();
  else if (how === 'close') await connection.close();
  else {
    connection.end();
    while (await connection.more());
  }
}
