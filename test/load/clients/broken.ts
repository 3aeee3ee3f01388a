// Clients that send what no client should.

import { corpus, type Row } from '../../simple-server/http1-corpus/corpus.ts';
import { OTHER } from '../applications.ts';
import { type Connection, Problem } from '../connection.ts';
import type { Random } from '../random.ts';
import { open, type Visit } from '../visit.ts';

/** Longer ones are about limits that the corpus is tested for; here they would take the time. */
const rows = corpus.filter(({ bytes }) => bytes.length < 2000);

/** What the corpus says of a row holds for HTTP/1.1, and where a response has a head. */
const certain = rows.filter(({ requests }) => requests.every((r) => r.version !== 'HTTP/0.9'));

/** What matters to a parser. */
const TOKENS = ['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', ';', '\r\n\r\n', '0', '\x80', '%'];

/** Sent after what is certain, as the corpus asks. */
const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n';

/** Sends a row of the corpus, as it is or spoilt, and looks at what comes back. */
export async function broken(visit: Visit): Promise<void> {
  const connection = await open(visit);
  const { random, protocol } = visit;
  try {
    if (protocol === 'HTTP/1.1' && random.happens(0.5)) {
      await expectOutcome(visit, connection, random.pick(certain));
    } else {
      await expectSense(visit, connection, spoil(random.pick(rows).bytes, random));
    }
  } finally {
    await connection.close();
  }
}

/** What comes is what the corpus says. */
async function expectOutcome(visit: Visit, connection: Connection, row: Row): Promise<void> {
  const { name, requests, status, eof = false } = row;
  await connection.send(Buffer.from(eof ? row.bytes : row.bytes + NEXT, 'latin1'));
  connection.end();
  const methods = requests.map(({ method }) => method);
  const goesOn = !eof && status === null && (requests.at(-1)?.keepAlive ?? true);
  if (goesOn) methods.push('GET');
  const expected = [...methods.map(() => 200), ...(status === null ? [] : [status])];
  const got: number[] = [];
  for (const i of expected.keys()) {
    // The page of an error is left out of a response to HEAD: it is read until the end.
    const head = await connection.response({ method: methods[i] ?? 'HEAD' });
    if (!head) break;
    got.push(head.status);
  }
  if (status === null || got.length < expected.length) await connection.finish();
  else while (await connection.more());
  if (visit.stopping && got.length < expected.length) return;
  if (String(got) !== String(expected)) {
    throw new Problem(`row ${JSON.stringify(name)}: ${got.join(', ')} instead of ${expected}`);
  }
}

/**
 * Nobody knows what is to come, but that it is a series of responses, an error at its end at most, and
 * then the end of the connection: by itself, even if the client closes nothing.
 */
async function expectSense(visit: Visit, connection: Connection, bytes: string): Promise<void> {
  await connection.send(Buffer.from(bytes, 'latin1'));
  const isEnded = visit.random.happens(0.5);
  if (isEnded) connection.end();
  while (await connection.more());
  if (visit.stopping) return;
  const reply = connection.rest.toString('latin1');
  // With a `timeout`, a head that does not end may end in silence.
  if (reply === '' && !isEnded && visit.limits.timeout !== null) return;
  const complaint = judge(reply, bytes);
  if (complaint) {
    const [asked, got] = [bytes, reply.slice(0, 500)].map((text) => JSON.stringify(text));
    throw new Problem(`${complaint}: ${asked} got ${got}`);
  }
}

/** Returns what is wrong with all that was sent on a connection; null if nothing is. */
function judge(reply: string, bytes: string): string | null {
  let rest = reply;
  let answers = 0;
  for (; rest.startsWith('HTTP/1.'); answers++) {
    const end = rest.indexOf('\r\n\r\n') + 4;
    const head = rest.slice(0, end);
    const [, status] =
      /^HTTP\/1\.[01] ([0-9]{3}) [^\r\n]*\r\n(?:[!-9;-~]+: [^\r\n]*\r\n)*\r\n$/.exec(head) ?? [];
    if (status === undefined) return 'a malformed head';
    rest = rest.slice(end);
    if (status === '100') continue;
    const length = Number(/^Content-Length: ([0-9]+)\r$/m.exec(head)?.[1] ?? NaN);
    if (status === '200') {
      const body = /^X-Method: HEAD\r$/m.test(head) ? '' : OTHER;
      if (length !== OTHER.length && body !== '') return 'a response without its length';
      if (!rest.startsWith(body)) return 'a body that is none of the application';
      rest = rest.slice(body.length);
    } else {
      if (!/^[45]/.test(status)) return `status ${status}`;
      if (rest !== '' && rest.length !== length) return 'more than an error at the end';
      return /^Connection: close\r$/m.test(head) || head.startsWith('HTTP/1.0')
        ? null
        : 'an error that does not close the connection';
    }
  }
  // HTTP/0.9 has no heads, and nothing to say to a HEAD; one that asks for it by name may be late.
  if (rest === OTHER) return null;
  if (
    bytes.includes('HTTP/0.9') &&
    /^<!DOCTYPE[^]*<p>Error code: 408<\/p>[^]*<\/html>\n$/.test(rest)
  ) {
    return null;
  }
  if (rest !== '') return 'bytes that are no response';
  const isSilent =
    /^\s*$/.test(bytes.split('\n')[0]!) || /HEAD [^ \n]*(?: HTTP\/0\.9)?\r?(?:\n|$)/.test(bytes);
  return answers > 0 || isSilent ? null : 'no answer';
}

/** Changes a few bytes. */
function spoil(bytes: string, random: Random): string {
  let spoilt = bytes;
  for (let i = random.between(0, 3); i > 0; i--) {
    const at = random.between(0, spoilt.length);
    const added = random.pick([
      random.pick(TOKENS),
      String.fromCharCode(random.between(0, 255)),
      '',
      spoilt.slice(at, at + random.between(1, 30)),
    ]);
    spoilt = spoilt.slice(0, at) + added + spoilt.slice(at + random.between(0, 5));
  }
  return spoilt;
}
