import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, jest, test } from '@jest/globals';
import { type HeaderParams, Headers } from '@wsgiref/headers';
import type { HeaderList } from '@wsgiref/types';
import { decodeLatin1 } from '@wsgiref/util';
import fc from 'fast-check';
import { thrown } from '../util/thrown.ts';

const cookies: HeaderList = [
  ['Set-Cookie', 'a=1'],
  ['Content-Type', 'text/plain'],
  ['set-cookie', 'b=2'],
];
const open = (): Headers => new Headers(cookies.map(([name, value]) => [name, value]));

describe('testMappingInterface', () => {
  test('counts headers, duplicates included', () => {
    expect(new Headers().size).toBe(0);
    expect(new Headers([]).size).toBe(0);
    expect(new Headers(null).size).toBe(0);
    expect(open().size).toBe(3);
  });

  test('keys(), values() and items() are in order, with duplicates', () => {
    expect(open().keys()).toEqual(['Set-Cookie', 'Content-Type', 'set-cookie']);
    expect(open().values()).toEqual(['a=1', 'text/plain', 'b=2']);
    expect(open().items()).toEqual(cookies);
  });

  test('keys(), values() and items() are copies', () => {
    const headers = open();
    headers.keys().pop();
    headers.values().pop();
    headers.items().pop();
    headers.items()[0]![1] = 'changed';
    expect(headers.items()).toEqual(cookies);
  });

  test('delete() of a name that is not there is no error', () => {
    const headers = new Headers();
    headers.delete('foo');
    expect(headers.size).toBe(0);
  });

  test.each(['foo', 'Foo', 'FOO'])('a header set as Foo is found as %s', (name) => {
    const headers = new Headers();
    headers.set('Foo', 'bar');
    expect(headers.has(name)).toBe(true);
    expect(headers.get(name)).toBe('bar');
    expect(headers.getAll(name)).toEqual(['bar']);
  });

  test('a name that is not there has no value, and is no error', () => {
    const headers = new Headers([['Foo', 'bar']]);
    expect(headers.has('bar')).toBe(false);
    expect(headers.get('bar')).toBeNull();
    expect(headers.get('bar', 'whee')).toBe('whee');
    expect(headers.get('Foo', 'whee')).toBe('bar');
    expect(headers.getAll('bar')).toEqual([]);
  });

  test('an empty value is a value', () => {
    const headers = new Headers([['Foo', '']]);
    expect(headers.has('foo')).toBe(true);
    expect(headers.get('foo', 'whee')).toBe('');
    expect(headers.setdefault('foo', 'whee')).toBe('');
  });

  test('get() returns the first value of several, getAll() all of them', () => {
    expect(open().get('SET-COOKIE')).toBe('a=1');
    expect(open().getAll('SET-COOKIE')).toEqual(['a=1', 'b=2']);
  });

  test('set() removes all of the name and appends one, spelt as given', () => {
    const headers = open();
    headers.set('SET-COOKIE', 'c=3');
    expect(headers.items()).toEqual([
      ['Content-Type', 'text/plain'],
      ['SET-COOKIE', 'c=3'],
    ]);
  });

  test('delete() removes all of the name', () => {
    const headers = open();
    headers.delete('SET-cookie');
    expect(headers.items()).toEqual([['Content-Type', 'text/plain']]);
  });

  test('setdefault() leaves a header alone that is there, and appends it otherwise', () => {
    const headers = open();
    expect(headers.setdefault('content-type', 'text/html')).toBe('text/plain');
    expect(headers.size).toBe(3);
    expect(headers.setdefault('Zoo', 'whee')).toBe('whee');
    expect(headers.items().at(-1)).toEqual(['Zoo', 'whee']);
  });

  test('names are compared in lower case beyond ASCII, too', () => {
    expect(new Headers([['\xdcber', 'a']]).get('\xfcBER')).toBe('a');
    expect(new Headers([['\u0130', 'a']]).get('\u0130')).toBe('a');
    expect(new Headers([['Foo-Bar', 'a']]).has('Foo_Bar')).toBe(false);
  });
});

describe('testRequireList', () => {
  const notAList = 'TypeError: Headers must be a list of name/value tuples';

  test.each(['foo', 1, {}, new Map([['a', 'b']]), cookies.values(), new Headers()])(
    '%p is refused',
    (value) => {
      expect(thrown(() => new Headers(value as HeaderList))).toBe(notAList);
    },
  );

  test.each([
    [5, '5'],
    ['ab', "'ab'"],
    [[], '[]'],
    [['a'], "['a']"],
    [['a', 'b', 'c'], "['a', 'b', 'c']"],
    [{ 0: 'a', 1: 'b', length: 2 }, "{'0': 'a', '1': 'b', 'length': 2}"],
  ])('%j in the list is refused', (pair, shown) => {
    expect(thrown(() => new Headers([['x', 'y'], pair] as HeaderList))).toBe(
      `${notAList} (got ${shown} in the list)`,
    );
  });

  test('a list of another realm is a list', () => {
    const list = runInNewContext(`[['Foo', 'bar']]`) as HeaderList;
    expect(new Headers(list).get('foo')).toBe('bar');
  });
});

describe('the wrapped list', () => {
  test('is changed in place by every change of the headers', () => {
    const list: HeaderList = [['Foo', 'bar']];
    const headers = new Headers(list);
    headers.append('Foo', 'baz');
    expect(list).toHaveLength(2);
    headers.set('foo', 'qux');
    expect(list).toEqual([['foo', 'qux']]);
    headers.setdefault('A', 'a');
    headers.addHeader('B', 'b');
    expect(list).toEqual([
      ['foo', 'qux'],
      ['A', 'a'],
      ['B', 'b'],
    ]);
    headers.delete('A');
    expect(list).toEqual([
      ['foo', 'qux'],
      ['B', 'b'],
    ]);
  });

  test('changes the headers when it is changed', () => {
    const list: HeaderList = [];
    const headers = new Headers(list);
    list.push(['Foo', 'bar']);
    expect(headers.get('foo')).toBe('bar');
    expect(String(headers)).toBe('Foo: bar\r\n\r\n');
  });

  test('is not shared between headers that were given none', () => {
    new Headers().set('Foo', 'bar');
    expect(new Headers().size).toBe(0);
  });
});

describe('testExtras', () => {
  test('prints as a header block with its blank line', () => {
    expect(String(new Headers())).toBe('\r\n');
    expect(String(open())).toBe(
      'Set-Cookie: a=1\r\nContent-Type: text/plain\r\nset-cookie: b=2\r\n\r\n',
    );
  });

  test('addHeader() adds parameters, and a header beside one of that name', () => {
    const headers = new Headers();
    headers.addHeader('foo', 'bar', { baz: 'spam' });
    expect(headers.get('foo')).toBe('bar; baz="spam"');
    expect(String(headers)).toBe('foo: bar; baz="spam"\r\n\r\n');
    headers.addHeader('Foo', 'bar', { cheese: null });
    expect(headers.getAll('foo')).toEqual(['bar; baz="spam"', 'bar; cheese']);
    expect(String(headers)).toBe('foo: bar; baz="spam"\r\nFoo: bar; cheese\r\n\r\n');
  });

  test.each<[expected: string, value: string | null, params: HeaderParams | undefined]>([
    ['bar', 'bar', undefined],
    ['bar', 'bar', {}],
    ['', '', undefined],
    ['', null, undefined],
    ['baz="spam"', null, { baz: 'spam' }],
    ['; baz="spam"', '', { baz: 'spam' }],
    ['a; empty', 'a', { empty: '' }],
    ['a; x-y-z="p_q"', 'a', { x_y_z: 'p_q' }],
    ['a; b-c', 'a', { b_c: null }],
    [String.raw`a; b="\"c\\d\""`, 'a', { b: String.raw`"c\d"` }],
    ['a; z="1"; b="2"; a="3"', 'a', { z: '1', b: '2', a: '3' }],
    ['a; 0="y"; z="x"', 'a', { z: 'x', 0: 'y' }],
    [
      'a; z="x"; 0="y"',
      'a',
      [
        ['z', 'x'],
        ['0', 'y'],
      ],
    ],
    ['a; z="x"', 'a', new Map([['z', 'x']])],
    [
      'a; b="1"; b="2"',
      'a',
      [
        ['b', '1'],
        ['b', '2'],
      ],
    ],
  ])('addHeader() writes %j', (expected, value, params) => {
    const headers = new Headers();
    headers.addHeader('Foo', value, params);
    expect(headers.items()).toEqual([['Foo', expected]]);
  });

  test('toBytes() is the same block as bytes', () => {
    const headers = new Headers([['X', '\x80\xff']]);
    expect(decodeLatin1(headers.toBytes())).toBe('X: \x80\xff\r\n\r\n');
  });

  test('toBytes() refuses what is no native string', () => {
    const headers = new Headers([['X', '\u20ac']]);
    expect(() => headers.toBytes()).toThrow(RangeError);
    expect(() => headers.toBytes()).toThrow('cannot encode U+20AC at position 3 in latin-1');
  });
});

/** Every way in for a name or a value; `value` is put in its place. */
const nameWays: [way: string, use: (headers: Headers, name: string) => unknown][] = [
  ['the constructor', (_, name) => new Headers([[name, 'v']])],
  ['set()', (headers, name) => headers.set(name, 'v')],
  ['append()', (headers, name) => headers.append(name, 'v')],
  ['setdefault()', (headers, name) => headers.setdefault(name, 'v')],
  ['addHeader()', (headers, name) => headers.addHeader(name, 'v')],
];
const valueWays: [way: string, use: (headers: Headers, value: string) => unknown][] = [
  ['the constructor', (_, value) => new Headers([['n', value]])],
  ['set()', (headers, value) => headers.set('n', value)],
  ['append()', (headers, value) => headers.append('n', value)],
  ['setdefault()', (headers, value) => headers.setdefault('n', value)],
  ['addHeader()', (headers, value) => headers.addHeader('n', value)],
  ['the value of a parameter', (headers, value) => headers.addHeader('n', 'v', { p: value })],
  ['the name of a parameter', (headers, value) => headers.addHeader('n', 'v', { [value]: 'p' })],
];
const lookups: [way: string, use: (headers: Headers, name: string) => unknown][] = [
  ['get()', (headers, name) => headers.get(name)],
  ['has()', (headers, name) => headers.has(name)],
  ['getAll()', (headers, name) => headers.getAll(name)],
  ['delete()', (headers, name) => headers.delete(name)],
];

describe('testRaisesControlCharacters', () => {
  const refused = 'RangeError: Control characters not allowed in headers';
  const controls = Array.from({ length: 0x20 }, (_, c) => String.fromCharCode(c)).concat('\x7f');

  test.each(nameWays)('no control character in a name by way of %s', (_, use) => {
    for (const control of controls) {
      const headers = open();
      expect(thrown(() => use(headers, `na${control}me`))).toBe(refused);
      expect(headers.items()).toEqual(cookies);
    }
  });

  test.each(valueWays)('no control character but a tab in %s', (_, use) => {
    for (const control of controls.filter((c) => c !== '\t')) {
      const headers = open();
      expect(thrown(() => use(headers, `val${control}ue`))).toBe(refused);
      expect(headers.items()).toEqual(cookies);
    }
  });

  test.each(valueWays)('a tab and C1 may be in %s', (_, use) => {
    expect(() => use(new Headers(), 'a\tb\x80\x9f')).not.toThrow();
  });

  test.each(nameWays)('C1, spaces and colons may be in a name by way of %s', (_, use) => {
    for (const name of ['\x80', 'a b', 'a:b', '']) use(new Headers(), name);
  });

  test.each(lookups)('%s may ask for any name', (_, use) => {
    expect(() => use(open(), 'Set-Cookie\n')).not.toThrow();
  });
});

describe('what is no string', () => {
  test.each([...nameWays, ...valueWays, ...lookups].filter(([way]) => !way.includes('name of')))(
    'is refused by way of %s',
    (_, use) => {
      const headers = open();
      for (const [value, shown] of [
        [5, '5'],
        [undefined, 'undefined'],
        [['a'], "['a']"],
        [Uint8Array.of(65), "b'A'"],
      ]) {
        expect(thrown(() => use(headers, value as string))).toBe(
          `AssertionError: Header names/values must be of type str (got ${shown as string})`,
        );
      }
      expect(headers.items()).toEqual(cookies);
    },
  );

  test('is refused as the name of a parameter', () => {
    const params = [[5, 'a']] as unknown as HeaderParams;
    expect(thrown(() => new Headers().addHeader('n', 'v', params))).toBe(
      'AssertionError: Header names/values must be of type str (got 5)',
    );
  });

  test('addHeader() checks the value, the parameters and at last the name', () => {
    const headers = new Headers();
    const bad = 6 as unknown as string;
    const calls: Parameters<Headers['addHeader']>[] = [
      [bad, '\n', { '\r': bad }],
      [bad, 'v', { '\r': bad }],
      [bad, 'v', { p: 5 as unknown as string }],
      [bad, 'v', {}],
    ];
    const messages: string[] = [];
    for (const call of calls) {
      try {
        headers.addHeader(...call);
      } catch (error) {
        messages.push((error as Error).message);
      }
    }
    expect(messages).toEqual([
      'Control characters not allowed in headers',
      'Control characters not allowed in headers',
      'Header names/values must be of type str (got 5)',
      'Header names/values must be of type str (got 6)',
    ]);
    expect(headers.size).toBe(0);
  });
});

describe('DIFFERS(2): set() that is refused keeps the old header', () => {
  test.each<[what: string, name: unknown, value: unknown]>([
    ['a value with a line feed', 'Set-Cookie', 'a\n'],
    ['a value that is no string', 'Set-Cookie', 5],
    ['a name with a line feed', 'Set-Cookie\n', 'a'],
  ])('%s', (_, name, value) => {
    const headers = open();
    expect(() => headers.set(name as string, value as string)).toThrow();
    expect(headers.items()).toEqual(cookies);
  });
});

describe("the platform's vocabulary", () => {
  test('append() adds a header beside one of that name', () => {
    const headers = open();
    headers.append('SET-COOKIE', 'c=3');
    expect(headers.items()).toEqual([...cookies, ['SET-COOKIE', 'c=3']]);
  });

  test('getSetCookie() returns all cookies', () => {
    expect(open().getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(new Headers().getSetCookie()).toEqual([]);
  });

  test('iterates over pairs, by itself and by entries()', () => {
    expect([...open()]).toEqual(cookies);
    expect([...open().entries()]).toEqual(cookies);
    const names: string[] = [];
    for (const [name] of open()) names.push(name);
    expect(names).toEqual(open().keys());
    expect(Object.fromEntries(open())).toEqual({
      'Set-Cookie': 'a=1',
      'Content-Type': 'text/plain',
      'set-cookie': 'b=2',
    });
  });

  test('an iterator can be iterated over itself', () => {
    const iterator = open().entries();
    expect(iterator.next()).toEqual({ done: false, value: cookies[0] });
    expect([...iterator]).toEqual(cookies.slice(1));
  });

  test('the pairs that are iterated over are copies', () => {
    const headers = open();
    for (const pair of headers) pair[1] = 'changed';
    expect(headers.items()).toEqual(cookies);
  });

  test('headers may change while they are iterated over', () => {
    const headers = open();
    for (const [name] of headers) headers.delete(name);
    expect(headers.size).toBe(0);
  });

  test('forEach() hands over value, name and the headers', () => {
    const headers = open();
    const callback = jest.fn();
    headers.forEach(callback);
    expect(callback.mock.calls).toEqual(cookies.map(([name, value]) => [value, name, headers]));
    expect(callback.mock.contexts).toEqual([undefined, undefined, undefined]);
  });

  test('forEach() takes a `this` for its callback', () => {
    const seen: unknown[] = [];
    const context = {};
    open().forEach(function (this: unknown) {
      seen.push(this);
    }, context);
    expect(seen).toHaveLength(3);
    for (const one of seen) expect(one).toBe(context);
  });

  test("fills the platform's own Headers", () => {
    const platform = new globalThis.Headers([...open()]);
    expect(platform.getSetCookie()).toEqual(open().getSetCookie());
    expect(platform.get('content-type')).toBe('text/plain');
  });
});

describe("in Node's inspector", () => {
  test('prints as its list', () => {
    expect(inspect(new Headers())).toBe('Headers([])');
    expect(inspect(new Headers([['Foo', "it's"]]))).toBe(`Headers([ [ 'Foo', "it's" ] ])`);
  });

  test("keeps the inspector's options", () => {
    const headers = new Headers([['Foo', 'bar']]);
    expect(inspect(headers, { colors: true })).toContain("\x1b[32m'bar'\x1b[39m");
    expect(inspect(headers, { depth: 0 })).toBe('Headers([ [Array] ])');
  });

  test('prints inside other objects', () => {
    expect(inspect({ headers: new Headers([['a', 'b']]) })).toBe(
      "{ headers: Headers([ [ 'a', 'b' ] ]) }",
    );
  });

  test('prints in a subclass, and shows no key of its own', () => {
    class ServerHeaders extends Headers {}
    expect(inspect(new ServerHeaders())).toBe('Headers([])');
    expect(Object.keys(Headers.prototype)).toEqual([]);
  });
});

describe('any sequence of changes', () => {
  const name = fc.constantFrom('Foo', 'foo', 'FOO', 'Bar', 'bar', 'Baz');
  const change = fc.record({
    method: fc.constantFrom('set' as const, 'append' as const, 'setdefault' as const),
    name,
    value: fc.string(),
  });

  test('leaves headers that look up, count and print consistently', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(change, name)), (changes) => {
        const headers = new Headers();
        for (const one of changes) {
          if (typeof one === 'string') headers.delete(one);
          else headers[one.method](one.name, one.value);
        }
        const items = headers.items();
        expect(headers.size).toBe(items.length);
        expect(String(headers).split('\r\n')).toEqual([
          ...items.map(([key, value]) => `${key}: ${value}`),
          '',
          '',
        ]);
        for (const [key] of items) {
          const all = items.filter(([other]) => other.toLowerCase() === key.toLowerCase());
          expect(headers.getAll(key)).toEqual(all.map(([, value]) => value));
          expect(headers.get(key)).toBe(all[0]![1]);
          expect(headers.has(key)).toBe(true);
        }
      }),
    );
  });
});
