// Looks whether a server does what its scenario says, before it is measured.

import { connect } from 'node:net';

/** Milliseconds that it may take. */
const TIMEOUT = 5_000;

/**
 * Sends the requests of a scenario over one connection, and checks the responses.
 *
 * @param {string} url where the server is
 * @param {object} scenario what to send; see `scenarios.mjs`
 * @returns {Promise<number>} the length of one response in bytes
 */
export async function probe(url, { request, pipeline, keepAlive, body }) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setTimeout(TIMEOUT, () => socket.destroy(new Error('the server does not answer')));
  socket.setEncoding('latin1');
  const chunks = socket.iterator();
  const lengths = new Set();
  let received = '';

  /** Returns false at the end of the connection. */
  const receive = async () => {
    const { done, value } = await chunks.next();
    if (!done) received += value;
    return !done;
  };

  try {
    for (let turn = 0; turn < (keepAlive ? 2 : 1); turn++) {
      socket.write(request.repeat(pipeline), 'latin1');
      for (let i = 0; i < pipeline; i++) {
        let length;
        while ((length = responseLength(received)) === null || received.length < length) {
          if (await receive()) continue;
          throw new Error(
            turn + i > 0
              ? 'the server closed the connection, which should have stayed open'
              : `the server closed the connection early: ${JSON.stringify(received)}`,
          );
        }
        check(received.slice(0, length), body);
        lengths.add(length);
        received = received.slice(length);
      }
    }
    if (received !== '' || (!keepAlive && (await receive()))) {
      throw new Error(`the server sent more than it should: ${JSON.stringify(received)}`);
    }
  } finally {
    socket.destroy();
  }
  if (lengths.size > 1) throw new Error(`responses differ in length: ${[...lengths]}`);
  return [...lengths][0];
}

function responseLength(text) {
  const end = text.indexOf('\r\n\r\n') + 4;
  if (end < 4) return null;
  const length = /^content-length: *([0-9]+)\r$/im.exec(text.slice(0, end));
  if (!length) throw new Error(`a response without Content-Length: ${JSON.stringify(text)}`);
  return end + Number(length[1]);
}

function check(response, body) {
  if (/^HTTP\/1\.[01] 200 /.test(response) && response.endsWith(`\r\n\r\n${body}`)) return;
  throw new Error(`not what it should answer: ${JSON.stringify(response)}`);
}
