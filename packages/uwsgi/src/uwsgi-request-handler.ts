import { type ParamList, SingleRequestHandler } from '@wsgiref/gateway';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { BytesIO } from '@wsgiref/util';
import { readVars } from './packet.ts';
import { UWSGIHandler } from './uwsgi-handler.ts';

/** Serves the one request of a uwsgi connection. The response is that of an HTTP/1.0 server. */
export class UWSGIRequestHandler extends SingleRequestHandler {
  override readParams(): Awaitable<ParamList | null> {
    return readVars(this.rfile, this.server.maxParamsSize);
  }

  override getStdin(params: ParamList): InputStream {
    const hasBody = params.some(([name, value]) => name === 'CONTENT_LENGTH' && value !== '');
    return hasBody ? this.rfile : new BytesIO();
  }

  override makeHandler(params: ParamList): UWSGIHandler {
    const stdin = this.getStdin(params);
    return new UWSGIHandler(stdin, this.wfile, this.server.errorLog, params, this.server);
  }
}
