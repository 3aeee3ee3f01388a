// The workspace, as the other scripts see it.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at its end. */
export const root = fileURLToPath(new URL('../', import.meta.url));

/** What each package may use of the others. */
export const LAYERS = {
  types: [],
  util: ['types'],
  headers: ['types', 'util'],
  validate: ['types', 'util'],
  handlers: ['types', 'util', 'headers'],
  'simple-server': ['types', 'util', 'headers', 'handlers'],
  'node-http': ['types', 'util', 'handlers'],
  fetch: ['types', 'util', 'handlers'],
  conformance: ['types', 'util', 'validate'],
  router: ['types', 'util'],
  cgi: ['types', 'util'],
  python: ['types', 'util'],
  testing: ['types', 'util', 'headers', 'validate', 'handlers'],
  gateway: ['types', 'util', 'handlers', 'simple-server'],
  scgi: ['types', 'util', 'handlers', 'simple-server', 'gateway'],
  uwsgi: ['types', 'util', 'handlers', 'simple-server', 'gateway'],
  fastcgi: ['types', 'util', 'handlers', 'simple-server', 'gateway'],
  wsgiref: ['types', 'util', 'headers', 'validate', 'handlers', 'simple-server'],
};

/** What a package needs from outside the family, and its user installs. */
export const PEERS = { python: { pyodide: '>=314.0.0' } };

/** The packages that run in every JavaScript runtime, and so use nothing of Node's. */
export const NEUTRAL = ['types', 'util', 'headers', 'validate', 'conformance', 'router'];

/** Those that use nothing but ECMAScript and what the web platform and every runtime share. */
export const WEB = ['fetch'];

/** Reads a JSON file, named from the root. */
export function readJson(path) {
  return JSON.parse(readFileSync(root + path, 'utf8'));
}

/** The packages: `{ name, folder, manifest }`, folders named from the root. */
export function readPackages() {
  return readdirSync(`${root}packages`)
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(`${root}${folder}/package.json`))
    .map((folder) => {
      const manifest = readJson(`${folder}/package.json`);
      return { name: manifest.name, folder, manifest };
    });
}

/** The files that belong to the repository, committed or about to be, named from the root. */
export function listFiles(...patterns) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git cannot list the files: ${error?.message ?? stderr}`);
  const paths = stdout.split('\0').filter((path) => path !== '' && existsSync(root + path));
  return [...new Set(paths)];
}

/** Ends the process with status 1 if there are complaints, each on a line of its own. */
export function report(complaints) {
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}
