import type { InputStream, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, concatBytes } from '@wsgiref/util';

/** A request body whose length is known. */
export interface RequestBody {
  readonly input: InputStream;
  /** In bytes; null, there is no body. */
  readonly length: number | null;
}

/** As much of a body of unknown length is kept, in bytes, until its end is there. */
const MOST_KEPT = 1024 * 1024;

/**
 * Finds out how long the request body is: a script is told before it reads (RFC 3875 §4.1.2).
 *
 * @param environ the request
 * @returns the body; null if that takes too much memory
 */
export async function takeBody(environ: WSGIEnvironment): Promise<RequestBody | null> {
  const input = environ['wsgi.input'];
  if (environ.CONTENT_LENGTH) return { input, length: Number(environ.CONTENT_LENGTH) };
  if (!environ['wsgi.input_terminated']) return { input, length: null };
  const blocks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const block = await input.read(MOST_KEPT + 1 - length);
    if (block.length === 0) break;
    blocks.push(block);
    length += block.length;
    if (length > MOST_KEPT) return null;
  }
  return { input: new BytesIO(concatBytes(blocks)), length: length || null };
}
