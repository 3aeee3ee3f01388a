import type {
  Awaitable,
  StartResponse,
  WSGIApplication,
  WSGIApplicationLike,
  WSGIApplicationObject,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { asApplication, repr, requestUri, shiftPathInfo } from '@wsgiref/util';
import { page } from './page.ts';
import { parsePath } from './parse-path.ts';

/** What a {@link Router} does beside its routes and mounts. */
export interface RouterOptions {
  /** Answers what nothing else does, with the environ as it came; by default a page with a 404. */
  fallback?: WSGIApplicationLike;
  /**
   * Whether a path that has no route is redirected to the one with a slash more or less at its end
   * that has; false by default.
   */
  redirectSlashes?: boolean;
}

/** A place in the tree of paths. */
class Node {
  readonly children = new Map<string, Node>();
  /** Answers the path itself. */
  route: WSGIApplication | null = null;
  /** Answers the path with a slash at its end. */
  slashRoute: WSGIApplication | null = null;
  /** Answers the path and everything below. */
  mount: WSGIApplication | null = null;
}

/** How far a path has been traversed. */
interface Place {
  SCRIPT_NAME: string;
  PATH_INFO: string;
}

/** An application, and the environ that it is to be called with. */
interface Found {
  readonly application: WSGIApplication;
  readonly environ: WSGIEnvironment;
}

/**
 * An application that hands each request to one of others, by its path.
 *
 * It is what `wsgiref` has on its list of things to do as `router`, "a simple middleware component
 * that handles URL traversal". The path is traversed with `shiftPathInfo`: whatever answers finds in
 * SCRIPT_NAME how it was come by, and in PATH_INFO what is left for itself. It gets an environ of its
 * own; that of the router stays as it came.
 *
 * The longest path wins, and of the same length a route before a mount.
 *
 * @example
 * ```ts
 * import { byMethod, Router } from '@wsgiref/router';
 * import { encodeLatin1, setupTestingDefaults } from '@wsgiref/util';
 *
 * const router = new Router().mount('/blog', (environ, startResponse) => {
 *   startResponse('200 OK', [['Content-Type', 'text/plain']]);
 *   return [encodeLatin1(`${environ.SCRIPT_NAME} and ${environ.PATH_INFO}`)];
 * });
 *
 * const environ = { SCRIPT_NAME: '', PATH_INFO: '/blog/2026/may' };
 * setupTestingDefaults(environ);
 * const [block] = (await router.__call__(environ, () => () => {})) as Uint8Array[];
 * console.log(new TextDecoder().decode(block)); // /blog and /2026/may
 * console.log(environ.PATH_INFO); // /blog/2026/may
 * ```
 */
export class Router implements WSGIApplicationObject {
  readonly #root = new Node();
  readonly #fallback: WSGIApplication;
  readonly #redirectSlashes: boolean;

  /**
   * @param options what to do beside the routes and mounts
   * @throws {TypeError} if the fallback is no application
   */
  constructor({ fallback = notFound, redirectSlashes = false }: RouterOptions = {}) {
    this.#fallback = asApplication(fallback);
    this.#redirectSlashes = redirectSlashes;
  }

  /**
   * Has an application answer one path, and nothing below it.
   *
   * @param path the path as people read it, not percent-encoded: `'/caf\u00e9'` is what browsers
   *   send for it, UTF-8. With a slash at its end it is another path than without. `'/'` is where
   *   the router itself is mounted, for which PATH_INFO may be empty.
   * @param application an application of any form; one of `byMethod()`, to tell methods apart
   * @returns the router
   * @throws {TypeError} if it is no application
   * @throws {RangeError} if the path is none, or has a route already
   */
  route(path: string, application: WSGIApplicationLike): this {
    const plain = asApplication(application);
    const segments = parsePath(path);
    const isSlash = segments.at(-1) === '';
    const node = this.#makeNode(isSlash ? segments.slice(0, -1) : segments);
    if (node[isSlash ? 'slashRoute' : 'route']) {
      throw new RangeError(`there is a route for ${repr(path)} already`);
    }
    node[isSlash ? 'slashRoute' : 'route'] = plain;
    return this;
  }

  /**
   * Has an application answer a path and everything below it, with a SCRIPT_NAME that ends in it.
   *
   * @param path the path as people read it, without a slash at its end; `'/'` is everything
   * @param application an application of any form, another router among them
   * @returns the router
   * @throws {TypeError} if it is no application
   * @throws {RangeError} if the path is none, or has a mount already
   */
  mount(path: string, application: WSGIApplicationLike): this {
    const plain = asApplication(application);
    const segments = path === '/' ? [] : parsePath(path);
    if (segments.at(-1) === '') {
      throw new RangeError(
        `a mount has no slash at its end: make ${repr(path)} ${repr(path.slice(0, -1))}`,
      );
    }
    const node = this.#makeNode(segments);
    if (node.mount) throw new RangeError(`there is a mount at ${repr(path)} already`);
    node.mount = plain;
    return this;
  }

  /**
   * Hands a request on.
   *
   * @param environ the request; it is not changed
   * @param startResponse begins the response
   * @returns what the application returns, as it is
   * @throws {RangeError} if PATH_INFO is not empty and has no slash: no server should have that
   */
  __call__(environ: WSGIEnvironment, startResponse: StartResponse): Awaitable<WSGIResult> {
    const found = this.#find(environ);
    return found.application(found.environ, startResponse);
  }

  #find(environ: WSGIEnvironment): Found {
    let node = this.#root;
    let place: Place = {
      SCRIPT_NAME: environ.SCRIPT_NAME ?? '',
      PATH_INFO: environ.PATH_INFO ?? '',
    };
    let mounted = { node, place };
    for (;;) {
      const below = { ...place };
      const name = shiftPathInfo(below);
      const next = name === null ? undefined : node.children.get(name);
      if (!next) break;
      node = next;
      place = below;
      if (node.mount) mounted = { node, place };
    }

    const at = (where: Place, application: WSGIApplication): Found => ({
      application,
      environ: { ...environ, ...where },
    });
    const route = this.#routeOf(node, place);
    if (route) return at(place, route);
    const moved = node.mount ? null : this.#redirectOf(node, place);
    if (moved) return at(moved, redirect);
    if (mounted.node.mount) return at(mounted.place, mounted.node.mount);
    return { application: this.#fallback, environ };
  }

  #routeOf(node: Node, { SCRIPT_NAME, PATH_INFO }: Place): WSGIApplication | null {
    if (PATH_INFO === '/') return node.slashRoute;
    if (PATH_INFO !== '') return null;
    // PEP 3333: "This may be the empty string, if the request URL targets the application root and
    // does not have a trailing slash."
    const isSame = node === this.#root && !(this.#redirectSlashes && SCRIPT_NAME);
    return isSame ? node.slashRoute : node.route;
  }

  /** Where the path with a slash more or less at its end is, if there is a route for it. */
  #redirectOf(node: Node, { SCRIPT_NAME, PATH_INFO }: Place): Place | null {
    if (!this.#redirectSlashes) return null;
    if (PATH_INFO === '' && node.slashRoute) return { SCRIPT_NAME, PATH_INFO: '/' };
    if (PATH_INFO === '/' && node.route) return { SCRIPT_NAME, PATH_INFO: '' };
    return null;
  }

  #makeNode(segments: readonly string[]): Node {
    let node = this.#root;
    for (const segment of segments) {
      let next = node.children.get(segment);
      if (!next) node.children.set(segment, (next = new Node()));
      node = next;
    }
    return node;
  }
}

const notFound: WSGIApplication = (environ, startResponse) =>
  page(environ, startResponse, '404 Not Found');

/** RFC 9110 §15.4.9: with a 308 the client sends the same request again, body and all. */
const redirect: WSGIApplication = (environ, startResponse) =>
  page(environ, startResponse, '308 Permanent Redirect', [['Location', requestUri(environ)]]);
