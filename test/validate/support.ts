// Requests, applications and a server that break no rule, and what tests need to see one broken.

import type {
  HeaderList,
  StartResponse,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import { concatBytes, decodeLatin1, encodeLatin1, setupTestingDefaults } from '@wsgiref/util';
import {
  type Report,
  type Rule,
  type RuleViolation,
  validator,
  type ValidatorOptions,
} from '@wsgiref/validate';

export const bytes: (text: string) => Uint8Array = encodeLatin1;
export const text: (block: Uint8Array) => string = decodeLatin1;

/** New each time: a server may change the list. */
export function plain(...more: HeaderList): HeaderList {
  return [['Content-Type', 'text/plain'], ...more];
}

/** A function as JavaScript sees it. */
export type Call = (...args: unknown[]) => unknown;

/** A stream as JavaScript sees it. */
export type UntypedStream = Record<
  'close' | 'flush' | 'read' | 'readline' | 'readlines' | 'write' | 'writelines',
  Call
>;

/** Variables to change; those that are undefined are removed. */
export type Change = Record<string, unknown>;

/** A request that breaks no rule, but for what is changed. */
export function environ(change: Change = {}): WSGIEnvironment {
  const variables: Partial<WSGIEnvironment> = { QUERY_STRING: '' };
  setupTestingDefaults(variables);
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete variables[key];
    else variables[key] = value;
  }
  return variables;
}

/** Answers `hello`. */
export function helloApp(_environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', plain());
  return [bytes('hello')];
}

/** A server's `startResponse()` that has no client. */
export const startResponse: StartResponse = () => () => {};

/** Answers with a result. */
export function returning(result: unknown, headers: HeaderList = plain()): WSGIApplicationLike {
  return (_environ, start) => {
    start('200 OK', headers);
    return result as WSGIResult;
  };
}

/** Consumes a result as a server does, and closes it. */
export async function consume(result: WSGIResult): Promise<string> {
  const blocks: Uint8Array[] = [];
  try {
    for await (const block of result) blocks.push(block);
  } finally {
    await result.close?.();
  }
  return text(concatBytes(blocks));
}

/** Runs an application in a validator; returns the body. */
export async function serve(
  application: WSGIApplicationLike,
  options: ValidatorOptions = {},
  request: WSGIEnvironment = environ(),
): Promise<string> {
  return consume(await validator(application, options)(request, startResponse));
}

/** A rule that was broken. */
export interface Breach {
  level: 'error' | 'warning';
  ruleId: string;
  message: string;
}

/** Takes the options of a validator, and breaks a rule by means of it. */
export type Fault = (options: ValidatorOptions) => unknown;

/** What a fault breaks: warnings in their order, then the error if there is one. */
export async function breaches(
  fault: Fault,
  levels: ValidatorOptions['rules'] = {},
): Promise<Breach[]> {
  const found: Breach[] = [];
  const add = (level: Breach['level'], { ruleId, message }: { ruleId: string; message: string }) =>
    found.push({ level, ruleId, message });
  try {
    await fault({ rules: levels, onWarning: (warning) => add('warning', warning) });
  } catch (error) {
    if ((error as RuleViolation).ruleId === undefined) throw error;
    add('error', error as RuleViolation);
  }
  return found;
}

/** The ids of what a fault breaks. */
export async function broken(fault: Fault, levels?: ValidatorOptions['rules']): Promise<string[]> {
  return (await breaches(fault, levels)).map(({ ruleId }) => ruleId);
}

/** A report that writes down what it is told, and throws nothing. */
export class Notes {
  /** What was reported, each as `id: message`. */
  readonly lines: string[] = [];

  readonly report: Report = (rule: Rule, message: string) => {
    this.lines.push(`${rule.id}: ${message}`);
  };
}

/** What a check reports, each as `id: message`. */
export function reported(check: (report: Report) => unknown): string[] {
  const { lines, report } = new Notes();
  check(report);
  return lines;
}

/** What a call throws, or its promise is rejected with. */
export async function caught(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
