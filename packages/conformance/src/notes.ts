// What an application does inside is seen outside by what it writes to `wsgi.errors`.

import type { Awaitable, WSGIEnvironment } from '@wsgiref/types';

/** Tells the lines of applications from those of gateways. */
const MARK = 'conformance: ';

const NOTE = new RegExp(`^${MARK}(.*)\n?`, 'gm');

/** Notes that something has happened. */
export function note(environ: WSGIEnvironment, event: string): Awaitable<number | void> {
  return environ['wsgi.errors'].write(`${MARK}${event}\n`);
}

/**
 * Tells the notes in a log from the rest.
 *
 * @param errors what was logged
 * @returns the notes in order, and what else there is
 */
export function readNotes(errors: string): { notes: string[]; rest: string } {
  return {
    notes: [...errors.matchAll(NOTE)].map(([, event]) => event!),
    rest: errors.replaceAll(NOTE, ''),
  };
}
