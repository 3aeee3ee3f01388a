// RFC 3875 §6, CGI Response: its head.

import { STATUS_CODES } from 'node:http';
import type { HeaderList } from '@wsgiref/types';
import { type BufferedReader, decodeLatin1, isHopByHop, repr } from '@wsgiref/util';
import { ScriptError, UnfinishedHead } from './script-error.ts';

/** What a script answers with. */
export type Head =
  /** §6.2.1, §6.2.3 and §6.2.4: a response, a redirect of the client among them. */
  | { readonly kind: 'response'; readonly status: string; readonly headers: HeaderList }
  /** §6.2.2: the response of another resource of this server. */
  | { readonly kind: 'local redirect'; readonly location: string };

/** How long a head may be, in bytes. */
const LONGEST_HEAD = 65536;

/** §6.3: header-field = CGI-field | other-field; names are tokens. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s;

/** What cannot stand in a value; a tab can, and is made a space. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** §6.3.3: Status = "Status:" status-code SP reason-phrase; of interim responses there are none. */
const STATUS = /^([2-9][0-9]{2})(?: +(.*))?$/;

/** §6.3: the fields that make a response one of CGI; each may be there once. */
const CGI_FIELDS = ['content-type', 'location', 'status'] as const;

/**
 * Reads the head of a script's response.
 *
 * @param output what the script sends; the body is left in it
 * @returns what the script answers with
 * @throws {ScriptError} if it is no CGI response
 */
export async function readHead(output: BufferedReader): Promise<Head> {
  const fields = await readFields(output);
  const cgi = new Map<string, string>();
  const headers: HeaderList = [];
  for (const [name, value] of fields) {
    const known = CGI_FIELDS.find((field) => field === name.toLowerCase());
    if (known !== undefined) {
      if (cgi.has(known)) throw new ScriptError(`sends two ${name} fields`);
      cgi.set(known, value);
    }
    if (name.toLowerCase() === 'transfer-encoding') {
      throw new ScriptError(`sends the transfer coding ${repr(value)}, which is for servers alone`);
    }
    // Others of its kind say nothing of the body, and are what the server says itself.
    if (known !== 'status' && !isHopByHop(name)) headers.push([name, value]);
  }
  if (cgi.size === 0) {
    throw new ScriptError('sends none of Content-Type, Location and Status');
  }

  const location = cgi.get('location');
  const status = cgi.get('status');
  if (status !== undefined) return { kind: 'response', status: toStatus(status), headers };
  if (location === undefined) return { kind: 'response', status: '200 OK', headers };
  // §6.3.2: Location = local-Location | client-Location
  if (location.startsWith('/')) return { kind: 'local redirect', location };
  return { kind: 'response', status: '302 Found', headers };
}

async function readFields(output: BufferedReader): Promise<HeaderList> {
  const fields: HeaderList = [];
  for (let left = LONGEST_HEAD; ;) {
    const line = decodeLatin1(await output.readline(left));
    left -= line.length;
    if (!line.endsWith('\n')) {
      if (left === 0) throw new ScriptError(`sends a head of more than ${LONGEST_HEAD} bytes`);
      const isNothing = line === '' && fields.length === 0;
      throw new UnfinishedHead(isNothing ? 'sends nothing' : 'sends a head without an end');
    }
    // §6.3: NL = LF | CR LF
    const text = line.replace(/\r?\n$/, '');
    if (text === '') return fields;
    fields.push(toField(text, fields.length === 0));
  }
}

function toField(line: string, isFirst: boolean): [name: string, value: string] {
  if (isFirst && line.startsWith('HTTP/')) {
    throw new ScriptError(
      `sends non-parsed headers, which are refused: make the status line ${repr(line)} a Status`,
    );
  }
  const [, name, value] = FIELD.exec(line) ?? [];
  if (name === undefined || CONTROL.test(value!)) {
    throw new ScriptError(`sends ${repr(line.slice(0, 200))}, which is no header`);
  }
  return [name, value!.replaceAll('\t', ' ')];
}

function toStatus(value: string): string {
  const [, code, phrase] = STATUS.exec(value) ?? [];
  if (code === undefined) throw new ScriptError(`sends the bad Status ${repr(value)}`);
  return `${code} ${phrase ?? STATUS_CODES[code] ?? ''}`;
}
