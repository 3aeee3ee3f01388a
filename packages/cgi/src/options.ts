import { basename, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WSGIApplication, WSGIApplicationLike } from '@wsgiref/types';
import { asApplication, repr } from '@wsgiref/util';

/** How a CGI program is run. */
export interface CGIOptions {
  /**
   * The command that runs the script, which is appended to it: `'python3'`, `['perl', '-T']`. By
   * default the script is executed itself, and must be executable.
   */
  interpreter?: string | readonly string[];
  /** Variables beside those of the request, which win: text, sent in UTF-8. */
  env?: Readonly<Record<string, string>>;
  /** The variables of this process that the script gets; by default `['PATH']`, and no other. */
  inherit?: readonly string[];
  /** The folder that PATH_TRANSLATED and DOCUMENT_ROOT are made of; without it there are none. */
  documentRoot?: string;
  /** Whether the script sees the Authorization header; false by default (RFC 3875 §9.2). */
  passAuthorization?: boolean;
  /**
   * What answers a local redirect, a `Location: /path` of the script: the application that the
   * server serves, of which this one is a part. Without it such a redirect is an error.
   */
  site?: WSGIApplicationLike;
  /** Milliseconds that the script may be silent for while it is waited for; 60000 by default. */
  timeout?: number;
  /** Milliseconds that the script may run for in all; `Infinity` by default. */
  maxDuration?: number;
  /** Bytes that its response body may have; `Infinity` by default. */
  maxOutput?: number;
}

/** The same, complete. */
export interface Settings {
  /** The path of the script, absolute. */
  readonly script: string;
  /** The command, the script included. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly documentRoot: string | null;
  readonly passAuthorization: boolean;
  readonly site: WSGIApplication | null;
  readonly timeout: number;
  readonly maxDuration: number;
  readonly maxOutput: number;
}

/**
 * Completes the options, once for all requests.
 *
 * @throws {RangeError} if one cannot be
 * @throws {TypeError} if the site is no application
 */
export function makeSettings(path: string | URL, options: CGIOptions): Settings {
  const script = resolve(typeof path === 'string' ? path : fileURLToPath(path));
  // RFC 3875 §5: what such a script sends goes to the client as it is, which is not for WSGI.
  if (/^nph-/i.test(basename(script))) {
    throw new RangeError(
      `${repr(script)} is a script with non-parsed headers: make it one that sends a CGI response`,
    );
  }
  const { interpreter = [], inherit = ['PATH'], documentRoot = null, site } = options;
  if (documentRoot !== null && !isAbsolute(documentRoot)) {
    throw new RangeError(
      `documentRoot should be absolute: make ${repr(documentRoot)} ${repr(resolve(documentRoot))}`,
    );
  }
  const { timeout = 60_000, maxDuration = Infinity, maxOutput = Infinity } = options;
  for (const [name, limit] of Object.entries({ timeout, maxDuration, maxOutput })) {
    if (!(limit > 0)) throw new RangeError(`${name} should be a positive number (got ${limit})`);
  }
  const inherited = inherit.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    script,
    command: [...[interpreter].flat(), script] as string[] as [string, ...string[]],
    env: { ...Object.fromEntries(inherited), ...options.env },
    documentRoot,
    passAuthorization: options.passAuthorization ?? false,
    site: site === undefined ? null : asApplication(site),
    timeout,
    maxDuration,
    maxOutput,
  };
}
