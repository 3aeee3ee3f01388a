// The language of the cases: requests, applications and outputs as data, which ours.ts and theirs.py
// perform. Text is in native strings: a character is a byte.

/** One request to one handler. */
export interface Case {
  /** What it is about; no two cases have the same. */
  readonly name: string;
  readonly handler?: HandlerName;
  /** Variables over those of a plain GET; null leaves one out. */
  readonly environ?: Readonly<Record<string, string | null>>;
  /** The bytes of `wsgi.input`. */
  readonly input?: string;
  /** Attributes of the handler, under Python's names. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<{ multithread?: boolean; multiprocess?: boolean }>;
  readonly output?: Output;
  readonly application: Application;
}

/** The handlers, whose names are the same on both sides. */
export type HandlerName = 'SimpleHandler' | 'BaseCGIHandler' | 'ServerHandler';

/** How the handler's output behaves. */
export interface Output {
  /** The write that holds this text fails. */
  readonly failsAt?: string;
  /** With what: a system error by its name, or else an `ApplicationError`. */
  readonly error?: string;
  /** The most bytes that a write takes. */
  readonly takes?: number;
}

/** An application: what it does when called, and what it does when its result is iterated over. */
export interface Application {
  readonly form: Form;
  /** When it is called; blocks that it yields make up the result of the form `list`. */
  readonly steps: readonly Step[];
  /** When the result of the form `iterable` is iterated over. */
  readonly iteration?: readonly Step[];
  /** What `close()` does; by default there is none. */
  readonly close?: readonly Step[];
  /** The length that the result says it has. */
  readonly length?: number;
  /** What the form `value` returns, or what the form `file` holds. */
  readonly value?: Value;
  /** The block size of the form `file`. */
  readonly blockSize?: number;
}

/**
 * A `list` of all blocks; a `generator`, which does nothing before the first block is asked for; an
 * `iterable` object; a `file` in `wsgi.file_wrapper`; a `class` whose instances are iterable; any
 * `value`; or no application at all: the `value` instead of one.
 */
export type Form = 'list' | 'generator' | 'iterable' | 'file' | 'class' | 'value' | 'none';

/** What an application does next. */
export type Step =
  /** Calls start_response(); `caught` passes what is being handled, `made` another error. */
  | readonly [
      name: 'start',
      status: Value,
      headers: Value,
      excInfo?: 'caught' | 'made' | 'null' | 'extra',
    ]
  | readonly [name: 'write', block: Value]
  | readonly [name: 'yield', block: Value]
  /** Raises an `ApplicationError`, or a system error by its name. */
  | readonly [name: 'raise', message: string, error?: string]
  /** Performs the first steps, and the others if these fail. */
  | readonly [name: 'try', steps: readonly Step[], handler: readonly Step[]]
  /** Performs the first steps, and the others in any case. */
  | readonly [name: 'finally', steps: readonly Step[], last: readonly Step[]]
  | readonly [name: 'read' | 'readline' | 'readlines', ...size: (number | null)[]]
  /** Notes a variable. */
  | readonly [name: 'variable', key: string]
  | readonly [name: 'set', key: string, value: string]
  /** Writes to `wsgi.errors`. */
  | readonly [name: 'log', text: string]
  | readonly [name: 'note', text: string];

/** A string stands for bytes where bytes belong, and for text elsewhere. */
export type Value =
  | string
  | number
  | boolean
  | null
  /** Text where bytes belong, or bytes where text belongs. */
  | { readonly text: string }
  | { readonly bytes: string }
  | readonly (readonly Value[] | Value)[];

/** What has come of a case. */
export interface Answer {
  /** What has been sent, dates and versions aside. */
  readonly output: string;
  /** What has been logged; of a traceback, class and message. */
  readonly log: string;
  /** What has happened, in order: calls of the handler's methods, steps of the application, output. */
  readonly events: readonly string[];
  /** What has come out of `run()`, as `Class: message`. */
  readonly raised: string | null;
  /** The environ of the application, but for its streams. */
  readonly environ: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** The handler's methods whose calls are noted, in the order in which a request meets them. */
export const METHODS = [
  'setup_environ',
  'add_cgi_vars',
  'get_stdin',
  'get_stderr',
  'get_scheme',
  'start_response',
  'finish_response',
  'result_is_file',
  'sendfile',
  'write',
  'send_headers',
  'cleanup_headers',
  'set_content_length',
  'client_is_modern',
  'send_preamble',
  'finish_content',
  'close',
  'log_exception',
  'handle_error',
  'error_output',
] as const;

/** The variables of every request. */
export const REQUEST: Readonly<Record<string, string>> = {
  REQUEST_METHOD: 'GET',
  SCRIPT_NAME: '',
  PATH_INFO: '/',
  QUERY_STRING: '',
  SERVER_NAME: 'localhost',
  SERVER_PORT: '80',
  SERVER_PROTOCOL: 'HTTP/1.0',
};
