import type { Socket } from 'node:net';
import { BufferedReader } from '@wsgiref/util';

/** What comes from a socket. */
export class SocketInput extends BufferedReader {
  readonly #blocks: AsyncIterator<Uint8Array>;

  /** @param socket the socket; nothing else reads from it */
  constructor(socket: Socket) {
    super();
    this.#blocks = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  protected override async _pull(): Promise<Uint8Array> {
    const next = await this.#blocks.next();
    return next.done ? new Uint8Array(0) : next.value;
  }
}
