// The compiler takes longer to load than most programs take to run: what it has made is kept.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const CACHE = new URL('../../.cache/typescript/', import.meta.url);

export function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  let source = compiled(url);
  if (source === null) {
    compileFolder(new URL('.', url).href);
    source = compiled(url);
  }
  return { format: 'module', source, shortCircuit: true };
}

/** What a file was compiled to; null if it has not been, or has changed since. */
function compiled(url) {
  const source = readFileSync(new URL(url), 'utf8');
  try {
    return readFileSync(keptAs(url, source), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return null;
  }
}

/** Compiles all files of a folder: now that the compiler must be loaded, it may as well. */
function compileFolder(folder) {
  const ts = createRequire(import.meta.url)('typescript');
  mkdirSync(CACHE, { recursive: true });
  for (const name of readdirSync(new URL(folder))) {
    if (!name.endsWith('.ts')) continue;
    const { href } = new URL(name, folder);
    const source = readFileSync(new URL(href), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      fileName: href,
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        inlineSourceMap: true,
      },
    });
    // Others may be reading: a file is there as a whole or not at all.
    const finished = keptAs(href, source);
    const unfinished = new URL(`${finished.href}.${process.pid}`);
    writeFileSync(unfinished, outputText);
    renameSync(unfinished, finished);
  }
}

function keptAs(url, source) {
  const key = createHash('sha256').update(`${url}\n${source}`).digest('hex');
  return new URL(`${key}.js`, CACHE);
}
