import { chmod } from 'node:fs/promises';
import { StandardError } from '@wsgiref/handlers';
import {
  type ClientAddress,
  type RequestHandlerClass,
  type TCPAddress,
  TCPServer,
} from '@wsgiref/simple-server/socketserver';
import type {
  ErrorStream,
  WSGIApplication,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { asApplication, repr } from '@wsgiref/util';

/**
 * A server that a web server talks to, with a WSGI application: what those for FastCGI, SCGI and
 * uwsgi share. Limits and logs are attributes, which may be set at any time; they hold for requests
 * that begin later.
 *
 * Python has no counterpart; `wsgiref.simple_server.WSGIServer` is its sibling.
 */
export class GatewayServer extends TCPServer {
  /** The application, as a plain function; null until {@link setApp} has been called. */
  application: WSGIApplication | null = null;
  /** Variables under those of every request: what the application is to be configured by. */
  baseEnviron: Record<string, unknown> = {};
  /**
   * The path that leads to the application, such as `/blog`, and `''` for the root: what is behind it
   * is PATH_INFO, whatever the web server calls it. By default null: SCRIPT_NAME and PATH_INFO are as
   * the web server sends them.
   */
  scriptName: string | null = null;
  /** The permissions of a Unix domain socket, such as 0o660; null, as the process's umask says. */
  mode: number | null = null;
  /** `wsgi.multiprocess`; by default true on a descriptor, since a web server may start several. */
  multiprocess: boolean;

  /** The most bytes that the variables of a request may have together; 65536 by default. */
  maxParamsSize: number = 65536;
  /**
   * The most bytes that the body of a request may have; more is answered with a 413. By default there
   * is no limit but the web server's: a body is never held in memory.
   */
  maxBodySize: number = Infinity;
  /**
   * Seconds to wait for the next bytes of a request, of its variables and its body, where they are
   * asked for; null, for ever. 60 by default, as nginx waits for its clients.
   */
  readTimeout: number | null = 60;
  /**
   * Seconds to wait for the web server to take what has been sent; null, for ever, is the default,
   * since web servers take it at the pace of their clients.
   */
  writeTimeout: number | null = null;

  /** Where errors are logged, those of applications (`wsgi.errors`) and the server's own. */
  errorLog: ErrorStream = new StandardError();
  /** Where a line for each request is logged; null, the default, leaves it to the web server. */
  accessLog: ErrorStream | null = null;

  /**
   * @param serverAddress where to listen; nothing is bound yet
   * @param RequestHandlerClass what to make for each connection
   */
  constructor(serverAddress: TCPAddress, RequestHandlerClass: RequestHandlerClass) {
    super(serverAddress, RequestHandlerClass);
    this.multiprocess = serverAddress[0].startsWith('fd:');
  }

  /** The port that it listens on; 0 where there is none. */
  get serverPort(): number {
    return this.serverAddress[1];
  }

  override async serverBind(): Promise<void> {
    await super.serverBind();
    const [, path] = /^unix:(.+)$/s.exec(this.serverAddress[0]) ?? [];
    if (path !== undefined && this.mode !== null) await chmod(path, this.mode);
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

  /**
   * Logs a request that has been answered, if there is an {@link accessLog}.
   *
   * @param environ the request
   * @param code the status code
   * @param size the bytes of the body that have been sent
   */
  logRequest(environ: WSGIEnvironment, code: string, size: number): void {
    if (!this.accessLog) return;
    // Of a request that has been refused there is no environ.
    const { REMOTE_ADDR: address = '-', REQUEST_METHOD: method = '-' } = environ;
    const { SCRIPT_NAME: script = '', PATH_INFO: rest = '', QUERY_STRING: query } = environ;
    const target = `${script}${rest}${query ? `?${query}` : ''}`;
    this.#log(this.accessLog, String(address), `"${method} ${target}" ${code} ${size}`);
  }

  /**
   * Logs what is wrong with a connection, in one line.
   *
   * @param clientAddress who is at its other end
   * @param message what is wrong
   */
  logError([host]: ClientAddress, message: string): void {
    this.#log(this.errorLog, host === '' ? 'unix:' : host, message);
  }

  override handleError(_request: unknown, [host, port]: ClientAddress, excInfo: unknown): void {
    const stack = excInfo instanceof Error ? excInfo.stack : `Uncaught ${repr(excInfo)}`;
    const from = repr([host, port]);
    void this.errorLog.write(
      `Exception occurred during processing of request from ${from}\n${stack}\n`,
    );
  }

  #log(stream: ErrorStream, address: string, message: string): void {
    const line = message.replaceAll(/[\x00-\x1f\x7f-\x9f\\]/g, escapeControl);
    void stream.write(`${address} - - [${new Date().toISOString()}] ${line}\n`);
  }
}

function escapeControl(character: string): string {
  if (character === '\\') return '\\\\';
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
