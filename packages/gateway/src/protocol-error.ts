/**
 * The web server sent what its protocol does not allow.
 *
 * The connection is ended, and the message logged: one sentence, without a stack.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
}
