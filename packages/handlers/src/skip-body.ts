import type { InputStream } from '@wsgiref/types';
import { DescriptorReader } from './descriptor-reader.ts';

/** How much of an unread body is read for the sake of the response, in bytes: Go's limit. */
export const MAX_UNREAD_BODY = 262_144;

/**
 * Reads what the application of a CGI script has left of the request body.
 *
 * DIFFERS(60): Python leaves it. RFC 3875 §4.2 lets it, but a web server may lose the response then:
 * Apache's mod_cgid gives a script one socket for both, which the system resets if it is closed with
 * something to read in it, and fcgiwrap gives up where it cannot write all of the body.
 *
 * @param stdin where the body comes from; nothing is read of one that is not the process's own
 * @param contentLength CONTENT_LENGTH, in bytes
 * @param maximum the most bytes to read; of a body with more left nothing is read
 */
export async function skipBody(
  stdin: InputStream | null,
  contentLength: string | undefined,
  maximum: number,
): Promise<void> {
  if (!(stdin instanceof DescriptorReader)) return;
  let unread = Number(contentLength) - stdin.bytesRead;
  if (unread > maximum) return;
  try {
    while (unread > 0) {
      const { length } = await stdin.read1(unread);
      unread = length === 0 ? 0 : unread - length;
    }
  } catch {
    // What cannot be read keeps nobody waiting.
  }
}
