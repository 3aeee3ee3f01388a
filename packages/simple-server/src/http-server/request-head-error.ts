/** A request head that cannot be served: what to answer, and why. */
export class RequestHeadError extends Error {
  override readonly name: string = 'RequestHeadError';
  /** The status code to answer with. */
  readonly code: number;
  /** A longer explanation, where the status code's own does not do. */
  readonly explain: string | undefined;

  /**
   * @param code the status code to answer with
   * @param message what is wrong, for the status line
   * @param explain what is wrong at greater length, for the error page
   */
  constructor(code: number, message: string, explain?: string) {
    super(message);
    this.code = code;
    this.explain = explain;
  }
}
