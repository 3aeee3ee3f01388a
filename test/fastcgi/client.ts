// A web server that speaks FastCGI, as far as a test needs it.

import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import {
  fcgiResponse,
  type FcgiRecord,
  type FcgiResponse,
  fcgi,
  splitFcgi,
} from '../support/gateway-clients.mjs';

/** A connection to a FastCGI server. */
export class FcgiClient {
  readonly socket: Socket;
  /** The records that have come. */
  readonly records: FcgiRecord[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (block: Buffer) => {
      const { records, rest } = splitFcgi(Buffer.concat([this.#rest, block]));
      this.records.push(...records);
      this.#rest = rest;
      this.#look();
    });
    socket.on('error', () => {});
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  static async connect(address: NetConnectOpts): Promise<FcgiClient> {
    const client = new FcgiClient(connect({ ...address, allowHalfOpen: true }));
    await once(client.socket, 'connect');
    return client;
  }

  /** Sends, and waits until the system has taken it. */
  async send(...parts: readonly Buffer[]): Promise<void> {
    await new Promise((resolve) => this.socket.write(Buffer.concat(parts), resolve));
  }

  /** Waits until there is a record of a type, of a request. */
  async record(type: number, id = 1): Promise<FcgiRecord> {
    return await this.#until(() =>
      this.records.find((record) => record.type === type && record.id === id),
    );
  }

  /** Waits until a request has ended, and takes its records away. */
  async response(id = 1): Promise<FcgiResponse> {
    await this.record(fcgi.END_REQUEST, id);
    const response = fcgiResponse(this.records, id);
    const others = this.records.filter((record) => record.id !== id);
    this.records.splice(0, this.records.length, ...others);
    return response;
  }

  /** Waits until the server has closed the connection. */
  async ended(): Promise<void> {
    await this.#until(() => (this.#ended ? true : undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }

  #end(): void {
    this.#ended = true;
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  #until<T>(attempt: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = attempt();
        if (found !== undefined) resolve(found);
        else if (this.#ended) reject(new Error('the server has closed the connection'));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
