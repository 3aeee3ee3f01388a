import { getEventListeners } from 'node:events';
import { ClientDisconnected } from '@wsgiref/handlers/base';

/**
 * The signals that tell the applications of one connection that their client has gone away.
 *
 * Making a signal costs as much as half a request. Requests come one after the other on a connection,
 * and share one, unless someone has been left listening to it.
 */
export class ClientSignal {
  #controller: AbortController | null = null;

  /** Returns the signal of the next request. */
  next(): AbortSignal {
    if (!this.#controller || getEventListeners(this.#controller.signal, 'abort').length > 0) {
      this.#controller = new AbortController();
    }
    return this.#controller.signal;
  }

  /** Fires the signal; an application that throws its reason ends without a word. */
  abort(): void {
    this.#controller?.abort(new ClientDisconnected('the client closed the connection'));
  }
}
