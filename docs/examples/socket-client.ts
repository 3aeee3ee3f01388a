// The client to socket-server.ts: it says "hello" and prints the answer. Nothing tells it where the
// answer ends but that the server hangs up. Try it against a server that you know, with a request
// that this server understands.

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const connection = connect(Number(process.argv[2] ?? 9600), '127.0.0.1');
connection.end('hello');
console.log(await text(connection));
