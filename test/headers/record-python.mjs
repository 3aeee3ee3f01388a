// Refreshes against-python.jsonl: `node test/headers/record-python.mjs`, with PYTHON=… for another
// Python than `python3`. The cases are made here; the test reads them from the record.
//
// There is no control character among them: the oldest Pythons that are asked accept them, the
// newest refuse them.

import { product, sequences } from '../util/cases.mjs';
import { writeRecord } from '../util/python.mjs';

const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i));

const names = ['Foo', 'foo', 'FOO', 'Set-Cookie', 'set-cookie', '\xdcber', '\xfcBER', '', 'a b:'];
const values = ['', 'a', 'b; c', '\xe9', 'q"uo\\te'];
const operations = [
  ['__getitem__', names],
  ['__setitem__', names, values],
  ['__delitem__', names],
  ['__contains__', names],
  ['__len__'],
  ['__str__'],
  ['get', names],
  ['get', names, ['default', null]],
  ['get_all', names],
  ['keys'],
  ['values'],
  ['items'],
  ['setdefault', names, values],
  ['add_header', names, values],
  ['add_header', names, [...values, null]],
];
const initial = [
  null,
  [],
  [
    ['Foo', 'bar'],
    ['Content-Type', 'text/plain'],
  ],
  [
    ['Set-Cookie', 'a=1'],
    ['foo', ''],
    ['SET-COOKIE', 'b=2'],
    ['Set-Cookie2', 'c'],
  ],
];

const params = [
  [],
  [['filename', 'a.txt']],
  [['baz', null]],
  [['baz', '']],
  [['a_b_c', 'd_e']],
  [['_', null]],
  [['\xe9', '\xe9']],
  [['a b', 'c;d, "e" \\f']],
  [
    ['z', '1'],
    ['a', null],
    ['m', '2'],
  ],
];

writeRecord(import.meta.url, [
  ...sequences(150, 8, operations).map((ops, i) => ['Headers', initial[i % 4], ops]),
  ['Headers', [['name', '\u20ac']], [['get', 'name'], ['__str__']]],
  ...[
    null,
    [],
    'foo',
    {},
    { a: 'b' },
    1,
    ...[[5, 'a'], ['a', 5], [null, 1.5], ['a', ['b']], ['a'], ['a', 'b', 'c'], []].map((pair) => [
      ['x', 'y'],
      pair,
    ]),
  ].map((value) => ['new', value]),
  ...product(['foo'], ['bar', '', null, 'a; b'], params).map((args) => ['add_header', ...args]),
  ...[
    [5, 'a', []],
    ['a', 5, []],
    ['a', 'b', [['c', 5]]],
  ].map((args) => ['add_header', ...args]),
  ...product(['p'], [null, '', ...printable, 'abc', '\\"\\"', '\xe9', '\u20ac'], [0, 1]).map(
    (args) => ['_formatparam', ...args],
  ),
  ['_formatparam', 'p'],
  ['_formatparam', 'p', 'abc'],
]);
