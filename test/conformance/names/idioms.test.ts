// The TypeScript of docs/from-python.md compiles.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { compilerOptions, ROOT } from './our-names.ts';

/** What the examples take for granted. */
const PREAMBLE = `
  import type { ErrorStream, HeaderList, InputStream, OutputStream } from '@wsgiref/types';
  import type { StartResponse, WSGIApplication, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
  import { encodeLatin1, requestUri, shiftPathInfo } from '@wsgiref/util';
  import { Headers } from '@wsgiref/headers';
  import { formatDateTime, SimpleHandler } from '@wsgiref/handlers';
  import { makeServer, type WSGIServer, WSGIRequestHandler } from '@wsgiref/simple-server';
  declare const environ: WSGIEnvironment;
  declare const startResponse: StartResponse;
  declare const app: WSGIApplication;
  declare const server: WSGIServer;
  declare const stdin: InputStream;
  declare const stdout: OutputStream;
  declare const stderr: ErrorStream;
  declare const cursor: { close(): void };
  declare function rows(environ: WSGIEnvironment, startResponse: StartResponse): Uint8Array[];
  declare function page(environ: WSGIEnvironment, startResponse: StartResponse): WSGIResult;
  declare function render(environ: WSGIEnvironment): Uint8Array;
  let body: Uint8Array;
`;

const idioms = readFileSync(new URL('idioms.md', import.meta.url), 'utf8');
const sections = idioms.split(/^### /m).slice(1);
const examples = sections.map((section, i) => ({
  title: section.split('\n', 1)[0]!,
  code: /^```ts\n(.*?)^```$/ms.exec(section)?.[1] ?? '',
  file: `${ROOT}test/conformance/names/idiom-${i}.ts`,
}));
const program = compile(new Map(examples.map(({ file, code }) => [file, inScope(code)])));

test.each(examples)('the example of "$title" compiles', ({ code, file }) => {
  expect(code).not.toBe('');
  const source = program.getSourceFile(file);
  const problems = [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ];
  const texts = problems.map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
  expect(texts).toEqual([]);
});

function inScope(code: string): string {
  // The headers of a response in the making, or the list that begins one.
  const headers = code.includes('headers.') ? 'Headers' : 'HeaderList';
  return `${PREAMBLE}\ndeclare const headers: ${headers};\nasync () => {\n${code}};`;
}

/** Compiles files that are nowhere but here. */
function compile(texts: Map<string, string>): ts.Program {
  const options = { ...compilerOptions, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...others) => {
    const text = texts.get(name);
    if (text === undefined) return getSourceFile(name, version, ...others);
    return ts.createSourceFile(name, text, version);
  };
  return ts.createProgram([...texts.keys()], options, host);
}
