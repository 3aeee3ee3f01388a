/**
 * The WSGI protocol of PEP 3333 as TypeScript types, after Python's `wsgiref.types`.
 *
 * There is no code in this package: everything is erased by the compiler.
 *
 * Strings are PEP 3333's *native strings*: each character stands for one byte, U+0000 to U+00FF
 * (`encodeLatin1` and `decodeLatin1` of `@wsgiref/util` convert them). Bodies are `Uint8Array`,
 * never strings.
 *
 * @module
 */

/** A value, or a promise of it: what every seam of the protocol may return. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Response headers in the order they are sent: Python's list of `(name, value)` tuples. */
export type HeaderList = [name: string, value: string][];

/**
 * What was caught: the counterpart of Python's `sys.exc_info()` tuple.
 *
 * A JavaScript error carries its own traceback, so the caught value itself is enough.
 */
export type ExcInfo = unknown;

/** The `write()` callable that {@link StartResponse} returns (PEP 3333, "The `write()` Callable"). */
export interface WriteCallable {
  /**
   * Sends one block of the body.
   *
   * @param data the bytes to send
   * @returns nothing, or a promise that resolves once the transport has room for more
   */
  (data: Uint8Array): Awaitable<void>;
}

/**
 * Begins the response (PEP 3333, "The `start_response()` Callable"; Python's `StartResponse`).
 *
 * Parameters are positional.
 */
export interface StartResponse {
  /**
   * @param status a three-digit code, a space and a reason phrase, such as `'200 OK'`
   * @param headers `[name, value]` pairs; the server may change the array
   * @param excInfo the caught value, when an error handler replaces a response already begun
   * @throws {AssertionError} if a response has already begun and `excInfo` is not given, or an
   *   argument is malformed
   * @throws the `excInfo` itself, if the headers have already been sent
   */
  (status: string, headers: HeaderList, excInfo?: ExcInfo | null): WriteCallable;
}

/**
 * What an application returns: blocks of the body, sync or async, and optionally `close()`.
 *
 * After the last use the server calls `close()` exactly once if it exists; a generator object, which
 * has `return()` and no `close()`, gets `return()`, so that its `finally` blocks run.
 */
export type WSGIResult = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & {
  close?(): Awaitable<void>;
};

/** A WSGI application in its plain form (Python's `WSGIApplication`). */
export interface WSGIApplication {
  (environ: WSGIEnvironment, startResponse: StartResponse): Awaitable<WSGIResult>;
}

/** A class that is itself the application: each instance is the result of one call. */
export interface WSGIApplicationClass {
  new (environ: WSGIEnvironment, startResponse: StartResponse): WSGIResult;
}

/** An instance that is the application: Python's object with a `__call__()` method. */
export interface WSGIApplicationObject {
  __call__(environ: WSGIEnvironment, startResponse: StartResponse): Awaitable<WSGIResult>;
}

/** Every form of application that the servers, gateways and middleware of this family accept. */
export type WSGIApplicationLike = WSGIApplication | WSGIApplicationClass | WSGIApplicationObject;

/** `environ['wsgi.input']` (PEP 3333, "Input and Error Streams"; Python's `InputStream`). */
export interface InputStream {
  /**
   * @param size the most bytes to return; omitted or negative, everything up to the end
   * @returns the bytes, empty at the end of the input
   */
  read(size?: number): Awaitable<Uint8Array>;
  /**
   * @param size the most bytes to return; omitted or negative, the whole line
   * @returns one line with its line feed, empty at the end of the input
   */
  readline(size?: number): Awaitable<Uint8Array>;
  /**
   * @param hint stop once this many bytes have been read; omitted or not positive, read all
   * @returns the lines, each with its line feed
   */
  readlines(hint?: number): Awaitable<Uint8Array[]>;
  /** Iterates over the lines. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
}

/** `environ['wsgi.errors']` (PEP 3333, "Input and Error Streams"; Python's `ErrorStream`). */
export interface ErrorStream {
  /** @param s text; here any Unicode is welcome, not native strings only */
  write(s: string): Awaitable<number | void>;
  /** @param lines texts to write one after the other; no line feeds are added */
  writelines(lines: Iterable<string>): Awaitable<void>;
  /** Passes on what has been written. */
  flush(): Awaitable<void>;
}

/** Where a handler sends a response: a socket, standard output, a buffer. */
export interface OutputStream {
  /**
   * @param data the bytes to write
   * @returns nothing, or how many bytes were taken, for a stream that writes in part; or a promise
   *   of either that resolves once there is room for more
   */
  write(data: Uint8Array): Awaitable<number | void>;
  /** Passes on what has been written. */
  flush(): Awaitable<void>;
}

/** The file-like object that `wsgi.file_wrapper` takes: `close()` is optional. */
export interface FileLike {
  /**
   * @param size the most bytes to return
   * @returns the next bytes, empty at the end
   */
  read(size: number): Awaitable<Uint8Array>;
  close?(): Awaitable<void>;
}

/**
 * `environ['wsgi.file_wrapper']` (PEP 3333, "Optional Platform-Specific File Handling"; Python's
 * `FileWrapper`): called without `new`.
 */
export interface FileWrapper {
  /**
   * @param file what to send
   * @param blockSize bytes to read at a time
   */
  (file: FileLike, blockSize?: number): WSGIResult;
}

/** The request, and what the server says of itself (PEP 3333, "`environ` Variables"). */
export interface WSGIEnvironment {
  /** The request method, such as `'GET'`; never empty. */
  REQUEST_METHOD: string;
  /** The path under which the application is mounted; `''` at the root. */
  SCRIPT_NAME: string;
  /** The rest of the path, percent-decoded into bytes. */
  PATH_INFO: string;
  /** What follows the `?`, still encoded; may be empty or absent. */
  QUERY_STRING?: string;
  /** The request's `Content-Type` header; may be empty or absent. */
  CONTENT_TYPE?: string;
  /** The length of the request body in bytes, as decimal digits; may be empty or absent. */
  CONTENT_LENGTH?: string;
  /** The server's name; never empty. */
  SERVER_NAME: string;
  /** The server's port, as decimal digits; never empty. */
  SERVER_PORT: string;
  /** The protocol of the request, such as `'HTTP/1.0'`. */
  SERVER_PROTOCOL: string;
  /** The request's headers, upper-cased, `-` as `_`. */
  [header: `HTTP_${string}`]: string | undefined;
  /** The version of WSGI. */
  'wsgi.version': readonly [1, 0];
  /** `'http'` or `'https'`. */
  'wsgi.url_scheme': string;
  /** The request body. */
  'wsgi.input': InputStream;
  /** Where errors are logged. */
  'wsgi.errors': ErrorStream;
  /** Whether another thread of this process may call the application at the same time. */
  'wsgi.multithread': boolean;
  /** Whether another process may call the application at the same time. */
  'wsgi.multiprocess': boolean;
  /** Whether the application is expected to be called only once in this process. */
  'wsgi.run_once': boolean;
  /** Makes a result of a file; absent where the server has no such thing. */
  'wsgi.file_wrapper'?: FileWrapper;
  /** Whether `wsgi.input` ends by itself, whatever CONTENT_LENGTH says. */
  'wsgi.input_terminated'?: boolean;
  /** Fires when the client goes away, where the server can tell: an extension of this project's. */
  'wsgiref.signal'?: AbortSignal;
  /** Anything else that a server or middleware adds. */
  [key: string]: unknown;
}

declare global {
  // The platform's own, wherever its types are loaded; here it is known by name only.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface AbortSignal {}
}
