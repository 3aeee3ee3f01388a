// No file of the repository names a place of the machine that it was written on, or the registry
// that its dependencies came from; the lock file leaves it to whoever installs.

import { readFileSync } from 'node:fs';
import { listFiles, readJson, report, root } from '../workspace.mjs';

const clone = root.slice(0, -1).replaceAll(/\W/g, '\\$&');
const places = [
  { what: "this clone's folder", pattern: new RegExp(`(?<![\\w.-])${clone}(?![\\w-])`) },
  { what: "a user's folder", pattern: /\/(?:home|Users)\/\w+\/|(?<!\w)\/root\/|[A-Z]:\\Users\\/ },
  { what: 'a registry', pattern: /\bregistry\.[\w-]+\.\w{2,}\b|\/artifactory\/|\/_packaging\// },
];

const complaints = [];
for (const path of listFiles()) {
  const lines = readFileSync(root + path, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    for (const { what, pattern } of places) {
      const found = pattern.exec(line)?.[0];
      if (found) complaints.push(`${path}:${index + 1}: names ${what}: ${found}`);
    }
  }
}
for (const [path, { resolved }] of Object.entries(readJson('package-lock.json').packages)) {
  if (resolved?.includes('://')) {
    complaints.push(`package-lock.json: ${path} has the address it came from; see .npmrc`);
  }
}
report(complaints);
