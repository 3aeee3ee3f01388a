// Removes everything that can be made again, but for node_modules.

import { rmSync } from 'node:fs';
import { readPackages, root } from './workspace.mjs';

const made = [
  '.cache',
  'coverage',
  'docs/api',
  'docs/examples/dist',
  ...readPackages().map(({ folder }) => `${folder}/dist`),
];
for (const path of made) rmSync(root + path, { recursive: true, force: true });
