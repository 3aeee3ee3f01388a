import type { NetConnectOpts } from 'node:net';

type Values = Readonly<Record<string, string>>;

export interface FcgiRecord {
  type: number;
  id: number;
  content: Buffer;
}

export interface FcgiResponse {
  stdout: Buffer;
  stderr: string;
  status: number | null;
}

export interface FcgiOptions {
  id?: number;
  role?: number;
  keep?: boolean;
  size?: number;
  padding?: number;
}

export const fcgi: Readonly<
  Record<
    | 'BEGIN_REQUEST'
    | 'ABORT_REQUEST'
    | 'END_REQUEST'
    | 'PARAMS'
    | 'STDIN'
    | 'STDOUT'
    | 'STDERR'
    | 'DATA'
    | 'GET_VALUES'
    | 'GET_VALUES_RESULT'
    | 'UNKNOWN_TYPE',
    number
  >
>;
export function scgiRequest(environ: Values, body?: Uint8Array): Buffer;
export function uwsgiRequest(environ: Values, body?: Uint8Array): Buffer;
export function fcgiRecord(type: number, id?: number, content?: Uint8Array, pad?: number): Buffer;
export function fcgiPairs(values: Values): Buffer;
export function fcgiBegin(id: number, options?: { role?: number; keep?: boolean }): Buffer;
export function fcgiStream(
  type: number,
  id: number,
  content: Uint8Array,
  size?: number,
  padding?: number,
): Buffer;
export function fcgiRequest(environ: Values, body?: Uint8Array, options?: FcgiOptions): Buffer;
export function splitFcgi(bytes: Buffer): { records: FcgiRecord[]; rest: Buffer };
export function fcgiResponse(records: readonly FcgiRecord[], id?: number): FcgiResponse;
export function ask(address: NetConnectOpts, request: Uint8Array): Promise<Buffer>;
