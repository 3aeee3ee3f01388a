import type { WSGIApplicationLike } from '@wsgiref/types';
import { BaseCGIHandler } from './base/index.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import { DescriptorWriter } from './descriptor-writer.ts';
import { readEnviron } from './read-environ.ts';
import { MAX_UNREAD_BODY, skipBody } from './skip-body.ts';
import { StandardError } from './standard-error.ts';

/**
 * `CGIHandler` for Microsoft's IIS, which repeats SCRIPT_NAME at the beginning of PATH_INFO.
 *
 * Python counterpart: `wsgiref.handlers.IISCGIHandler`. Where IIS is configured with `allowPathInfo`
 * the repetition is not there: it is cut off only if it is.
 */
export class IISCGIHandler extends BaseCGIHandler {
  override wsgiRunOnce: boolean = true;

  /**
   * How many bytes may be read of a body that the application has left unread, lest the web server
   * lose the response; of a body with more left nothing is read.
   */
  maxUnreadBody: number = MAX_UNREAD_BODY;

  constructor() {
    const environ = readEnviron();
    const { SCRIPT_NAME: scriptName = '', PATH_INFO: pathInfo = '' } = environ;
    const repeated = `${pathInfo}/`.startsWith(`${scriptName}/`);
    environ['PATH_INFO'] = repeated ? pathInfo.slice(scriptName.length) : pathInfo;
    super(new DescriptorReader(0), new DescriptorWriter(1), new StandardError(), environ, {
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
