// The table of raw requests, as README.md describes it.

import { readFileSync } from 'node:fs';

/** Text, or parts of it: each a text, or a text so many times over. */
export type Text = string | readonly (string | readonly [text: string, times: number])[];

/** A request that a server serves. */
export interface ExpectedRequest<T = string> {
  method: string;
  target: T;
  version: string;
  headers: [name: string, value: T][];
  body: T;
  /** Whether the connection goes on after it. */
  keepAlive: boolean;
}

/** A line of the table. */
interface Line<T> {
  name: string;
  /** The section that decides. */
  rfc: string;
  /** What the client sends. */
  bytes: T;
  /** Whether the client closes its side after that; if not, it may send more. */
  eof?: boolean;
  /** What is served, in this order. */
  requests: ExpectedRequest<T>[];
  /** What is answered after that, before the connection is closed; null, nothing. */
  status: number | null;
  /** What that status is about. */
  errorIn?: 'head' | 'body';
  /** What a server may do instead. */
  choice?: string;
}

/** What a client sends on a connection, and what is to come of it. */
export type Row = Line<string>;

/** The table. */
export const corpus: readonly Row[] = readFileSync(
  new URL('requests.jsonl', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => toRow(JSON.parse(line) as Line<Text>));

function toRow(line: Line<Text>): Row {
  const requests = line.requests.map((request) => ({
    ...request,
    target: toText(request.target),
    headers: request.headers.map(([name, value]): [string, string] => [name, toText(value)]),
    body: toText(request.body),
  }));
  return { ...line, bytes: toText(line.bytes), requests };
}

function toText(text: Text): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join('');
}
