// Lets Node run the sources as they are, so that no child process runs a stale build:
//
//   node --import ./test/docs/typescript.mjs --conditions=@wsgiref/source program.ts

import module from 'node:module';
import { load } from './typescript-hooks.mjs';

// Node 20 has the one, which newer ones warn of.
if (module.registerHooks) module.registerHooks({ load });
else module.register('./typescript-hooks.mjs', import.meta.url);
