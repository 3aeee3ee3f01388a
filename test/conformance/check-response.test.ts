import { describe, expect, test } from '@jest/globals';
import { checkResponse, type Expected, type GatewayResponse } from '@wsgiref/conformance';
import { encodeLatin1 } from '@wsgiref/util';

function check(response: Partial<GatewayResponse>, expected: Partial<Expected>): string[] {
  const plain = { status: '200 OK', headers: [], body: new Uint8Array(), errors: '' };
  return checkResponse({ ...plain, ...response }, { code: 200, ...expected });
}

describe('the status', () => {
  test('may have any phrase, unless one is expected', () => {
    expect(check({ status: '200 Whatever' }, {})).toEqual([]);
    expect(check({ status: '200 Fine' }, { phrase: 'Fine' })).toEqual([]);
    expect(check({ status: '200 fine' }, { phrase: 'Fine' })).toEqual([
      "the status is '200 fine'; it should be 200 Fine",
    ]);
  });

  test('must have the code', () => {
    expect(check({ status: '2000 OK' }, { phrase: 'OK' })).toHaveLength(1);
    expect(check({ status: '201 Created' }, {})).toEqual([
      "the status is '201 Created'; it should be 200",
    ]);
  });
});

describe('a header', () => {
  const headers: GatewayResponse['headers'] = [
    ['X-One', '1'],
    ['X-Two', 'a'],
    ['x-two', 'b'],
  ];

  test.each<[string, Expected['headers']]>([
    ['has the value, in any case of the name', { 'x-ONE': '1' }],
    ['has the values in order', { 'X-Two': ['a', 'b'] }],
    ['is not there', { 'X-Three': null }],
    ['looks as it should', { 'X-One': { pattern: '^[0-9]$' } }],
    ['looks as it should, being optional', { 'X-One': { pattern: '^1$', optional: true } }],
    ['is missing, being optional', { 'X-Three': { pattern: '.', optional: true } }],
  ])('is right if it %s', (_why, expected) => {
    expect(check({ headers }, { headers: expected! })).toEqual([]);
  });

  test.each<[string, Expected['headers']]>([
    ["X-One is '1'; it should be '2'", { 'X-One': '2' }],
    ["X-One is '1'; it should be '1', '2'", { 'X-One': ['1', '2'] }],
    ["X-Two is 'a', 'b'; it should be 'a'", { 'X-Two': 'a' }],
    ["X-Two is 'a', 'b'; it should be 'b', 'a'", { 'X-Two': ['b', 'a'] }],
    ["X-Three is missing; it should be '3'", { 'X-Three': '3' }],
    ["there is a X-Two: 'a', 'b'; there should be none", { 'X-Two': null }],
    ["X-One is '1'; it should match /^[a-z]$/", { 'X-One': { pattern: '^[a-z]$' } }],
    ["X-Two is there 2 times: 'a', 'b'", { 'X-Two': { pattern: '^[ab]$' } }],
    ['there is no X-Three; it should match /./', { 'X-Three': { pattern: '.' } }],
  ])('is wrong: %s', (complaint, expected) => {
    expect(check({ headers }, { headers: expected! })).toEqual([complaint]);
  });
});

describe('the body', () => {
  const body = encodeLatin1('caf\xe9\n');

  test('is compared as a native string, or with a pattern', () => {
    expect(check({ body }, { body: 'caf\xe9\n' })).toEqual([]);
    expect(check({ body }, { body: { pattern: '^caf.+$' } })).toEqual([]);
    expect(check({ body }, {})).toEqual([]);
  });

  test('is shown beside what it should be', () => {
    expect(check({ body }, { body: '' })).toEqual(["the body is 'caf\xe9\\n'; it should be ''"]);
    expect(check({ body }, { body: { pattern: '^$' } })).toEqual([
      "the body is 'caf\xe9\\n'; it should match /^$/",
    ]);
  });

  test('is not shown at length', () => {
    const [complaint] = check({ body: new Uint8Array(5000).fill(0x61) }, { body: 'b' });
    expect(complaint).toMatch(/^the body is 'a{399}… \(5002 in all\); it should be 'b'$/);
  });
});

describe('the log', () => {
  const errors = 'conformance: one\nError: no disk\nconformance: two\n';

  test('holds the notes in order, and the text', () => {
    expect(check({ errors }, { notes: ['one', 'two'], errors: 'no disk' })).toEqual([]);
    expect(check({ errors }, { notes: ['one', 'two'], errors: { pattern: '^Error' } })).toEqual([]);
    expect(check({ errors }, { notes: ['one', 'two'], errors: null })).toEqual([]);
    expect(check({ errors: '' }, { errors: null })).toEqual([]);
  });

  test('has other notes than it should', () => {
    const complaint = "the application noted 'one', 'two'; it should note";
    const logged = 'it has logged:\nError: no disk';
    expect(check({ errors }, { errors: null })).toEqual([`${complaint} nothing`, logged]);
    expect(check({ errors }, { notes: ['two', 'one'], errors: null })).toEqual([
      `${complaint} 'two', 'one'`,
      logged,
    ]);
    expect(check({}, { notes: ['one'] })).toEqual([
      "the application noted nothing; it should note 'one'",
    ]);
  });

  test('does not hold the text', () => {
    expect(check({ errors: 'conformance: one\n' }, { notes: ['one'], errors: 'no disk' })).toEqual([
      "'no disk' was not logged, but nothing",
    ]);
    expect(check({ errors: 'quota' }, { errors: { pattern: 'disk' } })).toEqual([
      "a text like /disk/ was not logged, but 'quota'",
      'it has logged:\nquota',
    ]);
  });

  test('holds something, though nothing went wrong', () => {
    expect(check({ errors: 'Error: no disk\n' }, {})).toEqual([
      'something was logged, though there is no error to log',
      'it has logged:\nError: no disk',
    ]);
  });
});
