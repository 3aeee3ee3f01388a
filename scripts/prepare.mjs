// Makes a clone ready for every other command: installs the development dependencies that
// package-lock.json names, but only if they are not there already. On import, at once.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

requireNode(20, 19);
const reason = reasonToInstall();
if (reason !== null) install(reason);

function requireNode(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  console.error(`Node ${major}.${minor} or later is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Compares the lock file with the copy that npm keeps of what it installed. */
function reasonToInstall() {
  const installed = packagesIn('node_modules/.package-lock.json');
  if (installed === null) return 'node_modules is missing';
  for (const [path, wanted] of Object.entries(packagesIn('package-lock.json') ?? {})) {
    if (!path.startsWith('node_modules/')) continue;
    const found = installed[path];
    // What is optional is left out where it does not fit the machine.
    if (found === undefined && wanted.optional) continue;
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) {
      return `${path} is not as package-lock.json has it`;
    }
  }
  return null;
}

function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, root), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function install(why) {
  console.log(`Installing the development dependencies, as ${why}: npm ci`);
  // No dependency needs its install script: the binaries come inside the packages.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const options = { cwd: fileURLToPath(root), stdio: 'inherit' };
  const npm = process.env.npm_execpath;
  const { status, error } = npm?.endsWith('npm-cli.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (error) console.error(`npm cannot be run: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
