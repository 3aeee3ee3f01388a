import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Rule, rules, specification } from '@wsgiref/validate';
import { runExample } from './run-example.ts';

const SOURCES = new URL('../../packages/validate/src/', import.meta.url);

describe('the rules', () => {
  test('have ids of their own', () => {
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });

  test('are all that the sources have', () => {
    const sources = readdirSync(SOURCES).map((name) =>
      readFileSync(new URL(name, SOURCES), 'utf8'),
    );
    const ids = sources.join('\n').matchAll(/^ {2}id: '([a-z-]+)',$/gm);
    expect(Array.from(ids, ([, id]) => id).sort()).toEqual(rules.map(({ id }) => id).sort());
  });

  test('are those of the chapters', () => {
    expect(specification.flatMap((chapter) => chapter.rules)).toEqual(rules);
    expect(specification.map(({ title }) => title)).toEqual([
      'The environ',
      'wsgi.input',
      'wsgi.errors',
      'The status',
      'The headers',
      'The caught value',
      'The result',
      'The response',
    ]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))(
    '%s is written as the others',
    (id, rule) => {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(rule.text).toMatch(/^\w.*\.$/);
      // Other text follows the advice.
      expect(rule.advice).toMatch(/^[A-Z].*[^.]$/);
      expect(['application', 'middleware', 'server']).toContain(rule.fault);
      expect(['error', 'warning']).toContain(rule.severity);
      expect(rule.example.broken).not.toBe(rule.example.corrected);
    },
  );

  test('DIFFERS(45): what PEP 3333 demands and Python never checks has a rule', () => {
    const ids = [
      'body-forbidden',
      'body-on-head',
      'body-too-long',
      'body-too-short',
      'closed-twice',
      'content-length-forbidden',
      'env-file-wrapper',
      'env-flag',
      'env-key-name',
      'env-native-string',
      'env-not-empty',
      'env-server-port',
      'exc-info-trapped',
      'header-content-length',
      'header-hop-by-hop',
      'header-native-string',
      'input-end',
      'input-past-end',
      'input-size',
      'result-length',
      'start-response-twice',
      'start-response-write',
      'status-control-character',
      'status-informational',
      'status-native-string',
      'write-while-iterating',
    ];
    expect(ids.filter((id) => !rules.some((rule) => rule.id === id))).toEqual([]);
  });
});

describe('every rule is a record that can be run', () => {
  // Only the garbage collector sees this one: not-closed.test.ts runs it.
  const runnable = rules
    .filter((rule) => rule.id !== 'not-closed')
    .map((rule): [string, Rule] => [rule.id, rule]);

  test.each(runnable)('%s: the broken example breaks it, and only it', async (id, rule) => {
    const { broken } = await runExample(rule, rule.example.broken);
    expect(broken).toEqual([id]);
  });

  test.each(runnable)('%s: the corrected example breaks none', async (_, rule) => {
    const outcome = await runExample(rule, rule.example.corrected);
    expect(outcome).toEqual({ broken: [], error: null });
  });
});
