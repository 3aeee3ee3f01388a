import { ClientDisconnected } from '@wsgiref/handlers/base';

/**
 * The signals that tell the applications of one connection that their client has gone away.
 *
 * Making a signal costs as much as half a request. Requests come one after the other on a connection,
 * and share one, unless someone has been left listening to it.
 */
export class ClientSignal {
  #controller: AbortController | null = null;
  #isHeard = false;

  /** Returns the signal of the next request. */
  next(): AbortSignal {
    if (this.#controller && !this.#isHeard) return this.#controller.signal;
    this.#isHeard = false;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const listen = (...args: Parameters<AbortSignal['addEventListener']>): void => {
      this.#isHeard = true;
      AbortSignal.prototype.addEventListener.apply(signal, args);
    };
    // Not a property that shows.
    Object.defineProperty(signal, 'addEventListener', { value: listen, configurable: true });
    return signal;
  }

  /** Fires the signal; an application that throws its reason ends without a word. */
  abort(): void {
    this.#controller?.abort(new ClientDisconnected('the client closed the connection'));
  }
}
