import { ClientDisconnected } from '@wsgiref/handlers/base';

/**
 * The body of a `Response`, block by block, each when the host asks for it.
 *
 * Nothing is kept in between: a block that has been written is with the host, and the write is done
 * when the host asks for the next.
 */
export class ResponseStream {
  /** What the `Response` is made of. */
  readonly stream: ReadableStream<Uint8Array>;

  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Whether the host waits for a block. */
  #wanted = false;
  #over = false;
  /** Goes on with what waits for the host. */
  #waiter: (() => void) | null = null;

  /** @param onCancel called when the host wants no more, with its reason */
  constructor(onCancel: (reason: unknown) => void) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.#waiter?.();
        },
        cancel: onCancel,
      },
      { highWaterMark: 0 },
    );
  }

  /** Hands the host a block, as soon as it waits for one. */
  async write(block: Uint8Array): Promise<void> {
    await this.untilWanted();
    this.#wanted = false;
    this.#controller.enqueue(block);
  }

  /**
   * Waits until the host asks for a block.
   *
   * @throws {ClientDisconnected} if it wants no more
   */
  async untilWanted(): Promise<void> {
    if (!this.#wanted && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#waiter = resolve;
      });
      this.#waiter = null;
    }
    if (this.#over) throw new ClientDisconnected('the client wants no more of the response');
  }

  /** Ends the body: that was all. */
  end(): void {
    this.#over = true;
    this.#controller.close();
  }

  /** Breaks the body off: the host sees that something is missing. */
  fail(error: unknown): void {
    this.#controller.error(error);
    this.abandon();
  }

  /** Ends the wait for a host that will not ask again. */
  abandon(): void {
    this.#over = true;
    this.#waiter?.();
  }
}
