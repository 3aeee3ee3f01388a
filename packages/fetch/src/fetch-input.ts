import { ClientDisconnected } from '@wsgiref/handlers/base';
import { BufferedReader } from '@wsgiref/util';

const END = new Uint8Array(0);

/**
 * The body of a `Request` as a `wsgi.input`: it is read only when the application asks, and ends where
 * the body does.
 */
export class FetchInput extends BufferedReader {
  readonly #request: Request;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  /** @param request the request */
  constructor(request: Request) {
    super();
    this.#request = request;
  }

  /** Lets the rest of the body go, which nobody will read. */
  close(): void {
    // What cannot be let go is gone.
    this.#reader?.cancel().catch(() => {});
  }

  protected override async _pull(): Promise<Uint8Array> {
    const { body, bodyUsed } = this.#request;
    if (!this.#reader) {
      if (!body) return END;
      if (bodyUsed || body.locked) {
        throw new Error(
          'the request body has been read already: give the handler the request first',
        );
      }
      this.#reader = body.getReader();
    }
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return END;
        // An empty block is not the end.
        if (value.length > 0) return value;
      }
    } catch (error) {
      throw new ClientDisconnected('the client went away before it had sent the request body', {
        cause: error,
      });
    }
  }
}
