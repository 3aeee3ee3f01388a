// Lets Node run the sources as they are, so that no child process runs a stale build:
//
//   node --import ./test/docs/typescript.mjs --conditions=@wsgiref/source program.ts

import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
