/** A deployment of docs/deploying.md. */
export interface Deployment {
  /** Its heading, such as `nginx, FastCGI`. */
  name: string;
  server: 'nginx' | 'Apache' | 'lighttpd' | 'HAProxy';
  protocol: 'HTTP' | 'FastCGI' | 'SCGI' | 'uwsgi' | 'CGI';
  /** Its configuration. */
  config: string;
  /** That with which the web server starts the application itself. */
  started: string | null;
  /** That with which the web server keeps connections to the application. */
  kept: string | null;
  /** The modules of Apache. */
  modules: string[];
}

/** What stands for the placeholders of the page. */
export interface Values {
  port: number;
  appPort: number;
  folder: string;
  node?: string;
  fcgiwrap?: string;
}

export function readDeployments(): Deployment[];
export function fillIn(config: string, values: Values): string;
