// Makes docs/from-python.md out of the inventory of names.
//
//   node scripts/from-python.mjs           writes the page
//   node scripts/from-python.mjs --check   fails if the page is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { NEWEST, OLDEST, readInventory } from '../test/conformance/names/inventory.mjs';

const PAGE = new URL('../docs/from-python.md', import.meta.url);
const IDIOMS = new URL('../test/conformance/names/idioms.md', import.meta.url);

const OPERATORS = {
  __len__: 'len(h)',
  __getitem__: 'h[name]',
  __setitem__: 'h[name] = val',
  __delitem__: 'del h[name]',
  __contains__: 'name in h',
  __str__: 'str(h)',
  __bytes__: 'bytes(h)',
  __repr__: 'repr(h)',
};

const page = await makePage();
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readPage() !== page) {
  console.error(
    'docs/from-python.md is not what the inventory says: run `node scripts/from-python.mjs`',
  );
  process.exitCode = 1;
}

function readPage() {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return null; // There is none yet.
  }
}

async function makePage() {
  const parts = [
    '<!-- Made by scripts/from-python.mjs out of test/conformance/names: do not edit. -->',
    readFileSync(IDIOMS, 'utf8'),
    ...readInventory().flatMap(moduleSection),
  ];
  const options = await resolveConfig(PAGE);
  return format(parts.join('\n\n'), { ...options, parser: 'markdown' });
}

function moduleSection({ python, specifier, planned, entries }) {
  const isSection = (entry) => 'members' in entry && entry.ours !== null;
  return [
    `### ${code(python)}`,
    planned ? `${code(specifier)} is still to come; this is the plan.` : `In ${code(specifier)}.`,
    ...tables(entries.filter((entry) => !isSection(entry))),
    ...entries.filter(isSection).flatMap(classSection),
  ];
}

function classSection({ python, base, planned, note, members, ...tags }) {
  const title = code(base === null ? `class ${python.name}` : `class ${python.name}(${base})`);
  const notes = [...tagWords(tags), planned ? 'still to come' : '', note]
    .filter(Boolean)
    .join('; ');
  return [
    `#### ${title}`,
    ...(notes ? [`${notes[0].toUpperCase()}${notes.slice(1)}.`] : []),
    ...(members.length > 0 ? tables(members, python.name) : ['No names of its own.']),
  ];
}

function tables(entries, owner) {
  const counterparts = entries
    .filter(({ python }) => python !== null)
    .map((entry) => [pythonCell(entry, owner), oursCell(entry, owner), entry.note]);
  const hasNotes = counterparts.some(([, , note]) => note !== '');
  const additions = entries
    .filter(({ python }) => python === null)
    .map((entry) => [oursCell(entry, owner), entry.note]);
  return [
    ...(hasNotes
      ? table(['Python', 'Here', 'Note'], counterparts)
      : table(
          ['Python', 'Here'],
          counterparts.map(([python, ours]) => [python, ours]),
        )),
    ...table(['Here only', 'Why'], additions),
  ];
}

function table(head, rows) {
  if (rows.length === 0) return [];
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')];
}

function pythonCell({ python, ...entry }, owner) {
  const isMissingClass = 'members' in entry;
  const { name, text } = python;
  const written = isMissingClass
    ? `class ${name}`
    : (OPERATORS[name] ?? text.replace('__init__', owner));
  return [code(written), ...tagWords(entry)].join(', ');
}

function oursCell({ ours, planned }, owner) {
  if (ours === null) return '—';
  if (planned) return `still to come: ${code(ours.text)}`;
  return code(
    ours.text.replace(/^new /, `new ${owner}`).replace('[inspect]', '[util.inspect.custom]'),
  );
}

function tagWords({ since, until, unix }) {
  return [
    since > OLDEST ? `from 3.${since}` : '',
    until < NEWEST ? `until 3.${until}` : '',
    unix ? 'on Unix' : '',
  ].filter(Boolean);
}

function code(text) {
  return `\`${text}\``;
}
