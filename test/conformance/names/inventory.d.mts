/** The Python versions that the inventory speaks of, as minor numbers of Python 3. */
export const OLDEST: number;
export const NEWEST: number;

export interface Signature {
  /** Without `await` and parameters; `new` for a constructor, empty for a call signature. */
  name: string;
  /** As they are written; null for what is not called. */
  parameters: string[] | null;
  /** All of it, as it is written. */
  text: string;
}

/** A line of the inventory. */
export interface Entry {
  /** Null for an addition of ours. */
  python: Signature | null;
  /** Null where there is none. */
  ours: Signature | null;
  /** Whether ours is still to come. */
  planned: boolean;
  /** What to know of the difference, or the reason for it. */
  note: string;
  line: number;
  /** The first and the last Python version that has it. */
  since: number;
  until: number;
  /** Whether Python has it on Unix for certain, and elsewhere perhaps. */
  unix: boolean;
  /** Whether neither side declares it: a name that subclasses agree on. */
  convention: boolean;
}

export interface ClassEntry extends Entry {
  python: Signature;
  base: string | null;
  members: Entry[];
}

export interface Module {
  /** Python's module. */
  python: string;
  /** What to import here. */
  specifier: string;
  /** Whether it is still to come. */
  planned: boolean;
  entries: (Entry | ClassEntry)[];
}

/** Reads the inventory; a text may be given in the place of the file. */
export function readInventory(text?: string): Module[];
