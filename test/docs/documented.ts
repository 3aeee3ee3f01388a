// Finds the examples in pages and docstrings, compiles them, runs them, and compares what they print.
//
// An example is a block of ```ts. Tagged `no-run` it is compiled only, tagged `no-check` it is left
// alone. A `console.log(…); // value` prints that value.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** Marks of what is code of this repository's language, and must be tagged so that it is checked. */
const OTHER_NAMES = ['typescript', 'mts', 'cts', 'tsx', 'javascript', 'js', 'mjs', 'cjs', 'jsx'];

const TAGS = ['', 'no-run', 'no-check'] as const;

export interface Example {
  /** The file it stands in, from the root of the repository. */
  file: string;
  /** The line of its opening fence. */
  line: number;
  tag: (typeof TAGS)[number];
  code: string;
}

/** The examples of a file, and what looks like one but is not marked as it should. */
export function findExamples(
  file: string,
  text: string,
): { examples: Example[]; problems: string[] } {
  const isSource = file.endsWith('.ts');
  const lines = isSource ? docstringLines(text) : text.split('\n');
  const examples: Example[] = [];
  const problems: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indent, fence, language, tag] =
      /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)[ \t]*([^`]*)$/.exec(lines[i]!) ?? [];
    if (fence === undefined) {
      const next = lines.slice(i + 1).find((line) => line.trim() !== '');
      if (isSource && /^@example\b/.test(lines[i]!.trim()) && !/^\s*```ts/.test(next ?? '')) {
        problems.push(`${file}:${i + 1}: an @example is a block of \`\`\`ts`);
      }
      continue;
    }
    const line = i + 1;
    const code: string[] = [];
    while (++i < lines.length && lines[i]!.trim() !== fence) {
      code.push(lines[i]!.replace(indent!, ''));
    }
    if (i === lines.length) problems.push(`${file}:${line}: this block does not end`);
    const known = TAGS.find((candidate) => candidate === tag!.trim());
    if (OTHER_NAMES.includes(language!)) {
      problems.push(`${file}:${line}: \`\`\`${language} should be \`\`\`ts, to be checked`);
    } else if (language === 'ts' && known === undefined) {
      problems.push(`${file}:${line}: '${tag}' is neither no-run nor no-check`);
    } else if (language === 'ts') {
      examples.push({ file, line, tag: known!, code: code.join('\n') });
    }
  }
  return { examples, problems };
}

/** What the docstrings of a source say, each line in its place; all other lines are empty. */
function docstringLines(source: string): string[] {
  let inside = false;
  return source.split('\n').map((line) => {
    const opens = /^\s*\/\*\*/.test(line);
    const text = inside || opens ? line.replace(/^\s*\/?\*{1,2} ?/, '').replace(/\*\/.*/, '') : '';
    inside = (inside || opens) && !line.includes('*/');
    return text;
  });
}

/**
 * Compiles examples together with the sources of the packages, as strictly as the tests.
 *
 * @param examples what to compile
 * @param folder where to put them; within the repository, so that the packages are found
 * @returns for each what is wrong with it
 */
export function typeCheck(
  examples: readonly Example[],
  folder: string,
): ReadonlyMap<Example, string[]> {
  const paths = new Map(examples.map((example) => [example, pathOf(example, folder, 'ts')]));
  for (const [example, path] of paths) write(path, inItsPlace(example));
  const program = ts.createProgram([...paths.values()], compilerOptions());
  const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  if (general.length > 0) throw new Error(general.map(messageOf).join('\n'));
  return new Map(
    [...paths].map(([example, path]) => {
      const source = program.getSourceFile(path)!;
      const diagnostics = [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
      return [
        example,
        diagnostics.map((diagnostic) => {
          const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
          return `${example.file}:${line + 1}: ${messageOf(diagnostic)}`;
        }),
      ];
    }),
  );
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.test.json`, ts.sys.readFile);
  const { options, errors } = ts.parseJsonConfigFileContent(
    { ...(config as object), include: [], files: [] },
    ts.sys,
    ROOT,
  );
  // TS18002: no files; they are ours to name.
  const problems = errors.filter(({ code }) => code !== 18002);
  if (problems.length > 0) throw new Error(problems.map(messageOf).join('\n'));
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
}

function messageOf({ code, messageText }: ts.Diagnostic): string {
  return `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}

/** How {@link runAll} runs examples. */
export interface RunOptions {
  /** Milliseconds after which an example has failed to end by itself. */
  timeout?: number;
  /** Ends what still runs, and starts no more. */
  signal?: AbortSignal;
}

/**
 * Runs examples against the sources of the packages, each in a process of its own.
 *
 * @param examples what to run
 * @param folder where to put them; within the repository, so that the packages are found
 * @param options when to stop
 * @returns for each a promise of what is wrong with it
 */
export function runAll(
  examples: readonly Example[],
  folder: string,
  { timeout = 60_000, signal }: RunOptions = {},
): ReadonlyMap<Example, Promise<string[]>> {
  const concurrency = availableParallelism();
  const lanes: Promise<unknown>[] = Array.from({ length: concurrency }, () => Promise.resolve());
  return new Map(
    examples.map((example, i) => {
      const lane = i % concurrency;
      const outcome = lanes[lane]!.then(() => run(example, folder, { timeout, signal }));
      lanes[lane] = outcome;
      return [example, outcome];
    }),
  );
}

async function run(
  example: Example,
  folder: string,
  { timeout, signal: aborted }: { timeout: number; signal: AbortSignal | undefined },
): Promise<string[]> {
  if (aborted?.aborted) return ['it was not run'];
  const path = pathOf(example, folder, 'js');
  write(path, runnable(example));
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      '--conditions=@wsgiref/source',
      `--import=${new URL('typescript.mjs', import.meta.url).href}`,
      path,
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout, killSignal: 'SIGKILL' },
  );
  const kill = (): void => void child.kill('SIGKILL');
  aborted?.addEventListener('abort', kill);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    },
  );
  aborted?.removeEventListener('abort', kill);
  if (code === 0) return [];
  const where = `${example.file}:${example.line}`;
  if (signal) return [`${where}: it did not end by itself`, ...asDocumented(stderr, folder)];
  // Node's status for a top-level await that nothing will ever settle.
  if (code === 13) return [`${where}: it waits for ever for a promise`];
  return asDocumented(stderr, folder);
}

/** The example as JavaScript, with its expectations in it. */
function runnable(example: Example): string {
  const text = inItsPlace(example);
  const source = ts.createSourceFile('example.ts', text, ts.ScriptTarget.ESNext, true);
  const expected: Record<number, string> = {};
  const edits: { start: number; end: number; replacement: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      const value = expectedValue(node, text);
      const call = ts.isAwaitExpression(node.expression) ? undefined : node.expression;
      if (value !== null && call && ts.isCallExpression(call)) {
        const line = source.getLineAndCharacterOfPosition(call.getStart()).line + 1;
        expected[line] = value;
        edits.push({
          start: call.expression.getStart(),
          end: call.arguments.pos,
          replacement: `__printed(${line}, `,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  let edited = text;
  for (const { start, end, replacement } of edits.sort((a, b) => b.start - a.start)) {
    edited = edited.slice(0, start) + replacement + edited.slice(end);
  }
  const { href } = new URL('expectations.mjs', import.meta.url);
  // On the first line, which is the fence's at the earliest.
  const prologue =
    `import { expecting as __expecting } from '${href}'; ` +
    `const __printed = __expecting(${JSON.stringify(example.file)}, ${JSON.stringify(expected)});`;
  return ts.transpileModule(prologue + edited, {
    fileName: pathOf(example, '', 'ts'),
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  }).outputText;
}

/** What a `console.log(…); // value` says that it prints; null if this is none. */
function expectedValue(statement: ts.ExpressionStatement, text: string): string | null {
  const { expression } = statement;
  if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'console.log') {
    return null;
  }
  const [comment] = ts.getTrailingCommentRanges(text, statement.end) ?? [];
  if (comment?.kind !== ts.SyntaxKind.SingleLineCommentTrivia) return null;
  return text.slice(comment.pos + '//'.length, comment.end).trim();
}

/** The code on the lines that it has in its file, so that whatever names a line names the right one. */
function inItsPlace({ line, code }: Example): string {
  // A program's first line may say what runs it; here it is not the first.
  return `${'\n'.repeat(line)}${code.replace(/^#!/, '//')}\n`;
}

function pathOf({ file, line }: Example, folder: string, extension: string): string {
  return join(folder, `${file}.${line}.${extension}`);
}

/** What Node says of an uncaught error, without its own part in it, and in the reader's file names. */
function asDocumented(stderr: string, folder: string): string[] {
  return stderr
    .replaceAll(`file://${folder}`, folder)
    .replaceAll(`${folder}/`, '')
    .replace(/\.\d+\.[jt]s:(?=\d)/g, ':')
    .split('\n')
    .filter((line) => !/^\s*(?:\^*|triggerUncaughtException\(|Node\.js v\S+)$/.test(line))
    .filter((line) => !/^(?: +at .*\()?\(?node:internal\//.test(line));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The files that hold examples, from the root of the repository. */
export function documentedFiles(): string[] {
  const pages = ['*.md', 'packages/*/*.md', 'docs/**/*.md'];
  return ts.sys
    .readDirectory(
      ROOT,
      ['.md', '.ts'],
      ['**/node_modules', '**/dist', 'docs/api', '.cache'],
      [...pages, 'packages/*/src/**/*.ts'],
    )
    .map((path) => path.slice(ROOT.length))
    .filter((file) => !file.endsWith('CHANGELOG.md'))
    .sort();
}

/** Reads a file, named from the root of the repository. */
export function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}
