import { RequestError } from '@wsgiref/handlers/base';
import type { WSGIEnvironment } from '@wsgiref/types';
import { isHopByHop, readAvailable, requestUri } from '@wsgiref/util';

/** Bytes to read of the request body at a time, where the input cannot say what is there. */
const READ_SIZE = 65536;

/** One request on its way to a Fetch handler, and the body of the response on its way back. */
export class FetchExchange {
  /** The request. */
  readonly request: Request;
  readonly #aborting = new AbortController();
  /** The server's word that the client has gone away. */
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#aborting.abort(this.#signal!.reason);
  #body: ReadableStream<Uint8Array> | null = null;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  /**
   * @param environ the request
   * @throws {RequestError} if the Fetch model has no such request
   */
  constructor(environ: WSGIEnvironment) {
    const method = environ.REQUEST_METHOD;
    if (/^(?:connect|trace|track)$/i.test(method)) {
      throw new RequestError('501 Not Implemented', `A Request cannot have the method ${method}`);
    }
    this.#signal = environ['wsgiref.signal'];
    try {
      // `duplex` is not known to the types of every runtime.
      const init = {
        method,
        headers: headersOf(environ),
        body: bodyOf(environ),
        duplex: 'half' as const,
        signal: this.#aborting.signal,
      };
      this.request = new Request(requestUri(environ), init);
    } catch (error) {
      throw new RequestError('400 Bad Request', `There is no such Request: ${String(error)}`);
    }
    this.#signal?.addEventListener('abort', this.#onAbort);
    if (this.#signal?.aborted) this.#onAbort();
  }

  /** Takes the body of the response, to be iterated over. */
  take(response: Response): void {
    this.#body = response.body;
  }

  /** The blocks of the body, as the handler makes them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    // HEAD wants no body, which the handler may not know.
    if (!this.#body || this.request.method === 'HEAD') return;
    const reader = (this.#reader = this.#body.getReader());
    this.#body = null;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    this.#reader = null;
  }

  /** Lets go of what has not been read: a handler that has not finished is told. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const rest = this.#reader ?? this.#body;
    if (!rest) return;
    this.#aborting.abort();
    // One that has failed has said so to whoever has read it.
    await rest.cancel().catch(() => {});
  }
}

function headersOf(environ: WSGIEnvironment): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (!key.startsWith('HTTP_') || typeof value !== 'string') continue;
    const name = key.slice('HTTP_'.length).replaceAll('_', '-');
    // What belongs to the connection before this one; and the server there has let the client send.
    if (!isHopByHop(name) && name !== 'EXPECT') headers[name] = value;
  }
  if (environ.CONTENT_TYPE) headers['CONTENT-TYPE'] = environ.CONTENT_TYPE;
  if (environ.CONTENT_LENGTH) headers['CONTENT-LENGTH'] = environ.CONTENT_LENGTH;
  return headers;
}

/** The body, read only when the handler reads; null where there is none. */
function bodyOf(environ: WSGIEnvironment): ReadableStream<Uint8Array> | null {
  const { REQUEST_METHOD: method, CONTENT_LENGTH: length } = environ;
  // The Fetch model has no body for these.
  if (/^(?:get|head)$/i.test(method)) return null;
  // Without a length there is a body only if the server can tell its end.
  let missing = environ['wsgi.input_terminated'] && !length ? Infinity : Number(length ?? 0);
  if (missing === 0) return null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const size = Math.min(READ_SIZE, missing);
        const block =
          size > 0 ? await readAvailable(environ['wsgi.input'], size) : new Uint8Array();
        missing -= block.length;
        if (block.length > 0) controller.enqueue(block);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
