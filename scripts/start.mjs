// `npm start`: installs and builds what is missing, then serves the demo application, or the one
// that is named: the arguments are the `wsgiref` command's.

import './prepare.mjs';
import { spawnSync } from 'node:child_process';
import { root } from './workspace.mjs';

const build = ['scripts/build.mjs', 'packages/wsgiref'];
const { status } = spawnSync(process.execPath, build, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

// A Ctrl-C reaches this process twice, from the terminal and again from npm, which hands it on.
// For the command it is one: a second one soon after the first is let pass.
process.once('SIGINT', () => {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  setTimeout(() => process.off('SIGINT', ignore), 200);
});

await import('../packages/wsgiref/dist/command.js');
