import { Duplex } from 'node:stream';

/** What a socket knows of its two ends. */
export interface Ends {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** Whether it is a TLS connection. */
  readonly encrypted: boolean;
}

/** One side of a connection within the process, with as much of a socket as Node's `http` uses. */
export class Connection extends Duplex {
  declare readonly remoteAddress?: string;
  declare readonly remotePort?: number;
  declare readonly localAddress?: string;
  declare readonly localPort?: number;
  declare readonly encrypted: boolean;

  #peer: Connection | null = null;
  /** The other side's write that waits to be read here. */
  #taken: (() => void) | null = null;

  private constructor(ends: Ends) {
    super();
    Object.assign(this, ends);
    // Who writes or reads is told.
    this.on('error', () => {});
  }

  /**
   * Makes a connection.
   *
   * @param ends what both sides say of it
   * @returns its sides
   */
  static pair(ends: Ends): [client: Connection, server: Connection] {
    const client = new Connection(ends);
    const server = new Connection(ends);
    client.#peer = server;
    server.#peer = client;
    return [client, server];
  }

  /** As of a socket; there are no timeouts here. */
  setTimeout(): this {
    return this;
  }

  /** As of a socket; there is nothing to delay. */
  setNoDelay(): this {
    return this;
  }

  /** As of a socket; there is nothing to keep alive. */
  setKeepAlive(): this {
    return this;
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = null;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const peer = this.#peer!;
    // The write is done when the other side wants more: backpressure goes through.
    if (peer.push(chunk)) callback();
    else peer.#taken = callback;
  }

  override _final(callback: () => void): void {
    this.#peer!.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const peer = this.#peer!;
    if (!peer.destroyed) {
      const ended = this.writableFinished && peer.writableFinished;
      peer.destroy(ended ? undefined : reset());
    }
    callback(error);
  }
}

/** What a socket reports when the other side is gone. */
function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
