// What the process of the server and that of the clients have to say to each other.

import type { Protocol } from './limits.ts';

/** What the server is asked to do, after it has said where it listens. */
export type Order = 'measure' | 'shutdown';

/** What the server process is started with, in JSON. */
export interface Job {
  protocol: Protocol;
  /** Whether it is to speak TLS. */
  tls: boolean;
  /** The name of a fault that it is to have; null, none. */
  fault: string | null;
}

/** How many of a kind of objects there were, and how many of them the collector has left. */
export interface Kept {
  made: number;
  kept: number;
}

/** What the server process has seen, at the end. */
export interface Facts {
  /** Seconds until `shutdown()` resolved. */
  shutdownSeconds: number;
  /** Connections that were open after that. */
  openConnections: number;
  /** What kept the process going before the server was made, and after it was closed. */
  resourcesBefore: string[];
  resourcesAfter: string[];
  /** Warnings of the process. */
  warnings: string[];
  /** Errors and rejections that nobody caught. */
  uncaught: string[];
  /** What reached the server's `handleError()`. */
  serverErrors: string[];
  /** What was logged of applications, but for what they are meant to throw. */
  logged: string[];
  /** Results of applications: begun, closed, closed once more. */
  begun: number;
  closed: number;
  closedAgain: number;
  environs: Kept;
  signals: Kept;
  connections: Kept;
  /** Bytes of heap and buffers, after the warm-up and at the end. */
  heapBefore: number;
  heapAfter: number;
  /** The most bytes that the process has ever occupied. */
  highestMemory: number;
  /** The most bytes of a response that waited in the server when the application made more of it. */
  mostWaiting: number;
  /** For each number of a request how often the application was called for it: bytes, in Base64. */
  calls: string;
}

/** What the server process says. */
export type Answer = { port: number } | { measured: true } | { shutDown: true } | { facts: Facts };
