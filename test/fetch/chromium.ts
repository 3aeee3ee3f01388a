// A browser for a test, without a window.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Finds Chromium, or installs Debian's package where that may be. */
export function findChromium(): string {
  const found = NAMES.find(isThere);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    const options = { stdio: 'ignore' } as const;
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium'], options);
    if (isThere('chromium')) return 'chromium';
  }
  throw new Error(
    `there is none of ${NAMES.join(', ')} on this machine: install one (Debian: apt-get install chromium)`,
  );
}

function isThere(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Opens a page; the browser ends when it is disposed of. */
export async function open(url: string): Promise<AsyncDisposable> {
  const profile = await mkdtemp(join(tmpdir(), 'wsgiref-chromium-'));
  const child = spawn(
    findChromium(),
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      ...['--no-first-run', '--disable-background-networking', '--disable-component-update'],
      // Without this it ends as soon as the page has been loaded.
      ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, url],
    ],
    { stdio: 'ignore', detached: true },
  );
  return {
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'close');
      // With the processes that it has started.
      process.kill(-child.pid!, 'SIGKILL');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
