// The same calls here and in Python. What Python said is recorded, so that the comparison is made on
// every machine; where there is a Python, the record is held against it as well.

import { describe, expect, test } from '@jest/globals';
import { decodeLatin1, isBytes } from '@wsgiref/util';
import { type Answer, askPython, PYTHON, readRecord } from './python.mjs';

/** The classes thrown here for what Python raises. */
type Classes = Readonly<Record<string, string>>;

/**
 * Declares the tests of a folder.
 *
 * @param folder the URL of a file in it
 * @param classes the classes thrown here for what Python raises, where their names differ
 * @param calls our side, under the names of Python's
 */
export function compareWithPython(
  folder: string,
  classes: Classes,
  calls: Readonly<Record<string, (...args: never[]) => unknown>>,
): void {
  const { version, recorded } = readRecord(folder);

  describe(`against the answers of Python ${version}`, () => {
    for (const [name, call] of Object.entries(calls)) {
      const cases = recorded.filter(({ case: [called] }) => called === name);

      test(`${name}: the same answers to ${cases.length} calls`, () => {
        expect(cases.length).toBeGreaterThan(0);
        const theirs = cases.map((one) => ({
          case: one.case,
          answer: translated(one.answer, classes),
        }));
        const ours = cases.map(({ case: [called, ...args] }) => ({
          case: [called, ...args],
          answer: answer(() => call(...(structuredClone(args) as never[]))),
        }));
        expect(ours).toEqual(theirs);
      });
    }

    test('every recorded call is compared', () => {
      const names = recorded.map(({ case: [name] }) => name);
      expect(new Set(names)).toEqual(new Set(Object.keys(calls)));
    });
  });

  const asked = askPython(
    folder,
    recorded.map((one) => one.case),
  );

  if (asked) {
    test(`Python ${asked.version} still says what is recorded`, () => {
      const now = recorded.map((one, i) => ({ case: one.case, answer: asked.answers[i] }));
      expect(now).toEqual(recorded);
    });
  } else {
    test(`there is no ${PYTHON}: compared with the record alone`, () => {
      expect(asked).toBeNull();
    });
  }
}

/** What comes of a call, as the record has it. */
export function answer(call: () => unknown): Answer {
  try {
    return { returns: plain(call()) };
  } catch (error) {
    const { name, message } = error as Error;
    return { raises: name, message };
  }
}

function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (isBytes(value)) return decodeLatin1(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Python's answer in our terms, at any depth; where no message is recorded, any will do. */
function translated(said: unknown, classes: Classes): unknown {
  if (Array.isArray(said)) return said.map((item) => translated(item, classes));
  if (typeof said !== 'object' || said === null) return said;
  if ('returns' in said) return { returns: translated(said.returns, classes) };
  if (!('raises' in said)) return said;
  const { raises, message } = said as { raises: string; message?: string };
  return {
    raises: classes[raises] ?? raises,
    // Messages show values, and Python's null is called None.
    message: message?.replace('(got None)', '(got null)') ?? expect.any(String),
  };
}
