// Opens connections, has one request answered on each, and leaves them open until the standard input
// ends. Its argument is the job. It says when they are open, and how many still are when it is asked.

import { once } from 'node:events';
import { connect } from 'node:net';

const { url, localAddress, connections, request, responseLength } = JSON.parse(process.argv[2]);

/** How many are opened at a time, so that no queue overflows. */
const AT_A_TIME = 50;

const { hostname, port } = new URL(url);
let opened = 0;
let open = 0;

async function add() {
  const socket = connect({ host: hostname, port: Number(port), localAddress });
  socket.on('close', () => open--);
  await once(socket, 'connect');
  open++;
  let received = 0;
  const answered = new Promise((resolve) => {
    socket.on('data', (block) => (received += block.length) >= responseLength && resolve());
  });
  socket.write(request, 'latin1');
  await Promise.race([answered, once(socket, 'end')]);
}

async function addInTurn() {
  while (opened++ < connections) await add();
}

await Promise.all(Array.from({ length: AT_A_TIME }, addInTurn));
console.log('open');
process.stdin
  .on('data', () => console.log(JSON.stringify({ open })))
  .on('end', () => process.exit());
