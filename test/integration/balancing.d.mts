import type { ChildProcess } from 'node:child_process';

/** A program of docs/deploying.md, running as one of several backends. */
export interface Backend {
  host: string;
  port: number;
  child: ChildProcess;
  /** Resolves when it has ended, to its exit code or the signal that ended it. */
  ended: Promise<number | string>;
  /** Resolves when it has begun a GET and a POST that it will never answer, to the processes' ids. */
  holders: Promise<number[]>;
}

/** What became of a request. */
export interface Outcome {
  id: string;
  method: string;
  /** The status, or what went wrong. */
  status: number | string;
  body: string;
}

/** What "Several backends" prints. */
export interface Balancers {
  program: string;
  cluster: string;
  nginx: string;
  HAProxy: string;
}

export function readBalancers(): Balancers;
export function fillInBackends(config: string, backends: readonly Backend[]): string;
export function installApplication(folder: string): void;
export function startBackend(
  folder: string,
  programs: Balancers,
  host: string,
  clustered: boolean,
): Promise<Backend>;
export function takeEffects(folder: string): string[];

export class Load {
  constructor(port: number);
  readonly outcomes: Outcome[];
  holder: Backend | null;
  reach(count: number): Promise<void>;
  run(limit: number): Promise<void>;
  finish(count: number): void;
}
