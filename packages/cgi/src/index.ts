/**
 * CGI programs as WSGI applications (RFC 3875).
 *
 * @module
 */

export { cgiApplication } from './cgi-application.ts';
export { type CGIOptions } from './options.ts';
