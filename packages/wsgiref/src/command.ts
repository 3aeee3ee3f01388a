#!/usr/bin/env node
// The `wsgiref` command: serves an application, by default the demo, until it is told to stop.
//
// Python counterpart: `python -m wsgiref.simple_server`.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { demoApp, makeServer, WSGIRequestHandler } from '@wsgiref/simple-server';
import type { WSGIApplicationLike } from '@wsgiref/types';
import { asApplication } from '@wsgiref/util';

const USAGE = `\
Usage: wsgiref [options] [module[:name]]

Serves a WSGI application over HTTP: the export "name" ("application", "app" or the default export,
if it is not given) of a module, or the demo application.

Options:
  --host <host>          address to listen on (127.0.0.1); '' for all;
                         unix:<path> for a Unix domain socket
  --port <port>          port to listen on (8000); 0 for one that is free
  --protocol <version>   HTTP/1.0, the default, or HTTP/1.1
  --certfile <path>      speak HTTPS, with this certificate (PEM)
  --keyfile <path>       its private key, if that is in another file
  --help                 show this
  --version              show the version
`;

/** What Node tells of an address that it cannot listen on. */
interface ListenError {
  code?: string;
  port?: number;
  address?: string;
  hostname?: string;
}

/** What is wrong with the way the command was called; shown without a stack. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine();
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.version) {
    process.stdout.write(`${readVersion()}\n`);
    return;
  }
  const [specifier, ...surplus] = positionals;
  if (surplus.length > 0)
    throw new UsageError(`one application at a time: ${surplus[0]} is a second`);
  const application = specifier === undefined ? demoApp : await load(specifier);
  await serve(values, application);
}

/** What is said on the command line. */
interface Values {
  host: string;
  port: string;
  protocol: string;
  certfile?: string;
  keyfile?: string;
  help: boolean;
  version: boolean;
}

function parseCommandLine(): { values: Values; positionals: string[] } {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8000' },
        protocol: { type: 'string', default: 'HTTP/1.0' },
        certfile: { type: 'string' },
        keyfile: { type: 'string' },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parsePort(text: string): number {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new UsageError(`--port takes a number from 0 to 65535 (got '${text}')`);
}

function parseProtocol(text: string): string {
  if (text === 'HTTP/1.0' || text === 'HTTP/1.1') return text;
  throw new UsageError(`--protocol takes HTTP/1.0 or HTTP/1.1 (got '${text}')`);
}

async function load(specifier: string): Promise<WSGIApplicationLike> {
  const [, path, name] = /^(.+?)(?::([A-Za-z_$][\w$]*))?$/s.exec(specifier) ?? [];
  if (path === undefined) throw new UsageError('the module has no name');
  const url = pathToFileURL(resolve(path)).href;
  const module = (await import(url)) as Record<string, WSGIApplicationLike | undefined>;
  const names = name === undefined ? ['application', 'app', 'default'] : [name];
  const found = names.find((candidate) => module[candidate] !== undefined);
  if (found === undefined) throw new UsageError(`${path} exports no ${names.join(', ')}`);
  try {
    return asApplication(module[found]!);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function serve(
  { host, port, protocol, certfile, keyfile }: Values,
  application: WSGIApplicationLike,
): Promise<void> {
  const protocolVersion = parseProtocol(protocol);
  if (keyfile !== undefined && certfile === undefined) {
    throw new UsageError('--keyfile is nothing without --certfile, which names the certificate');
  }
  class Handler extends WSGIRequestHandler {
    override protocolVersion = protocolVersion;
  }
  const httpd = await makeServer(host, parsePort(port), application, {
    handlerClass: Handler,
    ...(certfile === undefined ? {} : { certfile, keyfile: keyfile ?? null }),
  });
  const stop = new AbortController();
  const onSignal = (): void => {
    // Whoever cannot wait for requests to finish says it again.
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const [address] = httpd.serverAddress;
  const scheme = httpd.isSecure ? 'HTTPS' : 'HTTP';
  const where = address.startsWith('unix:') ? address : `${address} port ${httpd.serverPort}`;
  process.stdout.write(`Serving ${scheme} on ${where} ...\n`);
  await httpd.serveForever({ signal: stop.signal });
  await httpd.serverClose();
  // The application may have timers or connections of its own, which would keep the process going.
  process.exit();
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** One sentence for what the user can mend; everything else keeps its stack. */
function describe(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
  const { code, port, address, hostname } = error as ListenError;
  // What Node calls the port of a Unix domain socket, whose address is a path.
  switch (port === -1 ? `path ${code}` : code) {
    case 'path EADDRINUSE':
      return `'${address}' is there already: stop what listens there, or choose another with --host`;
    case 'path EACCES':
    case 'path ENOENT':
      return `'${address}' cannot be made a socket: choose one in a folder of yours with --host`;
    case 'EADDRINUSE':
      return `port ${port} is in use: stop what listens there, or choose another with --port`;
    case 'EACCES':
      return `port ${port} is not for ordinary users: choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `'${address ?? hostname}' is no address of this machine: choose one with --host`;
    case 'ERR_MODULE_NOT_FOUND':
    case 'ENOENT': // A certificate.
      return (error as Error).message;
    default:
      return (error as Error).stack ?? String(error);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`wsgiref: ${describe(error)}\n`);
  process.exitCode = 1;
});
