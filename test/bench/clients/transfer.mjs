// Sends requests one after another over one connection, with a body as long as its argument, the job,
// says, and throws the responses away. Its output is how many there were in how long.

import { once } from 'node:events';
import { connect } from 'node:net';

const { url, head, bodyLength, count, seconds } = JSON.parse(process.argv[2]);
const BLOCK = Buffer.alloc(65536, 'x');
const { hostname, port } = new URL(url);

// One buffer for all that arrives, so that the client costs little beside the server.
const onread = { buffer: Buffer.alloc(1024 * 1024), callback: receive };
const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
socket.on('error', fail).on('close', () => fail(new Error('the server closed the connection')));
await once(socket, 'connect');

let rest = null; // Bytes of the response still to come; null before the end of its head.
let received = '';
let answered = () => {};

function receive(size, buffer) {
  if (rest !== null) rest -= size;
  else {
    received += buffer.latin1Slice(0, size);
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return true;
    const length = /^HTTP\/1\.1 200 [^]*^content-length: *([0-9]+)\r$/im.exec(received);
    if (!length) fail(new Error(`not what it should answer: ${JSON.stringify(received)}`));
    rest = end + 4 + Number(length[1]) - received.length;
  }
  if (rest < 0) fail(new Error('the server sent more than it should'));
  if (rest === 0) answered();
  return true;
}

async function exchange() {
  rest = null;
  received = '';
  const response = new Promise((resolve) => (answered = resolve));
  socket.write(head, 'latin1');
  for (let unsent = bodyLength; unsent > 0; unsent -= BLOCK.length) {
    if (socket.write(unsent < BLOCK.length ? BLOCK.subarray(0, unsent) : BLOCK)) continue;
    await once(socket, 'drain');
  }
  await response;
}

function fail(error) {
  console.error(error.message);
  process.exit(1);
}

const start = performance.now();
const elapsed = () => (performance.now() - start) / 1000;
let requests = 0;
do {
  await exchange();
  requests++;
} while (count === undefined ? elapsed() < seconds : requests < count);
process.stdout.write(JSON.stringify({ requests, seconds: elapsed() }), () => process.exit());
