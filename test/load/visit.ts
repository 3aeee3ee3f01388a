// What a client of the load has at hand.

import { Connection } from './connection.ts';
import type { Ledger } from './ledger.ts';
import type { HandlerLimits, Protocol } from './limits.ts';
import type { Random } from './random.ts';

/** What all clients of a run share. */
export interface Run {
  readonly port: number;
  readonly protocol: Protocol;
  /** Whether the server speaks TLS. */
  readonly tls: boolean;
  readonly limits: HandlerLimits;
  /** Seconds that the server may be silent while something is to come. */
  readonly patience: number;
  readonly ledger: Ledger;
  /** Whether the server has been told to shut down. */
  stopping: boolean;
}

/** One client: a connection, and what is done on it. */
export interface Visit extends Run {
  readonly random: Random;
}

/** The server does not listen any more, having been told to shut down. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
}

/**
 * Connects.
 *
 * @throws {Refused} if that is not to be had any more
 */
export async function open(visit: Visit): Promise<Connection> {
  try {
    return await Connection.open(visit.port, visit.patience, visit.tls);
  } catch (cause) {
    if (visit.stopping) throw new Refused('the server is gone', { cause });
    throw cause;
  }
}
