/** The script is at fault: it cannot be run, fails, or sends what is no CGI response. */
export class ScriptError extends Error {
  override readonly name: string = 'ScriptError';
  /** The status to answer with, if nothing has been sent yet. */
  readonly status: string;

  /**
   * @param message what the script does, as in 'sends nothing'
   * @param status the status to answer with
   */
  constructor(message: string, status: string = '502 Bad Gateway') {
    super(message);
    this.status = status;
  }
}

/** The script takes longer than it may. */
export class ScriptTimeout extends ScriptError {
  override readonly name: string = 'ScriptTimeout';

  /** @param message what the script does */
  constructor(message: string) {
    super(message, '504 Gateway Timeout');
  }
}

/** The script closes its output before its head is complete: how it has ended may say why. */
export class UnfinishedHead extends ScriptError {
  override readonly name: string = 'UnfinishedHead';
}
