import { GatewayHandler, GatewayRequestHandler, ProtocolError } from '@wsgiref/gateway';
import type { Awaitable } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1, isPromiseLike } from '@wsgiref/util';
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
  /** Whether the connection is closed as soon as there is no request. */
  #closing = false;

  /** A connection may be silent between two requests. */
  protected override readTimeout(): null {
    return null;
  }

  override async serveConnection(): Promise<void> {
    this.connection.once('close', () => this.#abortAll());
    try {
      await this.#serveRecords();
    } catch (error) {
      // What was on its way when the connection had served its purpose is nobody's loss.
      if (!this.#isDone()) throw error;
    } finally {
      const requests = [...this.#requests.values()];
      this.#abortAll();
      for (const { running } of requests) await running;
    }
  }

  /** Closes the connection as soon as no request is in flight. */
  override stop(): void {
    this.#closing = true;
    if (this.#isDone()) this.rfile.interrupt();
  }

  async #serveRecords(): Promise<void> {
    const { rfile } = this;
    while (!this.#isDone()) {
      if (rfile.available === 0) this.#startAll();
      // Parameters are waited for by the server; bodies by applications, which have timers of their
      // own.
      rfile.timeout = this.#lacksParams() ? this.server.readTimeout : null;
      // Connections that are heard together are served together: see `Turn`.
      const waiting = this.#requests.size === 0 ? rfile.awaitData() : undefined;
      if (isPromiseLike(waiting)) await waiting;
      const next = readRecord(rfile);
      const record = isPromiseLike(next) ? await this.#meanwhile(next) : next;
      if (!record) break;
      const taken = this.#take(record);
      if (isPromiseLike(taken)) await this.#meanwhile(taken);
    }
  }

  #isDone(): boolean {
    return this.#closing && this.#requests.size === 0;
  }

  #lacksParams(): boolean {
    for (const { handler } of this.#requests.values()) if (!handler) return true;
    return false;
  }

  #abortAll(): void {
    for (const request of this.#requests.values()) void this.#abort(request);
  }

  /** Lets applications begin before something is waited for. */
  #meanwhile<T>(awaited: PromiseLike<T>): PromiseLike<T> {
    this.#startAll();
    return awaited;
  }

  /** Applications begin when all that has come has been taken: a short body is there by then. */
  #startAll(): void {
    for (const request of this.#requests.values()) {
      if (request.handler && !request.running) this.#start(request, request.handler);
    }
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
      return this.#send(decodeLatin1(encodeRecord(recordType.unknownType, 0, answer)));
    }
    const asked = new Set(decodePairs(content).map(([name]) => name));
    const values = Object.entries(this.server.values()).filter(([name]) => asked.has(name));
    const result = encodeRecord(recordType.getValuesResult, 0, encodePairs(values));
    return this.#send(decodeLatin1(result));
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
    if (!request.running) return this.#end(request);
  }

  #addParams(request: FastCGIRequest, content: Uint8Array): Awaitable<void> {
    if (request.handler) throw new ProtocolError('FCGI_PARAMS come after the end of FCGI_PARAMS');
    const { maxParamsSize } = this.server;
    if (request.addParams(content) > maxParamsSize) {
      return this.#refuse(request, `the parameters have more than ${maxParamsSize} bytes`);
    }
    if (content.length === 0) request.handler = this.#makeHandler(request);
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

  #makeHandler(request: FastCGIRequest): GatewayHandler {
    const { server } = this;
    const { stdin, stdout } = request;
    const errors = server.sendErrors
      ? new FastCGIErrors(server.errorLog, request.openStderr())
      : server.errorLog;
    return new FastCGIHandler(stdin, stdout, errors, request.takeParams(), server);
  }

  #start(request: FastCGIRequest, handler: GatewayHandler): void {
    const served = handler.run(this.server.getApp()!);
    // Nothing is waited for that has been done: the end of the request goes out with the response.
    const running = handler.isOver ? this.#end(request) : this.#finish(request, served);
    if (isPromiseLike(running)) request.running = running;
  }

  async #finish(request: FastCGIRequest, served: Promise<void>): Promise<void> {
    try {
      await served;
    } catch (error) {
      this.server.handleError(this.connection, this.clientAddress, error);
    }
    await this.#end(request);
  }

  /** Ends a request, and the connection if it was to end with it. */
  #end(
    request: FastCGIRequest,
    status: ProtocolStatus = protocolStatus.requestComplete,
  ): Awaitable<void> {
    const { id, stdout, stderr } = request;
    const gone = (): void => {
      // The web server is gone, or does not take what it has asked for.
      this.#closing = true;
      this.#forget(request);
    };
    try {
      // §5.3: a stream that has not been used need not be ended.
      if (stderr?.used) stderr.end();
      stdout.end();
      const sent = this.#send(encodeEndRequest(id, status));
      if (isPromiseLike(sent)) return sent.then(() => this.#forget(request), gone);
    } catch {
      return gone();
    }
    this.#forget(request);
  }

  #forget({ id, stdin, keepConnection, handler }: FastCGIRequest): void {
    this.server.requestCount -= Number(this.#requests.delete(id));
    stdin.discard();
    // A web server that waits for the rest of a Content-Length (HAProxy) learns that there is none.
    const isCut = handler?.brokenOff ?? false;
    if (!keepConnection || isCut || this.server.isDraining) this.#closing = true;
    this.sendsNoMore = !keepConnection && stdin.ended;
    if (this.#isDone()) this.rfile.interrupt();
  }

  #send(records: string): Awaitable<void> {
    void this.wfile.writeLatin1(records);
    return this.wfile.flushSoon();
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
