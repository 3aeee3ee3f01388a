import { type ParamList, SingleRequestHandler } from '@wsgiref/gateway';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { readHeaders } from './netstring.ts';

/** Serves the one request of an SCGI connection. The response is that of a CGI script. */
export class SCGIRequestHandler extends SingleRequestHandler {
  override readParams(): Awaitable<ParamList | null> {
    return readHeaders(this.rfile, this.server.maxParamsSize);
  }

  /** CONTENT_LENGTH is always there. */
  override getStdin(): InputStream {
    return this.rfile;
  }
}
