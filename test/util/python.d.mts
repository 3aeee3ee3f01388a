/** What is asked: the name of a call of the `.py` script and its arguments. */
export type Case = [call: string, ...args: unknown[]];

/** What came of it: a value, or the class of an exception and, where it counts, its message. */
export type Answer = { returns: unknown } | { raises: string; message?: string };

export const PYTHON: string;

export function askPython(
  folder: string,
  cases: readonly Case[],
): { version: string; answers: Answer[] } | null;

export function readRecord(folder: string): {
  version: string;
  recorded: { case: Case; answer: Answer }[];
};

export function writeRecord(folder: string, cases: readonly Case[]): void;
