import type { Awaitable, InputStream } from '@wsgiref/types';
import { andThen, IOBase } from '@wsgiref/util';

/**
 * A request body that the client sends only when it is told to go on (RFC 9110 §10.1.1), which the
 * first read does.
 */
export class ExpectedBody extends IOBase implements InputStream {
  readonly #body: InputStream;
  #goOn: (() => Awaitable<unknown>) | null;

  /**
   * @param body the body
   * @param goOn tells the client to send it
   */
  constructor(body: InputStream, goOn: () => Awaitable<unknown>) {
    super();
    this.#body = body;
    this.#goOn = goOn;
  }

  /** @see {@link InputStream.read} */
  read(size: number | null = -1): Awaitable<Uint8Array> {
    return this._inTurn(() => andThen(this.#begin(), () => this.#body.read(size ?? -1)));
  }

  override readline(size: number | null = -1): Awaitable<Uint8Array> {
    return this._inTurn(() => andThen(this.#begin(), () => this.#body.readline(size ?? -1)));
  }

  #begin(): Awaitable<unknown> {
    const goOn = this.#goOn;
    this.#goOn = null;
    return goOn?.();
  }
}
