import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { LAYERS, NEUTRAL, WEB } from './scripts/workspace.mjs';

const notNode = {
  regex: `^(node:|(${builtinModules.join('|')})$)`,
  message: 'This code is runtime-neutral: it imports nothing of Node.',
};

const notUp = {
  regex: '^\\.\\./',
  message: 'This folder is runtime-neutral: it imports nothing from above.',
};

const onlyBelow = (below) => ({
  regex: `^(@wsgiref/(?!(${below.join('|') || '-'})(/|$))|wsgiref(/|$)|(\\.\\./)+[\\w-]+/src/)`,
  message: `Of the family it may import only: ${below.join(', ') || 'nothing'}.`,
});

const imports = (...patterns) => ['error', { patterns }];

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', 'docs/api/', '.cache/']),
  {
    files: ['**/*.{ts,mts,mjs}'],
    extends: [js.configs.recommended],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.mjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createNodeResolver({
          conditionNames: ['@wsgiref/source', 'node', 'import', 'default'],
          extensions: ['.ts', '.mjs', '.js'],
        }),
      ],
    },
    languageOptions: { globals: globals.nodeBuiltin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'no-control-regex': 'off', // What goes over the wire is full of them.
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['*.config.mjs'],
    rules: { 'import-x/no-default-export': 'off' }, // Their readers ask for one.
  },
  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: 'tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-throw-literal': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } }, // '' is nothing, as in Python.
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],

      // Applications and callers may be untyped: what their types rule out is looked at all the same,
      // and what they throw goes on as it is.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/only-throw-error': 'off',

      // House style.
      '@typescript-eslint/no-empty-function': 'off', // Hooks do nothing until they are overridden.
      '@typescript-eslint/no-inferrable-types': 'off', // Types of exports are written out.
      '@typescript-eslint/no-invalid-void-type': 'off', // Awaitable<number | void>
      '@typescript-eslint/no-non-null-assertion': 'off', // After a match, and within an array.
      '@typescript-eslint/no-redundant-type-constituents': 'off', // ExcInfo | null says more.
      '@typescript-eslint/prefer-function-type': 'off', // Callables have names and documentation.
      '@typescript-eslint/require-await': 'off', // async also makes a throw a rejection.
    },
  },
  {
    // Tests do on purpose what code should not.
    files: ['test/**'],
    rules: {
      'no-throw-literal': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-implied-eval': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  Object.entries(LAYERS).map(([name, below]) => ({
    files: [`packages/${name}/src/**`],
    rules: {
      'no-restricted-imports': [...NEUTRAL, ...WEB].includes(name)
        ? imports(onlyBelow(below), notNode)
        : imports(onlyBelow(below)),
    },
  })),
  {
    files: ['packages/handlers/src/base/**'],
    rules: { 'no-restricted-imports': imports(onlyBelow(LAYERS.handlers), notNode, notUp) },
  },
  {
    files: ['packages/testing/src/memory/**'],
    rules: { 'no-restricted-imports': imports(onlyBelow(LAYERS.testing), notNode, notUp) },
  },
  {
    files: [
      ...NEUTRAL.map((name) => `packages/${name}/src/**`),
      'packages/handlers/src/base/**',
      'packages/testing/src/memory/**',
    ],
    rules: {
      'no-restricted-globals': ['error', ...Object.keys(globals.nodeBuiltin)],
    },
  },
  {
    files: WEB.map((name) => `packages/${name}/src/**`),
    rules: {
      'no-restricted-globals': [
        'error',
        ...Object.keys(globals.nodeBuiltin).filter((name) => !(name in globals.serviceworker)),
      ],
    },
  },
);
