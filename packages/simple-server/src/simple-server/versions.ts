/** What the server is, as SERVER_SOFTWARE says. */
export const serverVersion = 'WSGIServer/0.2';

/** What it runs on. */
export const sysVersion: string = `Node.js/${process.versions.node}`;

/**
 * Both, as the `Server` header says.
 *
 * DIFFERS(25): the same everywhere; in Python the error pages say `Python/…` where all else says
 * `CPython/…`.
 */
export const softwareVersion: string = `${serverVersion} ${sysVersion}`;
