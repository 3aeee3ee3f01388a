// Every package as it is published: packed, and installed alone with the family it depends on in
// a folder outside the workspace, where nothing else can be found.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { typeCheck } from './type-check.ts';

interface Manifest {
  name: string;
  version: string;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  bin?: Record<string, string>;
}

interface Tarball {
  name: string;
  filename: string;
  files: { path: string }[];
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What type-checks without Node's types. */
const NEUTRAL = [
  ...[
    '@wsgiref/types',
    '@wsgiref/util',
    '@wsgiref/headers',
    '@wsgiref/validate',
    '@wsgiref/conformance',
    '@wsgiref/router',
  ],
  '@wsgiref/handlers/base',
  '@wsgiref/testing/memory',
];

/** What type-checks without Node's types, but with those of the web platform. */
const WEB = ['@wsgiref/fetch'];

const manifests = new Map(
  readdirSync(`${ROOT}packages`)
    .map((folder) => readManifest(`${ROOT}packages/${folder}/package.json`))
    .map((manifest) => [manifest.name, manifest]),
);

const tarballs = new Map<string, Tarball>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsgiref-packaging-'));
  await run(ROOT, process.execPath, `${ROOT}scripts/build.mjs`);
  const output = await npm(ROOT, 'pack', '--workspaces', '--json', '--pack-destination', folder);
  for (const tarball of Object.values(JSON.parse(output) as Tarball[])) {
    tarballs.set(tarball.name, tarball);
  }
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each([...manifests.values()])('$name', (manifest) => {
  const subpaths = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
  const specifiers = subpaths.map((subpath) => posix.join(manifest.name, subpath));
  let consumer: string;

  beforeAll(async () => {
    consumer = join(folder, manifest.name.replace('/', '-'));
    await mkdir(consumer);
    await writeFile(join(consumer, 'package.json'), '{ "private": true, "type": "module" }');
    const family = [...familyOf(manifest.name)].map((name) => `../${tarballs.get(name)!.filename}`);
    // What its user installs besides, as it is here.
    const peers = Object.keys(manifest.peerDependencies ?? {});
    family.push(...peers.map((name) => `${ROOT}node_modules/${name}`));
    // A cache of its own, and off line: what is not in the tarballs cannot be had.
    await npm(consumer, 'install', '--offline', '--cache', join(folder, 'cache'), ...family);
  }, 120_000);

  test('ships code, types, sources, README and licence, and nothing else', () => {
    const paths = tarballs.get(manifest.name)!.files.map(({ path }) => path);
    const code = paths.filter((path) => /^(dist|src)\//.test(path));
    expect(paths.filter((path) => !code.includes(path)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    const sources = code.filter((path) => path.startsWith('src/'));
    const built = sources.flatMap((path) =>
      ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((suffix) =>
        path.replace('src/', 'dist/').replace(/\.ts$/, suffix),
      ),
    );
    // What a CGI script imports, in one file.
    const bundles = manifest.name === '@wsgiref/handlers' ? ['dist/cgi.bundle.js'] : [];
    expect(sources).not.toEqual([]);
    expect(code.sort()).toEqual([...sources, ...built, ...bundles].sort());
  });

  test('its source maps lead to the sources that it ships', async () => {
    const own = join(consumer, 'node_modules', manifest.name);
    const maps = tarballs.get(manifest.name)!.files.filter(({ path }) => path.endsWith('.map'));
    for (const { path } of maps) {
      const map = JSON.parse(await readFile(join(own, path), 'utf8')) as { sources: string[] };
      const sources = map.sources.map((source) => posix.join(posix.dirname(path), source));
      expect(sources).toEqual([
        path.replace('dist/', 'src/').replace(/(\.d\.ts|\.js)\.map$/, '.ts'),
      ]);
    }
  });

  test('every entry point is imported, and required with the same names', async () => {
    const imported = await run(
      consumer,
      process.execPath,
      '--input-type=module',
      '--eval',
      `const names = {};
      for (const specifier of ${JSON.stringify(specifiers)}) {
        names[specifier] = Object.keys(await import(specifier));
      }
      console.log(JSON.stringify(names));`,
    );
    const required = await run(
      consumer,
      process.execPath,
      '--input-type=commonjs',
      '--eval',
      `const names = {};
      for (const specifier of ${JSON.stringify(specifiers)}) {
        names[specifier] = Object.keys(require(specifier));
      }
      console.log(JSON.stringify(names));`,
    );
    const names = JSON.parse(imported) as Record<string, string[]>;
    expect(JSON.parse(required)).toEqual(names);
    for (const [specifier, found] of Object.entries(names)) {
      // The protocol is types alone.
      expect(found.length > 0).toBe(!/\btypes$/.test(specifier));
    }
  }, 30_000);

  test('its manifest is an entry point', async () => {
    const code = `console.log(require('${manifest.name}/package.json').version)`;
    const output = await run(consumer, process.execPath, '--input-type=commonjs', '--eval', code);
    expect(output.trim()).toBe(manifest.version);
  }, 30_000);

  const neutral = specifiers.filter((specifier) => NEUTRAL.includes(specifier));
  const web = specifiers.filter((specifier) => WEB.includes(specifier));
  const nodes = specifiers.filter((specifier) => !NEUTRAL.includes(specifier));
  const checks = [
    { what: 'type-checks without the types of Node', types: [], lib: ['es2023'], imports: neutral },
    {
      what: 'type-checks with the types of the web',
      types: [],
      lib: ['es2023', 'dom'],
      imports: web,
    },
    {
      what: 'type-checks with the types of Node',
      types: ['node'],
      lib: ['es2023'],
      imports: nodes,
    },
  ];
  test.each(checks.filter(({ imports }) => imports.length > 0))(
    '$what',
    async ({ types, lib, imports }) => {
      const project = join(consumer, [...lib, ...types].join('-'));
      await mkdir(project);
      const modules = imports.map(
        (specifier, index) => `import * as module${index} from '${specifier}';`,
      );
      const requires = imports.map(
        (specifier, index) => `import module${index} = require('${specifier}');`,
      );
      const use = `export const all = [${imports.map((_, index) => `module${index}`).join(', ')}];`;
      await writeFile(join(project, 'consumer.ts'), [...modules, use].join('\n'));
      await writeFile(join(project, 'consumer.cts'), [...requires, use].join('\n'));
      const compilerOptions = {
        ...{ target: 'es2023', lib, module: 'nodenext', noEmit: true },
        ...{ strict: true, exactOptionalPropertyTypes: true },
        ...{ types, typeRoots: [`${ROOT}node_modules/@types`] },
      };
      expect(typeCheck(project, consumer, compilerOptions)).toEqual([]);
    },
    120_000,
  );

  for (const command of Object.keys(manifest.bin ?? {})) {
    test(`its command ${command} runs`, async () => {
      const bin = join(consumer, 'node_modules/.bin', command);
      expect(await run(consumer, bin, '--version')).toBe(`${manifest.version}\n`);
    }, 30_000);
  }
});

test('@wsgiref/python says so where there is no pyodide', async () => {
  const bare = join(folder, 'without-pyodide');
  await mkdir(bare);
  await writeFile(join(bare, 'package.json'), '{ "private": true, "type": "module" }');
  const family = [...familyOf('@wsgiref/python')].map(
    (name) => `../${tarballs.get(name)!.filename}`,
  );
  const alone = ['--offline', '--legacy-peer-deps', '--cache', join(folder, 'cache')];
  await npm(bare, 'install', ...alone, ...family);
  const code = `import { loadPython } from '@wsgiref/python';
  await loadPython().catch(({ message }) => console.log(message));`;
  expect(await run(bare, process.execPath, '--input-type=module', '--eval', code)).toBe(
    'there is no pyodide: `npm install pyodide`, or give its folder as indexURL\n',
  );
}, 120_000);

test('what does not type-check is found', async () => {
  const broken = join(folder, 'broken');
  await mkdir(join(broken, 'node_modules/broken'), { recursive: true });
  await writeFile(join(broken, 'node_modules/broken/package.json'), '{ "types": "index.d.ts" }');
  await writeFile(join(broken, 'node_modules/broken/index.d.ts'), 'export const a: Missing;');
  await writeFile(join(broken, 'consumer.mts'), "import 'broken'; import 'nowhere';");
  expect(typeCheck(broken, broken, { module: 'nodenext', types: [] })).toEqual([
    expect.stringMatching(/index\.d\.ts: TS2304: Cannot find name 'Missing'/),
    expect.stringMatching(/consumer\.mts: TS2307|consumer\.mts: TS2882/),
  ]);
});

/** A package with all that it depends on, directly or not. */
function familyOf(name: string, family = new Set<string>()): Set<string> {
  family.add(name);
  for (const dependency of Object.keys(manifests.get(name)!.dependencies ?? {})) {
    familyOf(dependency, family);
  }
  return family;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

function npm(cwd: string, ...args: string[]): Promise<string> {
  return run(cwd, 'npm', ...args, '--loglevel=error', '--no-audit', '--no-fund');
}

/** Runs a command to its end and returns what it printed; an error holds that as well. */
async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { message, stdout } = error as { message: string; stdout?: string };
    throw new Error(`${message}\n${stdout ?? ''}`, { cause: error });
  }
}
