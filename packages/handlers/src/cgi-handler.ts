import type { WSGIApplicationLike } from '@wsgiref/types';
import { BaseCGIHandler } from './base/index.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import { DescriptorWriter } from './descriptor-writer.ts';
import { readEnviron } from './read-environ.ts';
import { MAX_UNREAD_BODY, skipBody } from './skip-body.ts';
import { StandardError } from './standard-error.ts';

/**
 * Serves the one request that a web server started this process for, by CGI (RFC 3875): the request
 * is the environment and standard input, the response goes to standard output.
 *
 * Python counterpart: `wsgiref.handlers.CGIHandler`. When `run()` has resolved, all output has left
 * the process.
 *
 * @example
 * ```ts
 * #!/usr/bin/env node
 * import { CGIHandler } from '@wsgiref/handlers';
 *
 * await new CGIHandler().run((environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [Buffer.from(`hello, ${environ['REMOTE_ADDR']}`)];
 * });
 * ```
 */
export class CGIHandler extends BaseCGIHandler {
  override wsgiRunOnce: boolean = true;

  /**
   * How many bytes may be read of a body that the application has left unread, lest the web server
   * lose the response; of a body with more left nothing is read.
   */
  maxUnreadBody: number = MAX_UNREAD_BODY;

  constructor() {
    super(new DescriptorReader(0), new DescriptorWriter(1), new StandardError(), readEnviron(), {
      multithread: false,
      multiprocess: true,
    });
  }

  override async run(application: WSGIApplicationLike): Promise<void> {
    try {
      await super.run(application);
    } finally {
      await skipBody(this.stdin, this.baseEnv.CONTENT_LENGTH, this.maxUnreadBody);
    }
  }
}
