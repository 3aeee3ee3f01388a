import type { WSGIApplication, WSGIApplicationLike } from '@wsgiref/types';
import { asApplication } from '@wsgiref/util';
import { HTTPServer } from '../http-server/index.ts';

/** The part of every environ that is the same for all requests of a server. */
export type BaseEnvironment = Record<string, unknown>;

/**
 * An HTTP server with a WSGI application.
 *
 * Python counterpart: `wsgiref.simple_server.WSGIServer`.
 */
export class WSGIServer extends HTTPServer {
  /** The application, as a plain function; null until {@link setApp} has been called. */
  application: WSGIApplication | null = null;
  /** Variables of every request; add to it what the application is to be configured by. */
  declare baseEnviron: BaseEnvironment;

  override async serverBind(): Promise<void> {
    await super.serverBind();
    this.setupEnviron();
  }

  /** Makes {@link baseEnviron}. */
  setupEnviron(): void {
    // DIFFERS(26): no REMOTE_HOST, which is empty in Python (PEP 3333: "a variable that is not
    // present should be left out").
    this.baseEnviron = {
      SERVER_NAME: this.serverName,
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_PORT: String(this.serverPort),
      CONTENT_LENGTH: '',
      SCRIPT_NAME: '',
      // What `getScheme()` looks for.
      ...(this.isSecure ? { HTTPS: 'on' } : {}),
    };
  }

  /** Returns the application. */
  getApp(): WSGIApplication | null {
    return this.application;
  }

  /**
   * Sets the application.
   *
   * @param application an application of any form
   * @throws {TypeError} if it is none
   */
  setApp(application: WSGIApplicationLike | null): void {
    this.application = application === null ? null : asApplication(application);
  }
}
