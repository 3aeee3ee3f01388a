import type { Awaitable, WSGIResult } from '@wsgiref/types';
import { andThen, closeResult, isBytes, iterate, repr } from '@wsgiref/util';
import { blockBytes, closedTwice, notClosed, readAfterClose, resultLength } from './body-rules.ts';
import type { Exchange } from './exchange.ts';
import type { Report } from './rule.ts';

type Blocks = Iterator<Uint8Array> | AsyncIterator<Uint8Array>;
type Step = IteratorResult<Uint8Array, undefined>;

/** What outlives a wrapper, to tell how it was left. */
interface Fate {
  closed: boolean;
  readonly report: Report;
}

/** Sees a wrapper that nobody refers to any more. */
const collected = new FinalizationRegistry<Fate>(({ closed, report }) => {
  if (closed) return;
  try {
    // DIFFERS(42): Python writes this to standard error, and raises it where nobody can catch it.
    report(notClosed, 'Iterator garbage collected without being closed');
  } catch {
    // There is nobody left to throw it at, and the rule is a warning unless someone has changed it.
  }
});

/**
 * A result that looks at how it is iterated over and closed: synchronously if the application's can
 * be, else asynchronously.
 *
 * Python counterpart: `wsgiref.validate.IteratorWrapper`.
 */
export class IteratorWrapper {
  /** That of the application's result, if it has one. */
  declare readonly length?: number;
  declare readonly [Symbol.iterator]?: () => Iterator<Uint8Array, undefined>;
  declare readonly [Symbol.asyncIterator]?: () => AsyncIterator<Uint8Array, undefined>;

  readonly #result: WSGIResult;
  readonly #exchange: Exchange;
  readonly #fate: Fate;
  /** The iterator over the result, from the first block on. */
  #iterator: Blocks | null = null;
  /** The same while it stands in the middle: it has not ended, nor thrown. */
  #unfinished: Blocks | null = null;
  #count = 0;

  /**
   * @param result what the application returned
   * @param exchange the request and its response
   */
  constructor(result: WSGIResult, exchange: Exchange) {
    this.#result = result;
    this.#exchange = exchange;
    this.#fate = { closed: false, report: exchange.report };
    collected.register(this, this.#fate);

    // DIFFERS(39): Python drops it, and with it the Content-Length that a server computes.
    const { length } = result as { length?: unknown };
    if (typeof length === 'number') this.length = length;
    if ((result as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator]) {
      this[Symbol.asyncIterator] = () => ({ next: async () => this.next() });
    } else {
      this[Symbol.iterator] = () => ({ next: () => this.next() as Step });
    }
  }

  /** Asks the application for its next block, and checks it. */
  next(): Awaitable<Step> {
    if (this.#fate.closed) this.#exchange.report(readAfterClose, 'Iterator read after closed');
    this.#exchange.iterating = true;
    const iterator = (this.#iterator ??= iterate(this.#result));
    this.#unfinished = null;
    return andThen<Step, Step>(iterator.next() as Awaitable<Step>, (step) => {
      if (step.done) return this.#end();
      this.#unfinished = iterator;
      return this.#check(step);
    });
  }

  /** Closes the application's result. */
  close(): Awaitable<void> {
    if (this.#fate.closed) {
      this.#exchange.report(closedTwice, 'Iterator closed twice');
      return;
    }
    this.#fate.closed = true;
    return closeResult(this.#result, this.#unfinished);
  }

  #check(step: Step): Step {
    const { value } = step;
    if (isBytes(value)) {
      this.#exchange.count(value);
    } else {
      this.#exchange.report(blockBytes, `Iterator yielded non-bytestring (${repr(value)})`);
    }
    this.#count++;
    return step;
  }

  #end(): Step {
    this.#exchange.complete();
    if (this.length !== undefined && this.length !== this.#count) {
      this.#exchange.report(
        resultLength,
        `The result has the length ${this.length}, and ${this.#count} blocks`,
      );
    }
    return { done: true, value: undefined };
  }
}
