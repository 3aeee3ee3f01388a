// The compiler takes longer to load than most programs take to run: what it has made is kept.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';

const CACHE = new URL('../../.cache/typescript/', import.meta.url);

/** The folders that this process compiles, or has compiled. */
const compiling = new Map();

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  let source = await compiled(url);
  if (source === null) {
    const { href } = new URL('.', url);
    if (!compiling.has(href)) compiling.set(href, compileFolder(href));
    await compiling.get(href);
    source = await compiled(url);
  }
  return { format: 'module', source, shortCircuit: true };
}

/** What a file was compiled to; null if it has not been, or has changed since. */
async function compiled(url) {
  const source = await readFile(new URL(url), 'utf8');
  try {
    return await readFile(keptAs(url, source), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return null;
  }
}

/** Compiles all files of a folder: now that the compiler must be loaded, it may as well. */
async function compileFolder(folder) {
  const { default: ts } = await import('typescript');
  await mkdir(CACHE, { recursive: true });
  for (const name of await readdir(new URL(folder))) {
    if (!name.endsWith('.ts')) continue;
    const { href } = new URL(name, folder);
    const source = await readFile(new URL(href), 'utf8');
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
    await writeFile(unfinished, outputText);
    await rename(unfinished, finished);
  }
}

function keptAs(url, source) {
  const key = createHash('sha256').update(`${url}\n${source}`).digest('hex');
  return new URL(`${key}.js`, CACHE);
}
