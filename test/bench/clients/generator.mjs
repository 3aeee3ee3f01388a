// A load generator for machines without wrk; its argument is the job, its output the result.
//
// It counts responses by their length, which the harness has seen to be always the same.

import { connect } from 'node:net';

const job = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(job.url);
const payload = Buffer.from(job.request.repeat(job.pipeline), 'latin1');
const expected = job.responseLength * job.pipeline;
const errors = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };
const sockets = new Set();
let requests = 0;
let stopped = false;

function open() {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  sockets.add(socket);
  let received = 0;
  let connected = false;
  const send = () => {
    received = 0;
    socket.write(payload);
  };
  socket.on('connect', () => {
    connected = true;
    send();
  });
  socket.on('data', (block) => {
    if (received === 0 && !/^HTTP\/1\.[01] 200 /.test(block.latin1Slice(0, 13))) errors.status++;
    received += block.length;
    if (received < expected) return;
    if (!stopped) requests += job.pipeline;
    // A server that closes has ended, or is about to: nothing more is sent then.
    if (job.keepAlive) send();
  });
  socket.on('error', () => {
    if (!stopped) errors[connected ? 'read' : 'connect']++;
  });
  socket.on('close', () => {
    sockets.delete(socket);
    if (stopped) return;
    if (connected && received < expected) errors.read++;
    setImmediate(open);
  });
}

const start = process.hrtime.bigint();
for (let i = 0; i < job.connections; i++) open();
setTimeout(() => {
  stopped = true;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  for (const socket of sockets) socket.destroy();
  process.stdout.write(JSON.stringify({ requests, seconds, errors }));
}, job.seconds * 1000);
