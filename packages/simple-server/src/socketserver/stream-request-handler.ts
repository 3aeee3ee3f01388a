import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Awaitable } from '@wsgiref/types';
import { isPromiseLike } from '@wsgiref/util';
import { BaseRequestHandler } from './base-request-handler.ts';
import { SocketReader } from './socket-reader.ts';
import { SocketWriter } from './socket-writer.ts';

/**
 * Serves one request over streams: {@link rfile} to read from, {@link wfile} to write to.
 *
 * Python counterpart: `socketserver.StreamRequestHandler`.
 */
export class StreamRequestHandler extends BaseRequestHandler {
  /** Bytes that {@link wfile} keeps until it is flushed; 0, none. */
  wbufsize: number = 0;
  /** Seconds to wait for the client to send or to take anything; null, for ever. */
  timeout: number | null = null;
  /** Seconds to wait for the client to take anything, if there is no {@link timeout}. */
  writeTimeout: number | null = null;
  /** Whether to send small writes at once (TCP_NODELAY). */
  disableNagleAlgorithm: boolean = false;

  /** The connection. */
  declare connection: Socket;
  /** What the client sends. */
  declare rfile: SocketReader;
  /** What goes to the client. */
  declare wfile: SocketWriter;

  /** Whether the client is known to send nothing after what has come. */
  protected sendsNoMore: boolean = false;

  /** {@link rfile}, unless a subclass has put another stream in its place. */
  protected get socketReader(): SocketReader | null {
    return this.rfile instanceof SocketReader ? this.rfile : null;
  }

  override setup(): Awaitable<void> {
    this.connection = this.request;
    if (this.disableNagleAlgorithm) this.connection.setNoDelay(true);
    this.rfile = new SocketReader(this.connection, this.timeout);
    const patience = this.timeout ?? this.writeTimeout;
    this.wfile = new SocketWriter(this.connection, this.wbufsize, patience);
  }

  /** Sends what is left. The server need not wait for a client that sends no more: it is closed here. */
  override finish(): Awaitable<void> {
    const isDone = this.sendsNoMore && this.socketReader?.pending === 0;
    const end = (): Awaitable<void> => (isDone ? this.#closeSoon() : this.rfile.close());
    try {
      const flushed = this.wfile.flush();
      if (isPromiseLike(flushed)) return flushed.then(end, end);
    } catch {
      // The client is gone, and with it whoever might want to know.
    }
    return end();
  }

  /** Closes the connection, if the system has everything. */
  #closeSoon(): Awaitable<void> {
    const { request } = this;
    // TLS has a word for the end (RFC 8446 §6.1), without which the client cannot tell it from a cut.
    if (request.writableLength > 0 || request instanceof TLSSocket) return this.rfile.close();
    return new Promise((resolve) => {
      // Before the next tick Node takes the last write for one that has been cut short.
      process.nextTick(() => {
        request.destroy();
        resolve();
      });
    });
  }
}
