import {
  type ClientRequest,
  type IncomingMessage,
  request as sendRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { RequestError } from '@wsgiref/handlers/base';
import type { WSGIEnvironment } from '@wsgiref/types';
import { readAvailable } from '@wsgiref/util';
import { Connection } from './connection.ts';
import { type ListenerRequest, toListenerRequest } from './request-options.ts';
import { untilEvent } from './until-event.ts';

/** Bytes of the head of a message: more than any server in front lets through. */
export const MAX_HEADER_SIZE: number = 2 ** 24;

/** Bytes to read of the request body at a time, where the input cannot say what is there. */
const READ_SIZE = 65536;

/** RFC 9110 §9.3: requests with these methods seldom have a body. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** What answers a request of Node's: a function for `createServer()`, an Express application. */
export interface NodeListener {
  (request: IncomingMessage, response: ServerResponse): unknown;
}

/**
 * One request on its way to a Node listener, and the response on its way back: Node's own client at
 * one end of a connection within the process, Node's own server at the other.
 *
 * It is the result that the application returns.
 */
export class ListenerExchange {
  readonly #environ: WSGIEnvironment;
  readonly #request: ClientRequest;
  readonly #connection: Connection;
  readonly #target: ListenerRequest;
  #response: IncomingMessage | null = null;
  /** Why the connection was closed, if that was neither of its ends. */
  #failure: { readonly error: unknown } | null = null;
  #closed = false;

  /**
   * Begins to send the request.
   *
   * @param server the server that has the listener
   * @param exchanges where the server finds what belongs to a connection
   * @param environ the request
   * @throws {RequestError} if Node cannot send it
   */
  constructor(
    server: Server,
    exchanges: WeakMap<object, ListenerExchange>,
    environ: WSGIEnvironment,
  ) {
    if (environ.REQUEST_METHOD === 'CONNECT') {
      throw new RequestError('501 Not Implemented', 'There is no tunnel here for CONNECT');
    }
    this.#environ = environ;
    this.#target = toListenerRequest(environ);
    const [client, connection] = Connection.pair(this.#target.ends);
    this.#connection = connection;
    try {
      this.#request = sendRequest({
        ...this.#target.options,
        createConnection: () => client,
        maxHeaderSize: MAX_HEADER_SIZE,
      });
    } catch (error) {
      throw new RequestError('400 Bad Request', `Node cannot take the request: ${String(error)}`);
    }
    exchanges.set(connection, this);
    server.emit('connection', connection);
  }

  /**
   * Has the listener answer.
   *
   * @param listener the listener
   * @param request the request, as the server has it
   * @param response its response
   */
  async serve(
    listener: NodeListener,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { baseUrl, originalUrl } = this.#target;
    Object.assign(request, { baseUrl, originalUrl });
    try {
      await listener(request, response);
    } catch (error) {
      // After the response there is no application left that could fail.
      if (this.#closed) console.error(error);
      else this.#fail(error);
    }
  }

  /**
   * Waits for the head of the response, while the body of the request is sent.
   *
   * @throws what the listener throws, or reading the body
   */
  async begin(): Promise<IncomingMessage> {
    const signal = this.#environ['wsgiref.signal'];
    const onAbort = (): void => this.#fail(signal!.reason);
    signal?.addEventListener('abort', onAbort);
    const begun = new Promise<IncomingMessage>((resolve, reject) => {
      this.#request.on('response', resolve);
      this.#request.on('error', reject);
    });
    this.#sendBody().catch((error: unknown) => this.#fail(error));
    try {
      return (this.#response = await begun);
    } catch (error) {
      this.close();
      throw this.#reason(error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The blocks of the body, as the listener writes them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    try {
      for await (const block of this.#response!) yield block as Uint8Array;
    } catch (error) {
      throw this.#reason(error);
    }
  }

  /** Closes the connection: a listener that has not finished sees the client go away. */
  close(): void {
    this.#closed = true;
    this.#request.destroy();
  }

  async #sendBody(): Promise<void> {
    const { REQUEST_METHOD: method, CONTENT_LENGTH: length } = this.#environ;
    const request = this.#request;
    // Without a length there is a body only if the server can tell its end.
    if (length || !this.#environ['wsgi.input_terminated']) {
      await this.#send(Number(length ?? 0));
    } else if (WITHOUT_BODY.has(method) && !('HTTP_TRANSFER_ENCODING' in this.#environ)) {
      const first = await readAvailable(this.#environ['wsgi.input'], READ_SIZE);
      if (first.length > 0) {
        request.setHeader('Transfer-Encoding', 'chunked');
        request.write(first);
        await this.#send(Infinity);
      }
    } else {
      // The client may wait for the listener to say something first.
      request.setHeader('Transfer-Encoding', 'chunked');
      request.flushHeaders();
      await this.#send(Infinity);
    }
    request.end();
  }

  /** Sends so many bytes of the body, or all that there are. */
  async #send(length: number): Promise<void> {
    const request = this.#request;
    const input = this.#environ['wsgi.input'];
    for (let missing = length; missing > 0 && !request.destroyed;) {
      const block = await readAvailable(input, Math.min(READ_SIZE, missing));
      if (block.length === 0) break;
      missing -= block.length;
      request.write(block);
      if (request.writableNeedDrain) await untilEvent(request, ['drain', 'close']);
    }
  }

  /** Ends the exchange for a reason of its own, which whoever waits for the response is told. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#connection.destroy();
  }

  #reason(error: unknown): unknown {
    if (this.#failure) return this.#failure.error;
    return new Error('the listener closed the connection without a complete response', {
      cause: error,
    });
  }
}
