// Reads inventory.txt, whose head says how a line is written.

import { readFileSync } from 'node:fs';

/** The Python versions that the inventory speaks of: 3.11 to 3.15. */
export const OLDEST = 11;
export const NEWEST = 15;

const FILE = new URL('inventory.txt', import.meta.url);

/** @returns {import('./inventory.d.mts').Module[]} */
export function readInventory(text = readFileSync(FILE, 'utf8')) {
  const modules = [];
  let currentClass = null;
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const indented = line.startsWith('  ');
    const number = index + 1;
    const columns = line.split('|').map((column) => column.trim());
    if (columns.length > 3) throw syntaxError(number, 'more than three columns');
    const [first, second, third = ''] = columns;

    if (first.startsWith('module ')) {
      const planned = second.startsWith('planned ');
      const specifier = second.replace(/^planned /, '');
      modules.push({ python: first.slice('module '.length), specifier, planned, entries: [] });
      currentClass = null;
      return;
    }

    const module = modules.at(-1);
    if (!module) throw syntaxError(number, 'a name before the first module');
    if (first.startsWith('class ')) {
      currentClass = readClass(first.slice('class '.length), second ?? '', third, number);
      module.entries.push(currentClass);
      return;
    }
    if (indented && !currentClass) throw syntaxError(number, 'an indented name outside a class');
    if (!indented) currentClass = null;
    (currentClass?.members ?? module.entries).push(readName(first, second, third, number));
  });
  return modules;
}

/** `class Name(Base) [tags]`: ours has the same name, now or one day, or there is none. */
function readClass(first, second, note, line) {
  const { text, tags } = readTags(first, line);
  const { name, parameters } = readSignature(text, line);
  if (!['', '-', 'planned'].includes(second)) throw syntaxError(line, 'a class keeps its name');
  if (second === '-' && note === '') throw syntaxError(line, 'a missing class needs a reason');
  const python = { name, parameters: null, text: name };
  const ours = second === '-' ? null : python;
  const planned = second === 'planned';
  return { python, ours, planned, note, line, ...tags, base: parameters?.[0] ?? null, members: [] };
}

function readName(first, second, third, line) {
  if (first.startsWith('+ ')) {
    if (!second) throw syntaxError(line, 'an addition needs a reason');
    const ours = readSignature(first.slice(2), line);
    return { python: null, ours, planned: false, note: second, line, ...readTags('', line).tags };
  }
  const { text, tags } = readTags(first, line);
  if (!second) throw syntaxError(line, 'our name is missing');
  if (second === '-' && third === '') throw syntaxError(line, 'a missing name needs a reason');
  const planned = second.startsWith('planned ');
  const ours = second === '-' ? null : readSignature(second.replace(/^planned /, ''), line);
  return { python: readSignature(text, line), ours, planned, note: third, line, ...tags };
}

/** `name`, `name(parameters)`, `new (parameters)` or `(parameters)`, each perhaps with `await`. */
function readSignature(text, line) {
  const match = /^(?:await )?(?<name>[^()]*?) ?(?:\((?<parameters>.*)\))?$/.exec(text);
  if (!match) throw syntaxError(line, `not a name: ${text}`);
  const { name, parameters } = match.groups;
  return { name, parameters: parameters === undefined ? null : splitParameters(parameters), text };
}

/** Splits at commas, but not at those of `{ a?, b? }?`. */
function splitParameters(text) {
  return text.match(/(?:\{[^}]*\}|[^,{])+/g)?.map((parameter) => parameter.trim()) ?? [];
}

/** `text [since 3.14, until 3.14, unix, convention]` */
function readTags(first, line) {
  const match = /^(?<text>.*?)(?: \[(?<tags>(?:[a-z. 0-9]|, )+)\])?$/.exec(first);
  const tags = { since: OLDEST, until: NEWEST, unix: false, convention: false };
  for (const tag of match.groups.tags?.split(', ') ?? []) {
    const version = /^(since|until) 3\.(\d+)$/.exec(tag);
    if (version) tags[version[1]] = Number(version[2]);
    else if (tag === 'unix' || tag === 'convention') tags[tag] = true;
    else throw syntaxError(line, `not a tag: ${tag}`);
  }
  return { text: match.groups.text, tags };
}

function syntaxError(line, what) {
  return new SyntaxError(`inventory.txt, line ${line}: ${what}`);
}
