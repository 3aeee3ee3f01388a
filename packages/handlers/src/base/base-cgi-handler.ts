import { SimpleHandler } from './simple-handler.ts';

/**
 * A handler behind a web server: it sends `Status: 200 OK` instead of a status line, and leaves
 * `Date` and `Server` to the web server.
 *
 * Python counterpart: `wsgiref.handlers.BaseCGIHandler`. Gateway protocols such as FastCGI subclass
 * it.
 */
export class BaseCGIHandler extends SimpleHandler {
  override originServer: boolean = false;
}
