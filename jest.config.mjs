import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

// One project a folder of test/, so that `npx jest --selectProjects headers` runs one of them.
const projects = readdirSync(new URL('test', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    displayName: name,
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    extensionsToTreatAsEsm: ['.ts'],
    // The packages' own sources, so that no test runs against a stale build.
    testEnvironmentOptions: {
      customExportConditions: ['@wsgiref/source', 'node', 'node-addons'],
    },
    // ts-jest rewrites `./x.ts` to `./x.js`; the sources are still `.ts`.
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    transform: {
      '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.test.json' }],
    },
  }));

const complete = { statements: 100, branches: 100, functions: 100, lines: 100 };

export default {
  projects,
  testTimeout: 20_000, // A busy machine is no failure.
  // In a worker, what a failing test leaves open does not keep jest from ending.
  maxWorkers: Math.max(2, availableParallelism()),
  coverageDirectory: 'coverage',
  coverageReporters: [['text', { skipFull: true }], 'html'],
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  coverageThreshold: {
    'packages/util/src/': complete,
    'packages/headers/src/': complete,
    'packages/handlers/src/': complete,
    'packages/validate/src/': complete,
    'packages/router/src/': complete,
    'packages/testing/src/': complete,
    'packages/cgi/src/': complete,
    'packages/gateway/src/': complete,
    'packages/scgi/src/': complete,
    'packages/uwsgi/src/': complete,
    'packages/fastcgi/src/': complete,
    'packages/node-http/src/': complete,
    'packages/fetch/src/': complete,
    // What suspends WebAssembly is tested in another runtime, in a process that is not counted.
    'packages/python/src/': { statements: 90, branches: 80, functions: 85, lines: 90 },
    // The rest. The `wsgiref` command counts as not covered, as its tests run it as a process.
    global: { statements: 90, branches: 85, functions: 90, lines: 90 },
  },
};
