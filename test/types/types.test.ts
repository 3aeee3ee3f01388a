import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import * as types from '@wsgiref/types';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const protocol = fileURLToPath(new URL('protocol.ts', import.meta.url));

/** Compiles protocol.ts, with `more` added to it, and returns the errors. */
function compile(more: string): string[] {
  const readFile = (name: string): string => ts.sys.readFile(name) ?? '';
  const { config } = ts.readConfigFile(`${root}/tsconfig.test.json`, readFile) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // The libraries are checked with everything else by `tsc -p tsconfig.test.json`.
  options.skipLibCheck = true;
  const host = ts.createCompilerHost(options);
  host.readFile = (name) => (name === protocol ? readFile(name) + more : ts.sys.readFile(name));
  const program = ts.createProgram([protocol], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      (diagnostic) =>
        `TS${diagnostic.code} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`,
    );
}

describe('@wsgiref/types', () => {
  test('has no run-time code', () => {
    expect(Object.keys(types)).toEqual([]);
  });

  test('accepts and refuses what protocol.ts says, and nothing that is added and wrong', () => {
    const errors = compile(`
      results.push('hello');
      export type Wrong = IsTrue<Same<WSGIEnvironment['SERVER_PORT'], number>>;
      // @ts-expect-error: nothing is wrong here
      results.push([block]);
    `);
    expect(errors).toEqual([
      "TS2345 Argument of type 'string' is not assignable to parameter of type 'WSGIResult'.",
      "TS2344 Type 'false' does not satisfy the constraint 'true'.",
      "TS2578 Unused '@ts-expect-error' directive.",
    ]);
  }, 60_000);
});
