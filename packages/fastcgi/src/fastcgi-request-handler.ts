import { GatewayHandler, GatewayRequestHandler, ProtocolError } from '@wsgiref/gateway';
import { TimeoutError } from '@wsgiref/simple-server/socketserver';
import type { Awaitable } from '@wsgiref/types';
import { encodeLatin1, isPromiseLike } from '@wsgiref/util';
import { FastCGIErrors } from './fastcgi-output.ts';
import { FastCGIRequest } from './fastcgi-request.ts';
import type { FastCGIServer } from './fastcgi-server.ts';
import { decodePairs, encodePairs } from './pairs.ts';
import {
  decodeBeginRequest,
  encodeEndRequest,
  encodeRecord,
  type FastCGIRecord,
  type ProtocolStatus,
  protocolStatus,
  readRecord,
  recordType,
} from './record.ts';

/** FCGI_RESPONDER. */
const RESPONDER = 1;

/**
 * Serves the requests of a FastCGI connection, one after another or several at a time.
 *
 * There is one reader, which hands records to the requests in flight. A request that does not read
 * its body as fast as it comes holds up the reader, and so the others of the connection: memory is
 * bounded, and every byte keeps its place. Web servers that send one request at a time, which is all
 * that are known, see nothing of it.
 */
export class FastCGIRequestHandler extends GatewayRequestHandler {
  declare server: FastCGIServer;

  /** Requests that have begun and not ended. */
  readonly #requests = new Map<number, FastCGIRequest>();
  /** Requests whose application runs. */
  readonly #running = new Set<Promise<void>>();
  /** Whether the connection is closed as soon as there is no request. */
  #closing = false;
  /** Ends the wait for the next record. */
  #wake: (() => void) | null = null;

  /** A connection may be silent between two requests. */
  protected override readTimeout(): null {
    return null;
  }

  override async serveConnection(): Promise<void> {
    this.server.connections.add(this);
    this.connection.once('close', () => this.#abortAll());
    try {
      while (!this.#isDone()) {
        const next = readRecord(this.rfile);
        const record = isPromiseLike(next) ? await this.#wait(next) : next;
        if (!record) break;
        const taken = this.#take(record);
        if (isPromiseLike(taken)) await taken;
      }
    } finally {
      this.server.connections.delete(this);
      this.#abortAll();
      await Promise.all(this.#running);
    }
  }

  /** Closes the connection as soon as no request is in flight. */
  drain(): void {
    this.#closing = true;
    if (this.#isDone()) this.#wake?.();
  }

  #isDone(): boolean {
    return this.#closing && this.#requests.size === 0;
  }

  #abortAll(): void {
    for (const request of this.#requests.values()) this.#abort(request);
  }

  /** The next record; null at the end of the connection, the web server's or our own. */
  #wait(next: PromiseLike<FastCGIRecord | null>): Promise<FastCGIRecord | null> {
    return new Promise((resolve, reject) => {
      const stopTimeout = this.#limitWait(reject);
      const done = (): void => {
        stopTimeout();
        this.#wake = null;
      };
      this.#wake = () => {
        done();
        resolve(null);
      };
      next.then(done, done);
      next.then(resolve, reject);
    });
  }

  /** Parameters are waited for by the server; bodies by applications, which have timers of their own. */
  #limitWait(expire: (error: Error) => void): () => void {
    const { readTimeout } = this.server;
    const isWaiting = [...this.#requests.values()].some(({ handler }) => handler === null);
    if (readTimeout === null || !isWaiting) return () => {};
    const timer = setTimeout(() => expire(new TimeoutError()), readTimeout * 1000);
    return () => clearTimeout(timer);
  }

  #take(record: FastCGIRecord): Awaitable<void> {
    const { type, requestId, content } = record;
    if (requestId === 0) return this.#answer(record);
    const request = this.#requests.get(requestId);
    if (type === recordType.beginRequest) return this.#begin(requestId, content, request);
    // §3.3: what belongs to no request, or to one that is over, is ignored.
    if (!request) return;
    if (type === recordType.abortRequest) return this.#abort(request);
    if (type === recordType.params) return this.#addParams(request, content);
    if (type === recordType.stdin) return this.#addInput(request, content);
    throw new ProtocolError(`a record of type ${type} has no place in a request to a responder`);
  }

  /** Management records (§4). */
  #answer({ type, content }: FastCGIRecord): Awaitable<void> {
    if (type !== recordType.getValues) {
      const answer = Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0);
      return this.#send(encodeRecord(recordType.unknownType, 0, answer));
    }
    const asked = new Set(decodePairs(content).map(([name]) => name));
    const values = Object.entries(this.server.values()).filter(([name]) => asked.has(name));
    return this.#send(encodeRecord(recordType.getValuesResult, 0, encodePairs(values)));
  }

  #begin(id: number, content: Uint8Array, present?: FastCGIRequest): Awaitable<void> {
    if (present) throw new ProtocolError(`request ${id} begins a second time before it has ended`);
    const begin = decodeBeginRequest(content);
    const { server } = this;
    const refused =
      begin.role !== RESPONDER
        ? protocolStatus.unknownRole
        : server.requestCount >= server.maxRequests
          ? protocolStatus.overloaded
          : this.#requests.size > 0 && !server.multiplexing
            ? protocolStatus.cantMultiplexConnection
            : null;
    if (refused !== null) {
      if (!begin.keepConnection) this.#closing = true;
      return this.#send(encodeEndRequest(id, refused));
    }
    server.requestCount++;
    this.#requests.set(id, new FastCGIRequest(id, begin, this.wfile, server.readTimeout));
  }

  #abort(request: FastCGIRequest): Awaitable<void> {
    request.abort();
    // Otherwise the application ends it.
    if (!request.handler) return this.#end(request);
  }

  #addParams(request: FastCGIRequest, content: Uint8Array): Awaitable<void> {
    if (request.handler) throw new ProtocolError('FCGI_PARAMS come after the end of FCGI_PARAMS');
    const { maxParamsSize } = this.server;
    if (request.addParams(content) > maxParamsSize) {
      return this.#refuse(request, `the parameters have more than ${maxParamsSize} bytes`);
    }
    if (content.length === 0) this.#start(request);
  }

  #addInput(request: FastCGIRequest, content: Uint8Array): Awaitable<void> {
    if (!request.handler) throw new ProtocolError('FCGI_STDIN comes before the end of FCGI_PARAMS');
    if (request.stdin.ended) throw new ProtocolError('FCGI_STDIN comes after its end');
    return request.stdin.push(content);
  }

  #refuse(request: FastCGIRequest, message: string): Awaitable<void> {
    this.server.logError(this.clientAddress, `${this.server.constructor.name}: ${message}`);
    request.stdout.write(
      encodeLatin1(
        'Status: 431 Request Header Fields Too Large\r\n' +
          `Content-Type: text/plain\r\n\r\n${message}`,
      ),
    );
    return this.#end(request);
  }

  #start(request: FastCGIRequest): void {
    const { server } = this;
    const { stdin, stdout, stderr } = request;
    const errors = server.sendErrors ? new FastCGIErrors(server.errorLog, stderr) : server.errorLog;
    request.handler = new FastCGIHandler(stdin, stdout, errors, request.takeParams(), server);
    const running = this.#run(request, request.handler).finally(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #run(request: FastCGIRequest, handler: GatewayHandler): Promise<void> {
    try {
      await handler.run(this.server.getApp()!);
    } catch (error) {
      this.server.handleError(this.connection, this.clientAddress, error);
    }
    await this.#end(request);
  }

  /** Ends a request, and the connection if it was to end with it. */
  async #end(
    request: FastCGIRequest,
    status: ProtocolStatus = protocolStatus.requestComplete,
  ): Promise<void> {
    const { id, stdin, stdout, stderr, keepConnection } = request;
    try {
      await stderr.flush();
      await stdout.flush();
      const end = [encodeRecord(recordType.stdout, id), encodeEndRequest(id, status)];
      // §5.3: a stream that has not been used need not be ended.
      if (stderr.used) end.unshift(encodeRecord(recordType.stderr, id));
      await this.#send(Buffer.concat(end));
    } catch {
      // The web server is gone, or does not take what it has asked for.
      this.#closing = true;
    }
    this.server.requestCount -= Number(this.#requests.delete(id));
    stdin.discard();
    // A web server that waits for the rest of a Content-Length (HAProxy) learns that there is none.
    const isCut = request.handler?.brokenOff ?? false;
    if (!keepConnection || isCut || this.server.isDraining) this.#closing = true;
    if (this.#isDone()) this.#wake?.();
  }

  #send(records: Uint8Array): Awaitable<void> {
    void this.wfile.write(records);
    return this.wfile.flush();
  }
}

/** A request body without a CONTENT_LENGTH ends where FCGI_STDIN does. */
class FastCGIHandler extends GatewayHandler {
  override addCgiVars(): void {
    super.addCgiVars();
    const environ = this.environ!;
    if (!environ.CONTENT_LENGTH) environ['wsgi.input_terminated'] = true;
  }
}
