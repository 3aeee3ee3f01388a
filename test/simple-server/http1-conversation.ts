// What a connection of HTTP/1.1 comes to: which requests were served, and how it ended.

import {
  parseRequestHead,
  RequestHeadError,
  WSGIRequestHandler,
  WSGIServer,
} from '@wsgiref/simple-server';
import type { SocketReader, SocketWriter } from '@wsgiref/simple-server';
import type { Awaitable, StartResponse, WSGIEnvironment } from '@wsgiref/types';
import { BufferedReader, decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import type { Split } from '../support/raw-client.ts';
import type { ExpectedRequest } from './http1-corpus/corpus.ts';
import { WriteLog } from './in-memory.ts';

/** What a connection came to. */
export interface Outcome {
  /** What was served. */
  requests: ExpectedRequest[];
  /** What was answered after that; null, nothing. */
  status: number | null;
}

type Served = Omit<ExpectedRequest, 'keepAlive'>;

/** Has an application see the request as the parser has it. */
const REQUEST = 'test.request';

/** Speaks HTTP/1.1, and logs nothing. */
export class QuietHandler extends WSGIRequestHandler {
  override protocolVersion = 'HTTP/1.1';

  override getEnviron(): WSGIEnvironment {
    const environ = super.getEnviron();
    environ[REQUEST] = {
      method: this.command,
      target: this.path,
      version: this.requestVersion,
      headers: this.headers.items(),
    };
    return environ;
  }

  override logMessage(): void {}
}

/** Reads the body, remembers the request, and answers with its number. */
export class RememberingApp {
  readonly seen: Served[] = [];

  readonly __call__ = async (
    environ: WSGIEnvironment,
    startResponse: StartResponse,
  ): Promise<Uint8Array[]> => {
    const body = decodeLatin1(await environ['wsgi.input'].read());
    this.seen.push({ ...(environ[REQUEST] as Omit<Served, 'body'>), body });
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [encodeLatin1(answer(this.seen.length))];
  };
}

function answer(number: number): string {
  return `answer ${number}`;
}

/**
 * Reads what a server has sent.
 *
 * @param reply all that it has sent before it closed the connection
 * @param seen what was served meanwhile
 * @throws {Error} if it is not an answer to each request, in their order, and at most one error, after
 *   which nothing comes
 */
export function readOutcome(reply: string, seen: readonly Served[]): Outcome {
  let rest = reply;
  const requests = seen.map((served, i): ExpectedRequest => {
    const text = answer(i + 1);
    const body = served.method === 'HEAD' ? '' : text;
    if (served.version === 'HTTP/0.9') {
      if (!rest.startsWith(body)) throw unexpected(rest, text);
      rest = rest.slice(body.length);
      return { ...served, keepAlive: false };
    }
    rest = rest.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
    const head = /^HTTP\/1\.1 200 OK\r\n(?:[!-9;-~]+: [\t -~]*\r\n)+\r\n/.exec(rest)?.[0];
    if (head === undefined) throw unexpected(rest, 'a response');
    if (!head.includes(`\r\nContent-Length: ${text.length}\r\n`)) {
      throw unexpected(head, 'its length');
    }
    if (!rest.startsWith(body, head.length)) throw unexpected(rest, text);
    rest = rest.slice(head.length + body.length);
    return { ...served, keepAlive: !head.includes('\r\nConnection: close\r\n') };
  });
  return { requests, status: readError(rest) };
}

/** Statuses for what a client gets wrong, or what is not implemented. */
const ERRORS = /^HTTP\/1\.1 (400|408|413|414|431|501|505) [\t -~\x80-\xff]*\r\n/;

function readError(reply: string): number | null {
  // An application that begins to read has the client go on before it is known what comes.
  const rest = reply.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  if (rest === '') return null;
  // To a request that says HTTP/0.9, and whose body is not what it says, there is no head to send.
  if (/^the request body ended after \d+ of the \d+ bytes of its Content-Length$/.test(rest))
    return 400;
  const status = ERRORS.exec(rest)?.[1];
  const end = rest.indexOf('\r\n\r\n') + 4;
  const length = /\r\nContent-Length: (\d+)\r\n/.exec(rest.slice(0, end))?.[1];
  if (status === undefined || length === undefined) throw unexpected(rest, 'an error');
  if (!rest.slice(0, end).includes('\r\nConnection: close\r\n')) {
    throw unexpected(rest, 'Connection: close');
  }
  // The method may have been HEAD.
  if (rest.length !== end && rest.length !== end + Number(length)) {
    throw unexpected(rest, 'nothing after an error');
  }
  return Number(status);
}

function unexpected(reply: string, expected: string): Error {
  return new Error(`expected ${expected} in ${JSON.stringify(reply.slice(0, 1000))}`);
}

/** What a client sends, in pieces: the next of them comes when it is waited for. */
class PieceReader extends BufferedReader {
  readonly #pieces: Iterator<Uint8Array>;
  readonly #isWhole: boolean;

  constructor(pieces: readonly Uint8Array[]) {
    super();
    this.#pieces = pieces.values();
    this.#isWhole = pieces.length === 1;
  }

  /** What comes in one piece is there at once. */
  protected override _pull(): Awaitable<Uint8Array> {
    const piece = this.#pieces.next().value ?? new Uint8Array(0);
    return this.#isWhole ? piece : Promise.resolve(piece);
  }
}

/** The server of {@link converse}; an error that the connection ends with is thrown. */
class MemoryServer extends WSGIServer {
  override serverBind(): Promise<void> {
    [this.serverName, this.serverPort] = ['localhost', 80];
    this.setupEnviron();
    return Promise.resolve();
  }
}

/**
 * Sends bytes to a server without a socket; the client closes its side after them.
 *
 * @throws whatever the connection ends with but an answer
 */
export async function converse(bytes: string, split: Split): Promise<Outcome> {
  const pieces = split(Buffer.from(bytes, 'latin1'));
  const output = new WriteLog();
  const app = new RememberingApp();
  class Handler extends QuietHandler {
    override setup(): void {
      this.rfile = new PieceReader(pieces) as unknown as SocketReader;
      this.wfile = output as unknown as SocketWriter;
    }

    override async finish(): Promise<void> {}
  }
  const server = new MemoryServer(['', 0], Handler);
  await server.serverBind();
  server.setApp(app);
  await server.finishRequest(undefined as never, ['127.0.0.1', 8888]);
  return readOutcome(output.text, app.seen);
}

/**
 * Parses the head of the first request, by itself.
 *
 * @param bytes what a client sends: it begins with a request, or with one empty line before it
 * @returns what the head says; the status code if it is refused
 */
export function parseFirstHead(bytes: string): Omit<ExpectedRequest, 'body'> | number {
  try {
    const { method, target, version, headers, persistent } = parseRequestHead(
      Buffer.from(firstHead(bytes), 'latin1'),
    );
    return { method, target, version, headers, keepAlive: persistent };
  } catch (error) {
    if (error instanceof RequestHeadError) return error.code;
    throw error;
  }
}

function firstHead(bytes: string): string {
  const request = bytes.replace(/^\r?\n/, '');
  const end = request.indexOf('\n') + 1;
  // HTTP/0.9: the line is all there is.
  if (/^GET [^ ]*\r?\n$/.test(request.slice(0, end))) return request.slice(0, end);
  const blank = /\n\r?\n/.exec(request);
  return blank ? request.slice(0, blank.index + blank[0].length) : request;
}
