// The packages' manifests and compiler settings agree with each other and with the workspace.

import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LAYERS, PEERS, readJson, readPackages, report, root } from '../workspace.mjs';

const { version } = readJson('lerna.json');
const { engines, license, devDependencies } = readJson('package.json');
const locked = readJson('package-lock.json').packages;
const repository = {
  type: 'git',
  url: 'git+https://github.com/wsgiref/wsgiref.ts.git',
};
const files = ['dist', 'src', '!**/*.tsbuildinfo', '!**/tsconfig.json'];
const licenceText = readFileSync(`${root}LICENSE`, 'utf8');

const packages = readPackages();
const folders = new Map(packages.map(({ name, folder }) => [name, folder]));
const complaints = [];

for (const { name, folder, manifest } of packages) {
  const expect = (what, actual, expected) => {
    if (isDeepStrictEqual(actual, expected)) return;
    const [is, should] = [actual, expected].map((value) => JSON.stringify(value) ?? 'missing');
    complaints.push(`${folder}: ${what} is ${is}; it should be ${should}`);
  };
  const short = posix.basename(folder);
  expect('name', name, short === 'wsgiref' ? short : `@wsgiref/${short}`);
  expect('version', manifest.version, version);
  expect('license', manifest.license, license);
  expect('engines', manifest.engines, engines);
  expect('repository', manifest.repository, { ...repository, directory: folder });
  expect('type', manifest.type, 'module');
  expect('sideEffects', manifest.sideEffects, false);
  expect('files', manifest.files, files);
  expect('publishConfig', manifest.publishConfig, { access: 'public', provenance: true });
  expect('peerDependencies', manifest.peerDependencies, PEERS[short]);
  for (const kind of ['devDependencies', 'optionalDependencies']) {
    expect(kind, manifest[kind], undefined);
  }
  checkExports(manifest, folder, expect);
  checkDependencies(manifest.dependencies ?? {}, folder, expect);
  checkLock(folder, ['version', 'dependencies', 'peerDependencies', 'bin'], manifest);
  if (!existsSync(`${root}${folder}/README.md`)) complaints.push(`${folder}: has no README.md`);
  const licence = `${root}${folder}/LICENSE`;
  if (!existsSync(licence) || readFileSync(licence, 'utf8') !== licenceText) {
    complaints.push(`${folder}: LICENSE is not the root's, which npm does not pack: copy it`);
  }
}
checkLock('', ['devDependencies'], { devDependencies });
const built = readJson('tsconfig.json').references.map(({ path }) => path);
for (const { folder } of packages) {
  if (!built.includes(folder)) complaints.push(`tsconfig.json: has no reference to ${folder}`);
}
for (const [path, { optionalDependencies = {} }] of Object.entries(locked)) {
  for (const name of Object.keys(optionalDependencies)) {
    if (!locked[`${path}/node_modules/${name}`] && !locked[`node_modules/${name}`]) {
      complaints.push(`package-lock.json: has no ${name}, which ${path} names: npm ci refuses it`);
    }
  }
}
report(complaints);

/** `npm ci` refuses a lock file that says otherwise. */
function checkLock(folder, keys, manifest) {
  const normal = (key, value) => (key === 'bin' ? Object.keys(value ?? {}) : value);
  const differs = (key) =>
    !isDeepStrictEqual(normal(key, locked[folder]?.[key]), normal(key, manifest[key]));
  if (keys.some(differs)) {
    complaints.push(
      `package-lock.json: is behind ${posix.join(folder, 'package.json')}: run \`npm install\``,
    );
  }
}

/** Every entry is a source, what is built of it, and nothing else; the keys are in this order. */
function checkExports({ exports, bin = {} }, folder, expect) {
  const { './package.json': own, ...entries } = exports;
  expect('exports of ./package.json', own, './package.json');
  const paths = Object.values(bin);
  for (const [subpath, entry] of Object.entries(entries)) {
    const path = entry.default;
    // A bundle is built of what it stands for.
    const stem = path.replace(/^\.\/dist\/(.*?)(?:\.bundle)?\.js$/, '$1');
    expect(`exports of ${subpath}`, Object.entries(entry), [
      ['@wsgiref/source', `./src/${stem}.ts`],
      ['types', `./dist/${stem}.d.ts`],
      ['default', path],
    ]);
    paths.push(path);
  }
  for (const path of paths) {
    const source = `${folder}/${path.replace(/^\.\/dist\/(.*?)(?:\.bundle)?\.js$/, 'src/$1.ts')}`;
    if (!existsSync(root + source)) complaints.push(`${folder}: ${path} has no source ${source}`);
  }
}

/** Only the family, only downwards, in the version at hand; the compiler is told the same. */
function checkDependencies(dependencies, folder, expect) {
  const below = LAYERS[posix.basename(folder)] ?? [];
  for (const [name, range] of Object.entries(dependencies)) {
    if (!below.includes(name.replace('@wsgiref/', ''))) {
      complaints.push(`${folder}: may not depend on ${name}`);
    }
    expect(`the range of ${name}`, range, `^${version}`);
  }
  const references = readJson(`${folder}/tsconfig.json`)
    .references.map(({ path }) => posix.join(folder, path))
    .filter((path) => !path.startsWith(`${folder}/`));
  const expected = Object.keys(dependencies).map((name) => folders.get(name) ?? name);
  expect('references in tsconfig.json', references.toSorted(), expected.toSorted());
}
