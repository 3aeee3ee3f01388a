import type { Readable } from 'node:stream';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import { BufferedReader } from '@wsgiref/util';
import { untilEvent } from './until-event.ts';

const END = new Uint8Array(0);

/**
 * The body of a Node request as a `wsgi.input`: it is read from the connection only when the
 * application asks, and ends where the body does.
 *
 * It leaves no listener on the request between two reads, so that Node can throw away what nobody has
 * read, and serve the next request of the connection.
 */
export class RequestInput extends BufferedReader {
  readonly #request: Readable;
  /** Whether this stream has begun to read; nobody else may have before. */
  #begun = false;

  /** @param request the request */
  constructor(request: Readable) {
    super();
    this.#request = request;
  }

  /** Lets the rest of the body go, which stands before the next request of the connection. */
  close(): void {
    const request = this.#request;
    // Of HTTP/1 Node throws away by itself what nobody has begun to read.
    if (this.#begun || request.readableDidRead || 'stream' in request) request.resume();
  }

  protected override async _pull(): Promise<Uint8Array> {
    const request = this.#request;
    if (!this.#begun && request.readableDidRead) {
      throw new Error(
        'the request body has been read already: mount the application before whatever parses bodies',
      );
    }
    this.#begun = true;
    for (;;) {
      const block = request.read() as Uint8Array | null;
      if (block !== null) return block;
      if (request.readableEnded) return END;
      if (request.destroyed) {
        throw new ClientDisconnected('the client went away before it had sent the request body', {
          cause: request.errored,
        });
      }
      await untilEvent(request, ['readable', 'end', 'error', 'close']);
    }
  }
}
