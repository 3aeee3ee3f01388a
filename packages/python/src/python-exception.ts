/** What the Python half of the bridge tells of an exception, as JSON. */
export interface ExceptionDescription {
  readonly type: string;
  readonly message: string;
  readonly traceback: string;
}

/**
 * An exception of Python's that has left Python: an application that fails, say.
 *
 * Its `name` is that of its class, `'ValueError'`, with the module in front if it is none of Python's
 * own; its `message` is `str(exception)`, and its `stack` Python's traceback, as Python prints it, with
 * the exceptions that have led to it. That is what a server logs.
 */
export class PythonException extends Error {
  /** @param description what Python says of it */
  constructor({ type, message, traceback }: ExceptionDescription) {
    super(message);
    this.name = type;
    this.stack = traceback;
  }
}
