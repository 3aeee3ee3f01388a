import { dirname } from 'node:path';
import type { StartResponse, WSGIApplication, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { BytesIO, decodeLatin1 } from '@wsgiref/util';
import { complain, describe } from './complain.ts';
import { type CGIOptions, makeSettings, type Settings } from './options.ts';
import { page } from './page.ts';
import { type Head, readHead } from './read-head.ts';
import { takeBody } from './request-body.ts';
import { ScriptError, UnfinishedHead } from './script-error.ts';
import { ScriptProcess } from './script-process.ts';
import { ScriptResult } from './script-result.ts';
import { searchWords } from './search-words.ts';
import { startProcess } from './start-process.ts';
import { makeVariables } from './variables.ts';

/** How often a request has been redirected within this server. */
const REDIRECTS = 'wsgiref.cgi_redirects';

/** As many as browsers follow. */
const MOST_REDIRECTS = 20;

/**
 * Makes an application of a CGI program, in whatever language: it runs for each request (RFC 3875).
 *
 * It is what `wsgiref` has on its list of things to do as `cgi_gateway`. Request and response are
 * streamed, no faster than the other side takes them. What the script writes to standard error is
 * logged; if it cannot be run, fails, or sends what is no CGI response, the client gets a 502, and a
 * 504 if it takes too long. It ends when the client goes away, at the latest.
 *
 * @param script the path of the program, or a `file:` URL; it runs in the folder that it is in
 * @param options how to run it
 * @returns the application
 * @throws {RangeError} if its name begins with `nph-`, or an option cannot be
 * @throws {TypeError} if the `site` is no application
 *
 * @example
 * ```ts
 * import { cgiApplication } from '@wsgiref/cgi';
 * import { makeServer } from '@wsgiref/simple-server';
 *
 * const app = cgiApplication('cgi-bin/guestbook.py', { interpreter: 'python3', timeout: 10_000 });
 * await using httpd = await makeServer('127.0.0.1', 0, app);
 * ```
 */
export function cgiApplication(script: string | URL, options: CGIOptions = {}): WSGIApplication {
  const settings = makeSettings(script, options);
  return (environ, startResponse) => run(settings, environ, startResponse);
}

async function run(
  settings: Settings,
  environ: WSGIEnvironment,
  startResponse: StartResponse,
): Promise<WSGIResult> {
  const signal = environ['wsgiref.signal'];
  signal?.throwIfAborted();
  // RFC 3875 §4.1.2: CONTENT_LENGTH = "" | 1*digit; not every server has looked.
  if (environ.CONTENT_LENGTH && !/^[0-9]{1,15}$/.test(environ.CONTENT_LENGTH)) {
    return page(environ, startResponse, '400 Bad Request');
  }
  const body = await takeBody(environ);
  if (!body) return page(environ, startResponse, '411 Length Required');
  const variables = makeVariables(environ, settings, body.length);
  // No system has variables with such a byte in them.
  if (Object.values(variables).some((value) => value.includes('\0'))) {
    return page(environ, startResponse, '400 Bad Request');
  }

  let script: ScriptProcess | null = null;
  let result: ScriptResult | null = null;
  try {
    script = await start(settings, environ, variables);
    result = makeResult(script, settings, environ, signal);
    void script.feed(body.input, body.length ?? 0);
    const head = await readHead(script.output);
    if (head.kind === 'local redirect') {
      await result.drain();
      return await redirect(settings, environ, startResponse, head.location);
    }
    begin(startResponse, head);
    return result;
  } catch (error) {
    const ending = error instanceof UnfinishedHead ? await script!.wait().catch(() => null) : null;
    await result?.close();
    if (!(error instanceof ScriptError)) throw error;
    const end = ending ? `, and ${describe(ending)}` : '';
    await complain(environ['wsgi.errors'], settings, `${error.message}${end}`);
    return page(environ, startResponse, error.status, error);
  }
}

async function start(
  settings: Settings,
  environ: WSGIEnvironment,
  variables: Readonly<Record<string, string>>,
): Promise<ScriptProcess> {
  const { command, script, env } = settings;
  const [program, ...args] = command;
  const all = [program, ...args, ...searchWords(environ)] as const;
  const child = await startProcess(all, dirname(script), env, variables);
  return new ScriptProcess(child, settings, environ['wsgi.errors']);
}

/** The result ends with its script when the client goes away, if the server can tell. */
function makeResult(
  script: ScriptProcess,
  settings: Settings,
  environ: WSGIEnvironment,
  signal: AbortSignal | undefined,
): ScriptResult {
  const abort = (): void => script.fail(signal!.reason);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  return new ScriptResult(script, settings, environ['wsgi.errors'], () =>
    signal?.removeEventListener('abort', abort),
  );
}

/** What the server refuses of the headers is the script's fault. */
function begin(startResponse: StartResponse, head: Head & { kind: 'response' }): void {
  try {
    startResponse(head.status, head.headers);
  } catch (error) {
    throw new ScriptError(`sends headers that are refused: ${String(error)}`);
  }
}

/**
 * RFC 3875 §6.2.2: the server "MUST generate the response that it would have produced in response to a
 * request containing the URL".
 */
async function redirect(
  { site }: Settings,
  environ: WSGIEnvironment,
  startResponse: StartResponse,
  location: string,
): Promise<WSGIResult> {
  const redirects = Number(environ[REDIRECTS] ?? 0) + 1;
  if (!site) {
    throw new ScriptError(`redirects to ${location}, but there is no \`site\` to ask for that`);
  }
  if (redirects > MOST_REDIRECTS) {
    throw new ScriptError(`redirects to ${location}, after ${MOST_REDIRECTS} redirects`);
  }
  const [path, ...query] = location.replace(/#.*/, '').split('?') as [string, ...string[]];
  const next: WSGIEnvironment = {
    ...environ,
    REQUEST_METHOD: environ.REQUEST_METHOD === 'HEAD' ? 'HEAD' : 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: unquote(path),
    QUERY_STRING: query.join('?'),
    CONTENT_LENGTH: '',
    CONTENT_TYPE: '',
    'wsgi.input': new BytesIO(),
    [REDIRECTS]: redirects,
  };
  return site(next, startResponse);
}

function unquote(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    decodeLatin1(Uint8Array.of(parseInt(hex, 16))),
  );
}
