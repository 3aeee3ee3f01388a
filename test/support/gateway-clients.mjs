// The web server's side of the gateway protocols, written from their texts and not from the packages.
// Plain JavaScript, since scripts/conformance.mjs runs it without a compiler.

import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** FastCGI §8. */
export const fcgi = {
  BEGIN_REQUEST: 1,
  ABORT_REQUEST: 2,
  END_REQUEST: 3,
  PARAMS: 4,
  STDIN: 5,
  STDOUT: 6,
  STDERR: 7,
  DATA: 8,
  GET_VALUES: 9,
  GET_VALUES_RESULT: 10,
  UNKNOWN_TYPE: 11,
};

/** An SCGI request. */
export function scgiRequest(environ, body = Buffer.alloc(0)) {
  const { CONTENT_LENGTH = String(body.length), ...rest } = environ;
  const headers = Object.entries({ CONTENT_LENGTH, SCGI: '1', ...rest });
  const block = Buffer.from(
    headers.map(([name, value]) => `${name}\0${value}\0`).join(''),
    'latin1',
  );
  return Buffer.concat([Buffer.from(`${block.length}:`), block, Buffer.from(','), body]);
}

/** A uwsgi request. */
export function uwsgiRequest(environ, body = Buffer.alloc(0)) {
  const vars = Buffer.concat(
    Object.entries(environ).flatMap((pair) =>
      pair.flatMap((text) => {
        const size = Buffer.alloc(2);
        size.writeUInt16LE(text.length);
        return [size, Buffer.from(text, 'latin1')];
      }),
    ),
  );
  const header = Buffer.alloc(4);
  header.writeUInt16LE(vars.length, 1);
  return Buffer.concat([header, vars, body]);
}

/** A FastCGI record. */
export function fcgiRecord(type, id = 0, content = Buffer.alloc(0), padding = 0) {
  const header = Buffer.from([1, type, 0, 0, 0, 0, padding, 0]);
  header.writeUInt16BE(id, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(padding, 0xff)]);
}

/** FastCGI name-value pairs. */
export function fcgiPairs(values) {
  return Buffer.concat(
    Object.entries(values).flatMap(([name, value]) => [
      fcgiLength(name.length),
      fcgiLength(value.length),
      Buffer.from(name, 'latin1'),
      Buffer.from(value, 'latin1'),
    ]),
  );
}

function fcgiLength(length) {
  if (length < 128) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length + 0x80000000);
  return bytes;
}

/** The record that begins a FastCGI request. */
export function fcgiBegin(id, { role = 1, keep = false } = {}) {
  return fcgiRecord(fcgi.BEGIN_REQUEST, id, Buffer.from([0, role, keep ? 1 : 0, 0, 0, 0, 0, 0]));
}

/** A FastCGI stream: records of at most `size` bytes, padded, and the empty one at its end. */
export function fcgiStream(type, id, content, size = 65535, padding = 0) {
  const records = [];
  for (let at = 0; at < content.length; at += size) {
    records.push(fcgiRecord(type, id, content.subarray(at, at + size), padding));
  }
  return Buffer.concat([...records, fcgiRecord(type, id)]);
}

/** A whole FastCGI request. */
export function fcgiRequest(
  environ,
  body = Buffer.alloc(0),
  { id = 1, role = 1, keep = false, size = 65535, padding = 0 } = {},
) {
  return Buffer.concat([
    fcgiBegin(id, { role, keep }),
    fcgiStream(fcgi.PARAMS, id, fcgiPairs(environ), size, padding),
    fcgiStream(fcgi.STDIN, id, body, size, padding),
  ]);
}

/** The whole records at the beginning of what has come from a FastCGI server, and what is left. */
export function splitFcgi(bytes) {
  const records = [];
  let at = 0;
  while (bytes.length - at >= 8) {
    const size = 8 + bytes.readUInt16BE(at + 4) + bytes[at + 6];
    if (bytes.length - at < size) break;
    const content = bytes.subarray(at + 8, at + 8 + bytes.readUInt16BE(at + 4));
    records.push({ type: bytes[at + 1], id: bytes.readUInt16BE(at + 2), content });
    at += size;
  }
  return { records, rest: bytes.subarray(at) };
}

/** What has come back of one request: its streams, and the protocol status of its end. */
export function fcgiResponse(records, id = 1) {
  const own = records.filter((record) => record.id === id);
  const stream = (type) =>
    Buffer.concat(own.filter((record) => record.type === type).map(({ content }) => content));
  const end = own.find(({ type }) => type === fcgi.END_REQUEST);
  return {
    stdout: stream(fcgi.STDOUT),
    stderr: stream(fcgi.STDERR).toString('utf8'),
    status: end ? end.content[4] : null,
  };
}

/** Sends a request, and returns all that comes until the server closes the connection. */
export async function ask(address, request) {
  const socket = connect(address);
  // The server may have answered, and gone, before it has read everything.
  socket.on('error', () => {});
  socket.write(request);
  return await buffer(socket);
}
