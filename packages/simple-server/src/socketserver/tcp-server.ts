import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Server as TLSServer } from 'node:tls';
import type { Awaitable } from '@wsgiref/types';
import { BaseServer, type ClientAddress, type RequestHandlerClass } from './base-server.ts';
import { Deadline } from './deadline.ts';
import { startTimeout } from './timeout-error.ts';

/** Milliseconds that a connection may stay silent while the server shuts down. */
const SILENCE = 100;

/**
 * Where a TCP server listens: a host name or address, `''` for all IPv4 addresses, and a port.
 *
 * Instead of a host there may be `unix:` and the path of a Unix domain socket (one that a server has
 * left behind is replaced), or `fd:` and the number of an inherited descriptor that listens already;
 * the port means nothing then.
 */
export type TCPAddress = readonly [host: string, port: number];

/**
 * A server that listens on TCP, by means of `node:net`.
 *
 * Python counterpart: `socketserver.TCPServer`.
 *
 * DIFFERS(19): the constructor does not bind; `serverBind()` and `serverActivate()` are awaited, as
 * `makeServer` does.
 */
export class TCPServer extends BaseServer {
  /** Where the server listens; after {@link serverBind} the address that was bound. */
  declare serverAddress: TCPAddress;
  /**
   * How many connections the system keeps for the server before it takes them.
   *
   * DIFFERS(20): Node's own default. Python has 5 up to 3.14, so that a burst of clients has to try
   * again, and the system's maximum from 3.15.
   */
  requestQueueSize: number = 511;
  /**
   * Whether the port may be bound while an old connection lingers.
   *
   * DIFFERS(35): Node always lets it, but on Windows, whatever this says.
   */
  allowReuseAddress: boolean = false;
  /** Whether several processes may bind the port, where Node can do that (22.12 and later). */
  allowReusePort: boolean = false;
  /**
   * Seconds that a connection stays open for a client that neither closes its side nor sends, after
   * the reply: nginx's `lingering_timeout`; 0, it is closed at once.
   */
  lingerTimeout: number = 5;
  /** Seconds that it stays open at all, after the reply: nginx's `lingering_time`. */
  lingerTime: number = 30;
  /** The most connections at a time; null, as many as the system gives. */
  maxConnections: number | null = null;
  /** Seconds that {@link shutdown} waits for requests in flight: gunicorn's; null, for ever. */
  shutdownTimeout: number | null = 30;
  /** The listening socket. */
  readonly socket: Server;

  /** Connections that have been accepted and not been taken by {@link getRequest}. */
  readonly #accepted: [request: Socket, clientAddress: ClientAddress][] = [];
  /** Connections that are open; over TLS, those too that are still in the handshake. */
  readonly #connections = new Set<Socket>();
  readonly #keepConnection = keeperOf(this.#connections);
  /** Those that a request may come on: over TLS, what is spoken within the connection. */
  readonly #clients: Set<Socket>;
  /** Those that wait in {@link _poll}. */
  readonly #waiting = new Set<(ready: boolean) => void>();
  readonly #pollEnd = new Deadline<TCPServer>((server) => server._wake(), this);
  #closed = false;

  /**
   * @param serverAddress where to listen; nothing is bound yet
   * @param RequestHandlerClass what to make for each request
   * @param socket what will listen, if not for plain TCP: a server of `node:tls`, say
   */
  constructor(
    serverAddress: TCPAddress,
    RequestHandlerClass: RequestHandlerClass,
    // A client that has sent its request may close its half of the connection, and wait.
    socket: Server = createServer({ allowHalfOpen: true }),
  ) {
    super(serverAddress, RequestHandlerClass);
    this.socket = socket;
    const isSecure = socket instanceof TLSServer;
    this.#clients = isSecure ? new Set() : this.#connections;
    socket.on('connection', (connection: Socket) => {
      if (this.#admit(connection) && !isSecure) this.#accept(connection);
    });
    if (isSecure) {
      const keepClient = keeperOf(this.#clients);
      socket.on('secureConnection', (connection: Socket) => {
        keepClient(connection);
        this.#accept(connection);
      });
    }
    // One that cannot be accepted is its client's loss, not the server's end; serverBind() listens
    // for errors of its own.
    socket.on('error', () => {});
  }

  /**
   * Binds and activates; a server that cannot is closed. Python's constructor does so, unless it is
   * told `bind_and_activate=False`.
   *
   * @throws as {@link serverBind}
   */
  async bindAndActivate(): Promise<void> {
    try {
      await this.serverBind();
      await this.serverActivate();
    } catch (error) {
      await this.serverClose();
      throw error;
    }
  }

  /**
   * Binds the address, and sets {@link serverAddress} to it.
   *
   * Node binds and listens in one step: from here on clients can connect, and are kept waiting.
   *
   * @throws what the system reports, such as EADDRINUSE
   * @throws {Error} if an inherited descriptor is no listening socket
   */
  async serverBind(): Promise<void> {
    const [host, port] = this.serverAddress;
    const [, kind, name] = /^(unix|fd):(.+)$/s.exec(host) ?? [];
    if (kind === 'unix') return this._listenOnPath(name!);
    if (kind === 'fd') await this._listen({ fd: Number(name) });
    else await this._listen({ host: await resolveHost(host), port });
    const bound = this.socket.address();
    // An inherited descriptor may be a Unix domain socket, whose address is its path.
    if (typeof bound === 'string') this.serverAddress = [`unix:${bound}`, 0];
    else if (bound) this.serverAddress = [bound.address, bound.port];
  }

  /** Waits for the listening socket. */
  protected async _listen(
    where: { host: string; port: number } | { path: string } | { fd: number },
  ): Promise<void> {
    const reuse = this.allowReusePort ? { reusePort: true } : {};
    try {
      this.socket.listen({ ...where, ...reuse, backlog: this.requestQueueSize });
      await once(this.socket, 'listening');
    } catch (cause) {
      if (!('fd' in where)) throw cause;
      throw new Error(
        `descriptor ${where.fd} is no listening socket: let a web server or systemd open it and ` +
          'start this program',
        { cause },
      );
    }
  }

  /** Listens on a Unix domain socket, also in the place of one that a server has left behind. */
  protected async _listenOnPath(path: string): Promise<void> {
    try {
      await this._listen({ path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (!(await isLeftBehind(path))) throw error;
      await unlink(path);
      await this._listen({ path });
    }
  }

  override getRequest(): [request: Socket, clientAddress: ClientAddress] {
    const next = this.#accepted.shift();
    if (!next) throw new Error('no connection is waiting: call getRequest() when one is');
    return next;
  }

  /**
   * Stops accepting, closes connections on which nothing has been said yet, and resolves when the
   * requests in flight are done.
   */
  override async shutdown(): Promise<void> {
    this.#stopListening();
    const finished = super.shutdown();
    const stopTimeout = startTimeout(this.shutdownTimeout, () => {
      for (const connection of this.#connections) connection.destroy();
      this._abandonRequests();
    });
    // A client that has just connected may be about to send its request.
    if ([...this.#clients].some(isSilent)) await sleep(SILENCE);
    for (const connection of this.#clients) if (isSilent(connection)) connection.destroy();
    await finished;
    stopTimeout();
    // Over TLS: those that have not got through the handshake, and now find nobody.
    for (const connection of this.#connections) connection.destroy();
    this.#pollEnd.close();
  }

  /**
   * Ends the connection as RFC 9112 §9.6 says: closes the sending side, then waits for the client to
   * close the other, lest a reset overtake the reply.
   *
   * DIFFERS(21): Python closes at once; a client that is still sending loses the reply. A request
   * handler that knows better has closed it by then.
   */
  override shutdownRequest(request: Socket): Awaitable<void> {
    if (request.destroyed) return this.closeRequest(request);
    return this.#linger(request).then(() => this.closeRequest(request));
  }

  override closeRequest(request: Socket): Awaitable<void> {
    request.destroy();
  }

  /**
   * Closes the listening socket and every connection that is still open.
   *
   * DIFFERS(37): Python leaves connections to their threads, if it has any.
   *
   * Call {@link shutdown} first to let requests in flight finish.
   */
  override async serverClose(): Promise<void> {
    this.#closed = true;
    const closed = this.socket.listening ? once(this.socket, 'close') : null;
    this.#stopListening();
    this.#accepted.length = 0;
    for (const connection of this.#connections) connection.destroy();
    // Ends serveForever(), should it run; what is left in flight has lost its connection.
    void super.shutdown();
    this.#pollEnd.close();
    await closed;
  }

  protected override _poll(timeout: number | null): boolean | Promise<boolean> {
    if (this.#accepted.length > 0) return true;
    if (!this.socket.listening) {
      if (timeout === 0) return false;
      throw new Error(
        this.#closed
          ? 'the server is closed: make a new one to serve again'
          : 'the server does not listen: call serverBind() first, and nothing after shutdown()',
      );
    }
    if (timeout !== null) this.#pollEnd.set(performance.now() + timeout * 1000);
    return new Promise((resolve) => {
      const settle = (ready: boolean): void => {
        this.#waiting.delete(settle);
        resolve(ready);
      };
      this.#waiting.add(settle);
    });
  }

  protected override _wake(): void {
    for (const settle of this.#waiting) settle(false);
  }

  /**
   * Turns a connection away that is one too many; by default without a word.
   *
   * @param request the connection; it must be closed. Over TLS, nothing has been said on it yet.
   */
  protected refuseConnection(request: Socket): void {
    request.destroy();
  }

  /** Returns whether there is room for one more. */
  #admit(connection: Socket): boolean {
    this.#keepConnection(connection);
    if (this.#connections.size <= (this.maxConnections ?? Infinity)) return true;
    this.refuseConnection(connection);
    return false;
  }

  #accept(connection: Socket): void {
    // The system tells it only as long as the connection is open.
    const { remoteAddress = '', remotePort = 0 } = connection;
    this.#accepted.push([connection, [remoteAddress, remotePort]]);
    const [settle] = this.#waiting;
    settle?.(true);
  }

  #stopListening(): void {
    if (this.socket.listening) this.socket.close();
  }

  #linger(request: Socket): Promise<void> {
    return new Promise((resolve) => {
      if (this.lingerTimeout <= 0) {
        request.once('close', () => resolve());
        request.destroySoon();
        return;
      }
      const started = performance.now();
      let received = request.bytesRead;
      const giveUp = (): void => {
        const isSilent = request.bytesRead === received;
        if (isSilent || performance.now() - started >= this.lingerTime * 1000) request.destroy();
        else timer.refresh();
        received = request.bytesRead;
      };
      const timer = setTimeout(giveUp, this.lingerTimeout * 1000);
      request.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      request.resume();
      request.end();
    });
  }
}

/** Returns what adds a connection to a set for as long as it is open. */
function keeperOf(connections: Set<Socket>): (connection: Socket) => void {
  // One listener for all of them.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  return (connection) => {
    // Whoever reads or writes the connection sees the failure; without a listener the process ends.
    connection.on('error', ignore).on('close', forget);
    connections.add(connection);
  };
}

function ignore(): void {}

/** A server that is killed leaves its socket behind, which nobody listens on. */
async function isLeftBehind(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  const probe = connect(path);
  try {
    await once(probe, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    probe.destroy();
  }
}

/** Browsers open connections that they may never use. */
function isSilent(connection: Socket): boolean {
  return connection.bytesRead === 0 && connection.bytesWritten === 0;
}

/** Python binds IPv4 where a host has both, and all IPv4 addresses for `''`. */
async function resolveHost(host: string): Promise<string> {
  if (host === '') return '0.0.0.0';
  return (await lookup(host, { order: 'ipv4first' })).address;
}
