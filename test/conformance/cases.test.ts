// The table of cases, and the checklist that it proves.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  applicationOf,
  caseGroups,
  cases,
  checklist,
  completeRequest,
  memoryGateway,
  proofsOf,
} from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';
import { rules, validator } from '@wsgiref/validate';

const ROOT = new URL('../../', import.meta.url);

describe('the table', () => {
  test('has at least 70 cases, each with a name of its own', () => {
    expect(cases.length).toBeGreaterThanOrEqual(70);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(Object.values(caseGroups).flat()).toEqual(cases);
  });

  test('has a case for every rule of the validator that a server can break', () => {
    const wanted = rules
      .filter(({ fault }) => fault === 'server')
      .map(({ id }) => `the validator's rule ${id} holds`);
    const found = cases
      .map(({ name }) => name)
      .filter((name) => name.startsWith("the validator's"));
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });

  test.each(cases.map((one) => [one.name, one] as const))(
    '%s: what the case says of its application is what the validator says',
    async (_name, { application, request, valid }) => {
      const broken = new Set<string>();
      const allWarnings = rules.map(({ id }) => [id, 'warning'] as const);
      const checked = validator(application, {
        rules: Object.fromEntries(allWarnings),
        onWarning: ({ ruleId }) => broken.add(ruleId),
      });
      const gateway = memoryGateway((...streams) => new SimpleHandler(...streams));
      await gateway.send(completeRequest(request), checked, '');
      const faults = rules.filter(
        ({ id, fault, severity }) =>
          broken.has(id) && (fault !== 'application' || severity === 'error'),
      );
      expect(faults.length === 0).toBe(valid ?? true);
      expect(faults.filter(({ fault }) => fault !== 'application')).toEqual([]);
    },
  );
});

describe('applicationOf()', () => {
  test('returns the application of a case', () => {
    for (const { name, application } of cases) expect(applicationOf(name)).toBe(application);
  });

  test('throws for a name that no case has', () => {
    expect(() => applicationOf('no such case')).toThrow(
      new RangeError("no case is called 'no such case'"),
    );
  });
});

describe('the checklist', () => {
  test('has every obligation of servers, applications and middleware once', () => {
    const count = (letter: string, last: number): string[] =>
      Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);
    expect(checklist.map(({ id }) => id)).toEqual([
      ...count('S', 56),
      ...count('H', 4),
      ...count('A', 19),
      ...count('M', 9),
    ]);
  });

  test.each(cases.map(({ name, clauses }) => [name, clauses] as const))(
    '%s: is there for obligations of the checklist',
    (_name, clauses) => {
      expect(clauses.length).toBeGreaterThan(0);
      expect(checklist.map(({ id }) => id)).toEqual(expect.arrayContaining([...clauses]));
    },
  );

  test.each(checklist.map((clause) => [clause.id, clause] as const))(
    '%s has a proof, and each of its proofs exists',
    (_id, clause) => {
      const proofs = proofsOf(clause);
      expect(proofs.length).toBeGreaterThan(0);
      for (const proof of proofs) {
        if (proof.kind !== 'test') continue;
        const file = new URL(proof.file, ROOT);
        expect(existsSync(file)).toBe(true);
        expect(readFileSync(file, 'utf8')).toContain(`'${proof.title}'`);
      }
    },
  );

  test('names every rule of the validator', () => {
    const proofs = checklist.flatMap(proofsOf);
    const named = new Set(proofs.flatMap((proof) => (proof.kind === 'rule' ? [proof.id] : [])));
    expect(rules.filter(({ id }) => !named.has(id))).toEqual([]);
  });

  test('refuses a rule that does not exist', () => {
    const clause = { id: 'X1', section: '', text: '', rules: ['no-such-rule'] };
    expect(() => proofsOf(clause)).toThrow(new RangeError("X1: no rule is called 'no-such-rule'"));
  });
});
