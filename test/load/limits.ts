// What the server under load allows its clients: short times, so that a minute sees many of them end.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file that holds key and certificate of a server that speaks TLS, of `localhost`. */
export const CERTFILE: string = fileURLToPath(
  new URL('../node-http/fixtures/localhost.pem', import.meta.url),
);

let pem: string | null = null;

/** The certificate, for clients that trust no other. */
export function certificate(): string {
  return (pem ??= readFileSync(CERTFILE, 'utf8'));
}

/** The versions that the server may speak. */
export const PROTOCOLS = ['HTTP/1.0', 'HTTP/1.1'] as const;

/** A version that the server may speak. */
export type Protocol = (typeof PROTOCOLS)[number];

/** Attributes of a request handler; in seconds. */
export interface HandlerLimits {
  headTimeout: number;
  bodyTimeout: number;
  keepAliveTimeout: number;
  timeout: number | null;
}

/**
 * The limits of a request handler.
 *
 * A `timeout` takes the place of `bodyTimeout`, and limits how long a client may take to read; each
 * version goes with one of the two.
 */
export function handlerLimits(protocol: Protocol): HandlerLimits {
  return {
    headTimeout: 1.5,
    bodyTimeout: 1,
    keepAliveTimeout: 0.5,
    timeout: protocol === 'HTTP/1.0' ? 1 : null,
  };
}

/** Attributes of the server; in seconds. */
export const SERVER_LIMITS = { lingerTimeout: 0.5, lingerTime: 5, shutdownTimeout: 8 } as const;
