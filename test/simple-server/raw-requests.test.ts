// Bytes on a real socket: what becomes of each request of the table, however it is cut.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { byteByByte, exchange, randomly, type Split, whole } from '../support/raw-client.ts';
import { errorReply, withoutDate } from '../support/reply.ts';
import { type Running, serve } from '../support/serve.ts';
import { withoutTimes } from '../support/standard-error.ts';
import type { WSGIServer } from '@wsgiref/simple-server';
import { bytesOf, rawRequests, type Refused, type Served } from './raw-requests.mjs';
import { ShowingApp } from './showing-app.ts';

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'Bad request syntax or unsupported method',
  413: 'Content is too large',
  414: 'URI is too long',
  501: 'Server does not support this operation',
  505: 'Cannot fulfill request',
};

const SPLITS: readonly [name: string, split: Split][] = [
  ['whole', whole],
  ['byte by byte', byteByByte],
  ['cut at random (1)', randomly(1)],
  ['cut at random (2)', randomly(2)],
  ['cut at random (3)', randomly(3)],
];

const app = new ShowingApp();
let running: Running<WSGIServer>;

beforeAll(async () => {
  running = await serve(app);
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

/** The first line, without its end. */
function firstLine(bytes: string): string {
  return bytes.split('\n', 1)[0]!.replace(/\r$/, '');
}

/** The line as it stands in the log. */
function logged(line: string): string {
  return line.replace(/[\x00-\x1f\x7f-\x9f\\]/g, (character) =>
    character === '\\' ? '\\\\' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function expectedReply(answer: Served | Refused | null, isSimple: boolean): string {
  if (answer === null) return '';
  if ('code' in answer) {
    const { code, message } = answer;
    return errorReply({ code, message, explain: answer.explain ?? EXPLANATIONS[code]! });
  }
  if (isSimple) return answer.body;
  return (
    'HTTP/1.0 200 OK\r\nDate: -\r\nServer: WSGIServer/0.2 Node.js/-\r\n' +
    'Content-Type: application/octet-stream\r\n' +
    `Content-Length: ${answer.body.length}\r\n\r\n${answer.body}`
  );
}

function expectedLog(answer: Served | Refused | null, line: string): string {
  if (answer === null) return '';
  if (!('code' in answer)) {
    return `127.0.0.1 - - [-] "${logged(line)}" 200 ${answer.body.length}\n`;
  }
  const { code, message } = answer;
  return (
    `127.0.0.1 - - [-] code ${code}, message ${logged(message)}\n` +
    `127.0.0.1 - - [-] "${code === 414 ? '' : logged(line)}" ${code} -\n`
  );
}

describe('each request gets its answer, however it is cut', () => {
  test.each(rawRequests)('$name', async ({ request, halfClose = false, answer }) => {
    const bytes = bytesOf(request);
    const line = firstLine(bytes);
    const variables = answer && 'environ' in answer ? answer.environ : null;
    const isSimple = variables?.SERVER_PROTOCOL === 'HTTP/0.9';
    const seen = variables && {
      variables: {
        SERVER_NAME: 'localhost',
        SERVER_PORT: String(running.port),
        GATEWAY_INTERFACE: 'CGI/1.1',
        SERVER_SOFTWARE: 'WSGIServer/0.2',
        SERVER_PROTOCOL: 'HTTP/1.0',
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '',
        PATH_INFO: '/',
        QUERY_STRING: '',
        REMOTE_ADDR: '127.0.0.1',
        CONTENT_LENGTH: '',
        ...variables,
      },
      body: (answer as Served).body,
    };
    for (const [cut, split] of SPLITS) {
      app.seen.length = 0;
      const before = running.stderr.text.length;
      const reply = await exchange(running, bytes, { split, halfClose });
      const log = withoutTimes(running.stderr.text.slice(before));
      expect({ cut, reply: withoutDate(reply), log, seen: app.seen }).toEqual({
        cut,
        reply: expectedReply(answer, isSimple),
        log: expectedLog(answer, line),
        seen: seen ? [seen] : [],
      });
    }
  });

  test('the requests have different names', () => {
    expect(new Set(rawRequests.map(({ name }) => name)).size).toBe(rawRequests.length);
  });
});
