// Proof of completeness: the inventory against the packages, and against Python's own modules.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { loadPyodide, runFile } from '../../support/pyodide.ts';
import { type ClassEntry, type Entry, NEWEST, OLDEST, readInventory } from './inventory.mjs';
import { type Declared, readDeclarations, resolve } from './our-names.ts';

// Pyodide and the first compilation of every package take their time.
jest.setTimeout(60_000);

const modules = readInventory();
const ported = modules.filter(({ planned }) => !planned);
const planned = modules.filter((module) => module.planned);
const entries = modules.flatMap((module) => module.entries);
const classes = new Map(entries.filter(isClass).map((entry) => [entry.python.name, entry]));

function isClass(entry: Entry): entry is ClassEntry {
  return 'members' in entry;
}

/** What the inventory says of a class, its bases included. */
function allMembers(entry: ClassEntry): Entry[] {
  const base = entry.base === null ? undefined : classes.get(entry.base);
  return base ? [...entry.members, ...allMembers(base)] : entry.members;
}

function at(entry: Entry, problem: string): string {
  return `inventory.txt:${entry.line}: ${problem}`;
}

describe('the inventory', () => {
  /** Design: "Operators become the `Map` vocabulary". */
  const OPERATORS: Readonly<Record<string, string>> = {
    __init__: 'new',
    __call__: '',
    __len__: 'size',
    __getitem__: 'get',
    __setitem__: 'set',
    __delitem__: 'delete',
    __contains__: 'has',
    __iter__: '[Symbol.iterator]',
    __next__: 'next',
    __str__: 'toString',
    __bytes__: 'toBytes',
    __repr__: '[inspect]',
    __enter__: '[Symbol.asyncDispose]',
    __exit__: '[Symbol.asyncDispose]',
  };

  function byRule(name: string): string {
    if (/^[A-Z_]+$/.test(name)) return name;
    return (
      OPERATORS[name] ?? name.replace(/(?<=.)_(\w)/g, (_, letter: string) => letter.toUpperCase())
    );
  }

  test('our names follow the naming rule, or a note says why not', () => {
    const problems = entries
      .flatMap((entry) => [entry, ...(isClass(entry) ? entry.members : [])])
      .filter(({ python, ours, note }) => python && ours && note === '')
      .filter(({ python, ours }) => byRule(python!.name) !== ours!.name)
      .map((entry) => at(entry, `${entry.python!.name} should be ${byRule(entry.python!.name)}`));
    expect(problems).toEqual([]);
  });

  test('a line that cannot be read is refused with its number', () => {
    const head = 'module a | b\n';
    expect(() => readInventory('x | y')).toThrow('line 1: a name before the first module');
    expect(() => readInventory(`${head}x`)).toThrow('line 2: our name is missing');
    expect(() => readInventory(`${head}x | -`)).toThrow('line 2: a missing name needs a reason');
    expect(() => readInventory(`${head}+ x`)).toThrow('line 2: an addition needs a reason');
    expect(() => readInventory(`${head}  x | x`)).toThrow(
      'line 2: an indented name outside a class',
    );
    expect(() => readInventory(`${head}class X | -`)).toThrow('line 2: a missing class needs a');
    expect(() => readInventory(`${head}class X | Y`)).toThrow('line 2: a class keeps its name');
    expect(() => readInventory(`${head}x [until 4.0] | x`)).toThrow('line 2: not a tag: until 4.0');
    expect(() => readInventory(`${head}x | y | z | z`)).toThrow('line 2: more than three columns');
  });
});

describe('the packages', () => {
  const specifiers = ported.map(({ specifier }) => specifier);
  const packages = [...new Set(specifiers.map((path) => path.split('/').slice(0, 2).join('/')))];
  /** Entry points that gather what others export, in the umbrella package above all. */
  const gathered: Readonly<Record<string, string[]>> = {
    '@wsgiref/simple-server': specifiers.filter((path) => path.includes('/simple-server/')),
    wsgiref: packages,
    ...Object.fromEntries(packages.map((name) => [name.replace('@', ''), [name]])),
  };

  const declared = readDeclarations([...specifiers, ...Object.keys(gathered)]);

  describe.each(ported)('$specifier', ({ specifier, entries }) => {
    const exported = declared.get(specifier)!;

    test('declares every name of ours, with its parameters', () => {
      const problems: string[] = [];
      const check = (entry: Entry, where: Map<string, Declared>, owner: string): void => {
        if (!entry.ours || entry.planned || entry.convention) return;
        if (entry.ours.name === '[inspect]') return; // No declaration can name it: see below.
        const found = where.get(entry.ours.name);
        if (!found) problems.push(at(entry, `${owner} has no ${entry.ours.text}`));
        else if (!found.forms.includes(entry.ours.text)) {
          problems.push(at(entry, `${entry.ours.text} is ${found.forms.join(' or ')}`));
        }
      };
      for (const entry of entries) {
        check(entry, exported, specifier);
        const found = entry.ours && exported.get(entry.ours.name);
        if (!isClass(entry) || !found || entry.planned) continue;
        for (const member of entry.members) check(member, found.members, entry.python.name);
        // A base of ours alone, such as JavaScript's Error, is nobody's business but ours.
        const isOfOurs = entry.base === null && !classes.has(found.base ?? '');
        if (entry.base !== found.base && !isOfOurs && entry.note === '') {
          problems.push(at(entry, `${entry.python.name} extends ${found.base}`));
        }
      }
      expect(problems).toEqual([]);
    });

    test('declares nothing that the inventory does not know', () => {
      const known = new Map(entries.filter(({ ours }) => ours).map((e) => [e.ours!.name, e]));
      const unknown: string[] = [];
      for (const [name, { own }] of exported) {
        const entry = known.get(name);
        if (!entry) unknown.push(name);
        else if (isClass(entry)) {
          const members = new Set(allMembers(entry).map(({ ours }) => ours?.name));
          for (const member of own.keys()) {
            if (!members.has(member)) unknown.push(`${name}.${member}`);
          }
        }
      }
      expect(unknown).toEqual([]);
    });

    test('has at run time what it declares', async () => {
      expect(await exportsOf(specifier)).toEqual(runtimeNames(exported));
      const namespace = (await import(specifier)) as Record<string, unknown>;
      const missing: string[] = [];
      for (const [name, { isClass, members }] of exported) {
        if (!isClass) continue;
        const { prototype } = namespace[name] as { prototype: object };
        for (const [member, { runtime }] of members) {
          if (runtime && !(keyOf(member) in prototype)) missing.push(`${name}.${member}`);
        }
      }
      for (const entry of entries.filter(isClass)) {
        const hidden = entry.members.find(({ ours }) => ours?.name === '[inspect]');
        if (!hidden) continue;
        const { prototype } = namespace[entry.python.name] as { prototype: object };
        if (!(keyOf('[inspect]') in prototype)) missing.push(at(hidden, 'no [inspect]()'));
      }
      expect(missing).toEqual([]);
    });
  });

  /** What the umbrella takes of a package whose other names say too little outside of it. */
  const picked: Readonly<Record<string, string[]>> = {
    '@wsgiref/validate': ['RuleViolation', 'WSGIWarning', 'validator'],
  };

  describe.each(Object.entries(gathered))('%s', (specifier, parts) => {
    const exportedBy = (part: string): string[] =>
      (specifier === 'wsgiref' ? picked[part] : undefined) ?? [...declared.get(part)!.keys()];
    const names = [...new Set(parts.flatMap(exportedBy))].sort();

    test(`exports what ${parts.join(' and ')} export`, () => {
      expect([...declared.get(specifier)!.keys()].sort()).toEqual(names);
    });

    test('has at run time what it declares', async () => {
      expect(await exportsOf(specifier)).toEqual(runtimeNames(declared.get(specifier)!));
    });
  });

  test('what is marked as planned is not there yet', () => {
    const come: string[] = [];
    for (const { specifier } of planned) {
      for (const path of [specifier, specifier.replace('@', '')]) {
        if (resolve(path) !== null) come.push(path);
      }
    }
    for (const { specifier, entries } of ported) {
      const exported = declared.get(specifier)!;
      for (const entry of entries) {
        const found = exported.get(entry.ours?.name ?? '');
        if (entry.planned && found) come.push(at(entry, entry.ours!.text));
        for (const member of isClass(entry) ? entry.members : []) {
          const isThere = found?.members.has(member.ours?.name ?? '');
          if (member.planned && isThere) come.push(at(member, member.ours!.text));
        }
      }
    }
    expect(come).toEqual([]);
  });

  async function exportsOf(specifier: string): Promise<string[]> {
    return Object.keys((await import(specifier)) as object).sort();
  }

  function runtimeNames(exported: Map<string, Declared>): string[] {
    return [...exported.keys()].filter((name) => exported.get(name)!.runtime).sort();
  }

  function keyOf(member: string): PropertyKey {
    if (member === '[inspect]') return Symbol.for('nodejs.util.inspect.custom');
    const wellKnown = /^\[Symbol\.(\w+)\]$/.exec(member)?.[1];
    return wellKnown ? (Symbol[wellKnown as keyof SymbolConstructor] as symbol) : member;
  }
});

describe('Python', () => {
  /** A function has parameters; a class has the rest. */
  interface Shown {
    parameters?: string[] | null;
    /** The names of the bases, nearest first. */
    bases?: string[];
    members?: Record<string, string[] | null>;
    /** Every name that the code of the class uses: some attributes are set from outside only. */
    mentioned?: string[];
  }

  interface Report {
    version: [major: number, minor: number, micro: number];
    unix: boolean;
    modules: Record<string, Record<string, Shown>>;
  }

  const script = new URL('introspect.py', import.meta.url);
  const installed = introspectInstalled();

  function introspectInstalled(): Report | null {
    try {
      const output = execFileSync(process.env['PYTHON'] ?? 'python3', [fileURLToPath(script)], {
        stdio: 'pipe',
      });
      return JSON.parse(output.toString()) as Report;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Each way in which this Python is not what the inventory says. */
  function compare({ version: [, minor], unix, modules: shown }: Report): string[] {
    const problems: string[] = [];
    const mayBeThere = ({ since, until, convention }: Entry): boolean =>
      since <= minor && minor <= until && !convention;
    const mustBeThere = (entry: Entry): boolean => mayBeThere(entry) && (unix || !entry.unix);

    for (const { python, entries } of modules) {
      const names = shown[python]!;
      compareNames(python, entries, Object.keys(names));
      for (const entry of entries.filter(({ ours }) => ours !== null)) {
        const found = names[entry.python?.name ?? ''];
        if (!found) continue;
        if (isClass(entry)) compareClass(entry, found);
        else compareParameters(entry, found.parameters);
      }
    }
    return problems;

    function compareClass(entry: ClassEntry, { bases, members, mentioned }: Shown): void {
      const base = bases![0] ?? null;
      if (base !== entry.base && (entry.base !== null || classes.has(base!))) {
        problems.push(at(entry, `in Python, ${entry.python.name} has the base ${base}`));
      }
      const names = Object.keys(members!);
      compareNames(entry.python.name, entry.members, names, allMembers(entry), mentioned);
      for (const member of entry.members.filter(({ ours }) => ours !== null)) {
        const parameters = members![member.python?.name ?? ''];
        if (parameters !== undefined) compareParameters(member, parameters);
      }
    }

    function compareNames(
      owner: string,
      entries: Entry[],
      names: string[],
      known: Entry[] = entries,
      mentioned: string[] = [],
    ): void {
      const expected = known.filter(mayBeThere).map((entry) => entry.python?.name);
      for (const name of names.filter((name) => !expected.includes(name))) {
        problems.push(`inventory.txt: ${owner}.${name} is missing, or its tags are wrong`);
      }
      for (const entry of entries.filter(mustBeThere)) {
        const name = entry.python?.name;
        if (name !== undefined && !names.includes(name) && !mentioned.includes(name)) {
          problems.push(at(entry, `Python has no ${owner}.${name}`));
        }
      }
    }

    function compareParameters(entry: Entry, parameters: string[] | null = null): void {
      if (entry.python!.parameters?.join() !== parameters?.join()) {
        problems.push(at(entry, `the parameters in Python are ${parameters?.join(', ')}`));
      }
    }
  }

  test("Pyodide's modules have the names of the inventory, and no other", async () => {
    const pyodide = await loadPyodide();
    const introspect = runFile(pyodide, script).get('report') as () => string;
    const report = JSON.parse(introspect()) as Report;
    expect(compare(report)).toEqual([]);
  });

  if (installed === null) {
    test('python3 is not installed: compared with Pyodide alone', () => {
      expect(installed).toBeNull();
    });
  } else if (installed.version[1] < OLDEST || installed.version[1] > NEWEST) {
    test(`python3 is ${installed.version.join('.')}: the inventory does not speak of it`, () => {
      expect(installed.version[0]).toBe(3);
    });
  } else {
    test(`python3 ${installed.version.join('.')} has the names of the inventory, and no other`, () => {
      expect(compare(installed)).toEqual([]);
    });
  }
});
