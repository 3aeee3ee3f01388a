import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as wsgiref from 'wsgiref';

const manifest = JSON.parse(
  readFileSync(new URL('../../packages/wsgiref/package.json', import.meta.url), 'utf8'),
) as { exports: Record<string, unknown>; dependencies: Record<string, string> };

const names = Object.keys(manifest.exports)
  .filter((path) => path !== '.' && path !== './package.json')
  .map((path) => path.slice('./'.length));

/** What of a package is in `wsgiref` itself, where that is not everything. */
const SELECTED: Readonly<Record<string, readonly string[]>> = {
  validate: ['RuleViolation', 'WSGIWarning', 'validator'],
};

describe('wsgiref', () => {
  test('depends on every package that it re-exports', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(
      names.map((name) => `@wsgiref/${name}`).sort(),
    );
  });

  test.each(names)('wsgiref/%s is the package of that name, and part of wsgiref', async (name) => {
    const part = (await import(`wsgiref/${name}`)) as Record<string, unknown>;
    const original = (await import(`@wsgiref/${name}`)) as Record<string, unknown>;
    expect(Object.keys(part)).toEqual(Object.keys(original));
    expect({ ...part }).toEqual({ ...original });
    const selected = SELECTED[name] ?? Object.keys(original);
    for (const key of selected) {
      expect((wsgiref as Record<string, unknown>)[key]).toBe(original[key]);
    }
  });

  test('has nothing of its own', async () => {
    const parts = await Promise.all(
      names.map((name) => import(`@wsgiref/${name}`) as Promise<Record<string, unknown>>),
    );
    const known = new Set(parts.flatMap((part) => Object.keys(part)));
    expect(Object.keys(wsgiref).filter((key) => !known.has(key))).toEqual([]);
  });
});
