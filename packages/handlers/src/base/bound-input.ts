import type { InputStream, WSGIEnvironment } from '@wsgiref/types';
import { repr } from '@wsgiref/util';
import { RequestError } from './errors.ts';
import { LimitedStream } from './limited-stream.ts';

/**
 * Makes `wsgi.input` of the transport's stream.
 *
 * DIFFERS(13): bounded by CONTENT_LENGTH (PEP 3333, "Input and Error Streams"). In Python reading on
 * waits for ever.
 *
 * @param stdin the transport's stream
 * @param environ the request; without a CONTENT_LENGTH, or with `wsgi.input_terminated`, the end of
 *   the stream is the end of the body
 * @throws {RequestError} if CONTENT_LENGTH is no number
 */
export function boundInput(
  stdin: InputStream | null,
  environ: WSGIEnvironment,
): InputStream | null {
  const contentLength = environ.CONTENT_LENGTH;
  if (!stdin || !contentLength || environ['wsgi.input_terminated']) return stdin;
  if (!/^[0-9]{1,15}$/.test(contentLength)) {
    // DIFFERS(51): refused; Python leaves it to the application to find out.
    throw new RequestError('400 Bad Request', `Invalid CONTENT_LENGTH: ${repr(contentLength)}`);
  }
  return new LimitedStream(stdin, Number(contentLength));
}
