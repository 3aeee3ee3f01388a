// Other runtimes than the one that the tests run in, from the development dependencies.

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The command that runs a script in Deno, with the packages' own sources. */
export function inDeno(script) {
  return [
    binaryOf('@deno', 'deno', 'deno/deno'),
    ...['run', '--quiet', '--no-lock', '--allow-all', '--node-modules-dir=manual'],
    ...['--conditions=@wsgiref/source', script],
  ];
}

/**
 * Finds the program in the package for this machine. Where install scripts run they may have moved it
 * into the package that is named; here they do not.
 */
export function binaryOf(scope, path, moved) {
  const modules = `${ROOT}node_modules/`;
  const packages = existsSync(modules + scope) ? readdirSync(modules + scope) : [];
  const candidates = [...packages.map((name) => `${scope}/${name}/${path}`), moved];
  const found = candidates.find((candidate) => existsSync(modules + candidate));
  if (found !== undefined) return modules + found;
  throw new Error(`there is no ${candidates.join(' nor ')} in node_modules: run \`npm ci\``);
}
