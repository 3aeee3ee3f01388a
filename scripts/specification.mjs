// Makes docs/specification.md out of the rules of @wsgiref/validate.
//
//   node scripts/specification.mjs           writes the page
//   node scripts/specification.mjs --check   fails if the page is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { specification, whereToRead } from '@wsgiref/validate';

const PAGE = new URL('../docs/specification.md', import.meta.url);

const INTRODUCTION = `\
# The WSGI specification for TypeScript

What PEP 3333 asks of applications, servers and middleware, sentence by sentence, as
[\`@wsgiref/validate\`](../packages/validate/README.md) checks it. The page is made of the records in
its source: each sentence is a rule with an id, which \`validator()\` names when the rule is broken,
and can switch off. A test runs every example: the first breaks the rule, and only this one; the
second breaks none.
`;

const PLAYERS = {
  application: 'An application',
  environ: 'In a server',
  server: 'In a server or a middleware',
};

const page = await format([INTRODUCTION, ...specification.map(chapter)].join('\n'), {
  ...(await resolveConfig(PAGE)),
  parser: 'markdown',
});
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readPage() !== page) {
  console.error(
    'docs/specification.md is not what the rules say: run `node scripts/specification.mjs`',
  );
  process.exitCode = 1;
}

function chapter({ title, rules }) {
  return [`## ${title}\n`, ...rules.map(rule)].join('\n');
}

function rule(record) {
  const { id, text, fault, severity, advice, section, example } = record;
  return `\
### ${id}

${text}

${severity === 'error' ? 'An error' : 'A warning'}, of the ${fault}. PEP 3333,
["${section}"](${whereToRead(record)}). What to do: ${advice[0].toLowerCase()}${advice.slice(1)}.

${PLAYERS[example.kind]}${request(example)} that breaks it:

\`\`\`js
${example.broken}
\`\`\`

and one that does not:

\`\`\`js
${example.corrected}
\`\`\`
`;
}

function request({ request = {}, body }) {
  const variables = Object.entries(request).map(([key, value]) => `${key}=${value}`);
  if (body !== undefined) variables.push(`a body of ${body.length} bytes`);
  return variables.length > 0 ? `, with ${variables.join(', ')},` : '';
}

function readPage() {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return null; // There is none yet.
  }
}
