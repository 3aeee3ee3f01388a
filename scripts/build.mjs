// Builds what has changed into packages/*/dist. What was built from a source that is gone is
// removed first, as it would be published. Arguments are projects to build; without, it is all.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { readPackages, root } from './workspace.mjs';

for (const { folder } of readPackages()) removeOrphans(`${root}${folder}`);
const tsc = `${root}node_modules/typescript/bin/tsc`;
const { status } = spawnSync(process.execPath, [tsc, '-b', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

// A CGI script is started for each request, and most of the time goes into finding its modules.
if (status === 0)
  await bundle('packages/handlers/dist/cgi.js', 'packages/handlers/dist/cgi.bundle.js');

async function bundle(entryPoint, file) {
  const { outputFiles } = await build({
    entryPoints: [`${root}${entryPoint}`],
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // What is shorter is read sooner; the names stay, for stacks.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
  });
  // An `import` of one of Node's modules asks for everything that it exports, and so has Node load
  // what it would otherwise load when it is used: its streams, for one.
  const text = outputFiles[0].text.replaceAll(
    /import\s*(\{[^}]*\})\s*from\s*"(node:\w+)";/g,
    (_, names, name) =>
      `const ${names.replaceAll(' as ', ':')}=process.getBuiltinModule("${name}");`,
  );
  if (/\bfrom\s*"node:/.test(text)) throw new Error(`${file} still imports a module of Node's`);
  writeFileSync(`${root}${file}`, text);
}

function removeOrphans(folder) {
  if (!existsSync(`${folder}/dist`)) return;
  for (const path of readdirSync(`${folder}/dist`, { recursive: true })) {
    const built = /^(.*?)(?:\.bundle)?(\.d\.ts|\.js)(\.map)?$/.exec(path);
    if (built && !existsSync(`${folder}/src/${built[1]}.ts`)) rmSync(`${folder}/dist/${path}`);
  }
}
