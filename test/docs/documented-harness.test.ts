// What finds and runs the documented examples sees what is wrong with them.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import {
  documentedFiles,
  type Example,
  findExamples,
  ROOT,
  runAll,
  typeCheck,
} from './documented.ts';

jest.setTimeout(60_000);

mkdirSync(`${ROOT}.cache`, { recursive: true });
const folder = mkdtempSync(`${ROOT}.cache/documented-`);
afterAll(() => rmSync(folder, { recursive: true }));

describe('findExamples()', () => {
  test('finds the blocks of a page, with the line of the fence', () => {
    const page =
      '# Page\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n```ts no-run\nserve();\n```\n';
    expect(findExamples('page.md', page)).toEqual({
      examples: [
        { file: 'page.md', line: 3, tag: '', code: 'const a = 1;\n\nconst b = 2;' },
        { file: 'page.md', line: 9, tag: 'no-run', code: 'serve();' },
      ],
      problems: [],
    });
  });

  test('takes the indentation of a list off', () => {
    const page = '- item\n\n  ```ts no-check\n  if (a) {\n    b();\n  }\n  ```\n';
    expect(findExamples('page.md', page).examples).toEqual([
      { file: 'page.md', line: 3, tag: 'no-check', code: 'if (a) {\n  b();\n}' },
    ]);
  });

  test('leaves other languages alone', () => {
    const page = '```sh\nnpm start\n```\n\n```\nplain\n```\n\n~~~python\nimport os\n~~~\n';
    expect(findExamples('page.md', page)).toEqual({ examples: [], problems: [] });
  });

  test('takes a block that shows a fence as one', () => {
    const page = '````md\n```ts\nnot an example\n```\n````\n\n```ts\na();\n```\n';
    expect(findExamples('page.md', page).examples).toEqual([
      { file: 'page.md', line: 7, tag: '', code: 'a();' },
    ]);
  });

  test('finds the blocks of docstrings, and nothing else of a source', () => {
    const source = [
      '/** One line. */',
      'const page = `',
      '```ts',
      'not an example',
      '```',
      '`;',
      '/**',
      ' * Does it.',
      ' *',
      ' * @example',
      ' * ```ts',
      ' * const a = 2 * 3;',
      ' *',
      ' * a ** 2;',
      ' * ```',
      ' */',
      'export function f() {}',
      '// ```ts',
    ].join('\n');
    expect(findExamples('f.ts', source)).toEqual({
      examples: [{ file: 'f.ts', line: 11, tag: '', code: 'const a = 2 * 3;\n\na ** 2;' }],
      problems: [],
    });
  });

  test.each([
    [
      'a tag that does not exist',
      'page.md',
      '\n```ts norun\n```\n',
      "page.md:2: 'norun' is neither",
    ],
    ['another name of the language', 'page.md', '```js\n```\n', 'page.md:1: ```js should be ```ts'],
    ['a block that does not end', 'page.md', '```ts\na();\n', 'page.md:1: this block does not end'],
    [
      'an @example without a block',
      'f.ts',
      '/**\n * @example\n * f();\n */\n',
      'f.ts:2: an @example is a block of ```ts',
    ],
  ])('reports %s', (_, file, text, problem) => {
    expect(findExamples(file, text).problems).toEqual([expect.stringContaining(problem)]);
  });
});

test('documentedFiles() knows pages and sources, but not what is built or installed', () => {
  const files = documentedFiles();
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/examples/README.md',
      'docs/from-python.md',
      'packages/util/README.md',
      'packages/util/src/latin1.ts',
    ]),
  );
  expect(files.filter((file) => /node_modules|dist\/|\.cache|CHANGELOG/.test(file))).toEqual([]);
});

function example(code: string, line: number = 7): Example {
  return { file: 'docs/page.md', line, tag: '', code };
}

describe('typeCheck()', () => {
  const good = example(
    [
      '#!/usr/bin/env node',
      "import type { WSGIApplication } from '@wsgiref/types';",
      "import { encodeLatin1 } from 'wsgiref';",
      'const unused: WSGIApplication = () => [encodeLatin1("a")];',
      'const text = await Promise.resolve("a");',
      'console.log(text.length, globalThis.fetch, Buffer);',
    ].join('\n'),
    1,
  );
  const bad = example(
    [
      "import { encodeLatin1 } from '@wsgiref/util';",
      'encodeLatin1(1);',
      'const text = await fetch;',
      'const length: string = text.length;',
      'function f(any) {}',
    ].join('\n'),
    20,
  );
  const broken = example('const = 1;', 40);
  const found = typeCheck([good, bad, broken], folder);

  test('accepts what a strict compiler accepts, and what is not used', () => {
    expect(found.get(good)).toEqual([]);
  });

  test('names file, line and error, with the packages as they are', () => {
    expect(found.get(bad)).toEqual([
      expect.stringContaining('docs/page.md:22: TS2345'),
      expect.stringContaining('docs/page.md:24: TS2322'),
      expect.stringContaining('docs/page.md:25: TS7006'),
    ]);
  });

  test('reports what cannot even be parsed', () => {
    expect(found.get(broken)![0]).toContain('docs/page.md:41: TS1134');
  });
});

describe('runAll()', () => {
  const cases: Record<string, { code: string; problems: unknown[] }> = {
    'accepts what prints what it says': {
      code: [
        "import { repr } from '@wsgiref/util';",
        "console.log('http://a/'); // http://a/",
        'for (const _ of [1, 2]) console.log(repr("a")); // \'a\'',
        'console.log(',
        "  'long',",
        '); // long',
        'console.log([1, 2], { a: null }); // [ 1, 2 ] { a: null }',
        "console.log('whatever');",
      ].join('\n'),
      problems: [],
    },
    'reports a value that is another': {
      code: "console.log('a'); // b\nfor (const i of [1, 2]) console.log(i); // 1",
      problems: ['docs/page.md:8: printed a, not b', 'docs/page.md:9: printed 2, not 1'],
    },
    'reports a value that is never printed': {
      code: 'if (Date.now() < 0) {\n  console.log(1); // 1\n}',
      problems: ['docs/page.md:9: never printed 1'],
    },
    'reports what is thrown, with its place': {
      code: "import { encodeLatin1 } from '@wsgiref/util';\n\nencodeLatin1('\\u20ac');",
      problems: expect.arrayContaining([
        expect.stringContaining('RangeError: cannot encode U+20AC'),
        expect.stringMatching(/at .*\bdocs\/page\.md:10:/),
      ]) as unknown as unknown[],
    },
    'reports a promise that nothing settles': {
      code: 'await new Promise(() => {});',
      problems: ['docs/page.md:7: it waits for ever for a promise'],
    },
  };
  const examples = Object.values(cases).map(({ code }) => example(code));
  // All of them stand on the same line: each needs a folder of its own.
  const outcomes = examples.map((one, i) => runAll([one], `${folder}/${i}`).get(one));

  test.each(Object.entries(cases).map(([title, { problems }], i) => [title, problems, i] as const))(
    '%s',
    async (_, problems, i) => {
      expect(await outcomes[i]).toEqual(problems);
    },
  );

  const endless = example("import { createServer } from 'node:net';\ncreateServer().listen(0);");

  test('kills what does not end by itself', async () => {
    const outcome = runAll([endless], `${folder}/endless`, { timeout: 500 }).get(endless);
    expect((await outcome)![0]).toBe('docs/page.md:7: it did not end by itself');
  });

  test('ends and starts nothing more when it is told to', async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 2 * availableParallelism() }, (_, i) => ({
      ...endless,
      line: 7 + i,
    }));
    const all = Promise.all(runAll(many, `${folder}/stopped`, stop).values());
    setImmediate(() => stop.abort());
    const problems = (await all).map(([problem]) => problem);
    expect(problems).toContain('docs/page.md:7: it did not end by itself');
    expect(problems.at(-1)).toBe('it was not run');
  });
});
