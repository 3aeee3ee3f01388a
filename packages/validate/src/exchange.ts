import type { HeaderList, StartResponse, WriteCallable, WSGIEnvironment } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import {
  bodyForbidden,
  bodyOnHead,
  bodyTooLong,
  bodyTooShort,
  excInfoTrapped,
  lengthForbidden,
  startResponseArguments,
  startResponseMissing,
  startResponseTwice,
  startResponseWrite,
} from './body-rules.ts';
import { checkContentType } from './check-content-type.ts';
import { checkExcInfo } from './check-exc-info.ts';
import { checkHeaders } from './check-headers.ts';
import { checkStatus } from './check-status.ts';
import { findHeader } from './find-header.ts';
import { strict } from './report.ts';
import type { Report } from './rule.ts';
import { WriteWrapper } from './write-wrapper.ts';

/**
 * What is known of one request and its response while they last: what the wrappers of both look at.
 *
 * Python has no counterpart: its wrappers know nothing of each other.
 */
export class Exchange {
  /** Passes broken rules on. */
  readonly report: Report;
  /** Whether the server has begun to ask for blocks: from here on `write()` must not be called. */
  iterating = false;

  readonly #isHead: boolean;
  readonly #startResponse: StartResponse;
  /** Whether the application has called `startResponse()`, successfully or not. */
  #started = false;
  /** Whether the server has thrown at a caught value, which ends the application. */
  #aborted = false;
  /** How many bytes the body should have; null if nobody has said. */
  #length: number | null = null;
  #hasBody = true;
  #sent = 0;

  /**
   * @param environ the request
   * @param startResponse the server's
   * @param report passes broken rules on; by default errors are thrown
   */
  constructor(environ: WSGIEnvironment, startResponse: StartResponse, report: Report = strict) {
    this.report = report;
    this.#isHead = environ.REQUEST_METHOD === 'HEAD';
    this.#startResponse = startResponse;
  }

  /** The `startResponse()` that the application is given. */
  startResponse(...args: unknown[]): WriteCallable {
    if (args.length < 2 || args.length > 3) {
      this.report(startResponseArguments, `Invalid number of arguments: ${args.length}`);
    }
    this.#checkAborted();
    const [status, headers, excInfo] = args as Parameters<StartResponse>;
    // PEP 3333: "This includes the case where the first call to start_response raised an error."
    const again = this.#started;
    this.#started = true;
    checkStatus(status, this.report);
    checkHeaders(headers, this.report);
    if (typeof status === 'string' && Array.isArray(headers)) {
      checkContentType(status, headers, this.report);
      this.#expectBody(status, headers);
    }
    checkExcInfo(excInfo, this.report);
    if (again && (excInfo === undefined || excInfo === null)) {
      this.report(startResponseTwice, 'Headers already set!');
    }
    const write = this.#pass(status, headers, args.slice(2, 3));
    if (typeof write !== 'function') {
      this.report(startResponseWrite, `start_response() returned no write(): ${repr(write)}`);
    }
    const wrapper = new WriteWrapper(write, this);
    return (data) => wrapper.__call__(data);
  }

  /** Notes a block of the body. */
  count(block: Uint8Array): void {
    this.#checkAborted();
    this.checkStarted();
    this.#sent += block.length;
    if (block.length === 0) return;
    if (this.#isHead) {
      this.report(bodyOnHead, `The response to a HEAD request has a body of ${this.#sent} bytes`);
    } else if (!this.#hasBody) {
      this.report(bodyForbidden, `A response without content has a body of ${this.#sent} bytes`);
    } else if (this.#length !== null && this.#sent > this.#length) {
      this.report(
        bodyTooLong,
        `The body has ${this.#sent} bytes, more than the ${this.#length} of its Content-Length`,
      );
    }
  }

  /** Notes that the body has come to its end. */
  complete(): void {
    this.#checkAborted();
    this.checkStarted();
    if (this.#isHead || !this.#hasBody || this.#length === null) return;
    if (this.#sent < this.#length) {
      this.report(
        bodyTooShort,
        `The body has ${this.#sent} bytes, fewer than the ${this.#length} of its Content-Length`,
      );
    }
  }

  /** Checks that the response has begun. */
  checkStarted(): void {
    if (this.#started) return;
    this.report(
      startResponseMissing,
      'The application returns and we started iterating over its body, but start_response has not ' +
        'yet been called',
    );
  }

  /** Passes a call on to the server. */
  #pass(status: string, headers: HeaderList, rest: unknown[]): WriteCallable {
    try {
      return this.#startResponse(status, headers, ...rest);
    } catch (error) {
      this.#aborted = rest[0] !== undefined && rest[0] !== null;
      throw error;
    }
  }

  #expectBody(status: string, headers: HeaderList): void {
    this.#hasBody = !/^(?:204|205|304)/.test(status);
    const length = findHeader(headers, 'content-length');
    this.#length = length === undefined ? null : Number(length);
    if (status.startsWith('204') && this.#length !== null) {
      this.report(
        lengthForbidden,
        `Content-Length header found in a 204 response (${repr(length)})`,
      );
    }
  }

  /** PEP 3333: "The application must not trap any exceptions raised by start_response". */
  #checkAborted(): void {
    if (!this.#aborted) return;
    this.#aborted = false;
    this.report(excInfoTrapped, 'The application goes on, though start_response() has thrown');
  }
}
