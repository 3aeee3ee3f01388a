/**
 * `CGIHandler` alone, for a script that a web server starts anew for each request: one file with all
 * that it needs, since most of the time of a script goes into finding its modules.
 *
 * What it shares with other packages it has copies of: `instanceof` does not know theirs.
 *
 * @module
 */

export { CGIHandler } from './cgi-handler.ts';
