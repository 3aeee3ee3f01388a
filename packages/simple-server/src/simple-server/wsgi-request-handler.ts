import { StandardError } from '@wsgiref/handlers';
import type { ErrorStream, InputStream, WSGIEnvironment } from '@wsgiref/types';
import { BytesIO, decodeLatin1 } from '@wsgiref/util';
import { BaseHTTPRequestHandler } from '../http-server/index.ts';
import { splitTarget } from '../http-server/request-head.ts';
import { TimeoutError } from '../socketserver/index.ts';
import { headerKey } from './header-keys.ts';
import { ServerHandler } from './server-handler.ts';
import { serverVersion, sysVersion } from './versions.ts';
import type { WSGIServer } from './wsgi-server.ts';

const stderr = new StandardError();

/**
 * Makes an environ of a request, and runs the server's application for it.
 *
 * Python counterpart: `wsgiref.simple_server.WSGIRequestHandler`.
 */
export class WSGIRequestHandler extends BaseHTTPRequestHandler {
  override serverVersion: string = serverVersion;
  override sysVersion: string = sysVersion;
  /**
   * DIFFERS(33): head and first block go to the socket together; Python sends each piece by itself.
   * The application's blocks are flushed each.
   */
  override wbufsize: number = 65536;

  declare server: WSGIServer;

  /**
   * Returns the environ of the request: everything but what `ServerHandler` adds.
   *
   * Called once a request; the object is not copied.
   */
  getEnviron(): WSGIEnvironment {
    const base = this.server.baseEnviron;
    const { path, query, authority } = splitTarget(this.path);
    // One literal that names every key: an engine keeps it in a compact form, which keys added one
    // by one do not have. `ServerHandler` fills in those of `wsgi.`.
    const environ: WSGIEnvironment = {
      SERVER_NAME: base['SERVER_NAME'] as string,
      GATEWAY_INTERFACE: base['GATEWAY_INTERFACE'],
      SERVER_PORT: base['SERVER_PORT'] as string,
      SCRIPT_NAME: base['SCRIPT_NAME'] as string,
      SERVER_PROTOCOL: this.requestVersion,
      SERVER_SOFTWARE: this.serverVersion,
      REQUEST_METHOD: this.command,
      PATH_INFO: path.includes('%') ? unquote(path) : path,
      QUERY_STRING: query,
      REMOTE_ADDR: this.clientAddress[0],
      CONTENT_LENGTH:
        this.contentLength === null
          ? (base['CONTENT_LENGTH'] as string)
          : String(this.contentLength),
      'wsgi.input': undefined as never,
      'wsgi.errors': undefined as never,
      'wsgi.version': undefined as never,
      'wsgi.run_once': false,
      'wsgi.url_scheme': 'http',
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
    };
    for (const key in base) if (!(key in environ)) environ[key] = base[key];
    for (const [name, value] of this.headerList) addHeader(environ, name, value);
    if (authority !== null) environ.HTTP_HOST = authority;
    return environ;
  }

  /** Returns where errors of the application are logged. */
  getStderr(): ErrorStream {
    return stderr;
  }

  /** Serves the one request of the connection. */
  override async handle(): Promise<void> {
    try {
      if (!(await this.readRequest())) return;
    } catch (error) {
      // DIFFERS(27): as `http.server` does; `wsgiref` lets it end in a traceback.
      if (!(error instanceof TimeoutError)) throw error;
      this.requestTimedOut(error);
      return;
    }
    const handler = new ServerHandler(
      this.getStdin(),
      this.wfile,
      this.getStderr(),
      this.getEnviron(),
      { multithread: false },
    );
    handler.requestHandler = this;
    await handler.run(this.server.getApp()!);
  }

  /** Returns the request body; without a Content-Length there is none. */
  protected getStdin(): InputStream {
    return this.contentLength === null ? new BytesIO() : this.rfile;
  }
}

/** DIFFERS(28): every header, and only as itself; see `docs/differences.md`. */
function addHeader(environ: WSGIEnvironment, name: string, value: string): void {
  // `X_Real_Ip` would come out as `X-Real-Ip` does, which the server in front vouches for.
  if (name.includes('_')) return;
  const key = headerKey(name);
  if (key === 'HTTP_CONTENT_LENGTH') return;
  if (key === 'HTTP_CONTENT_TYPE') {
    environ.CONTENT_TYPE ??= value;
    return;
  }
  const present = environ[key];
  if (present === undefined) environ[key] = value;
  // RFC 9110 §5.3 joins with commas; RFC 6265 §5.4 has cookies joined with semicolons.
  else environ[key] = `${present as string}${key === 'HTTP_COOKIE' ? '; ' : ','}${value}`;
}

/** Python: `urllib.parse.unquote(path, 'iso-8859-1')`; what is no escape is left as it is. */
function unquote(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    decodeLatin1(Uint8Array.of(parseInt(hex, 16))),
  );
}
