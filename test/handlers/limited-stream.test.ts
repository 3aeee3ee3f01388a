import { describe, expect, test } from '@jest/globals';
import { LimitedStream, RequestError } from '@wsgiref/handlers';
import type { Awaitable, InputStream } from '@wsgiref/types';
import { BufferedReader, BytesIO, IOBase } from '@wsgiref/util';
import { bytes, caught, text } from './support.ts';

/** A source that gives its bytes in pieces, by promise or at once. */
class Pieces extends BufferedReader {
  readonly #pieces: string[];
  readonly #late: boolean;
  asked = 0;

  constructor(pieces: string[], late: boolean) {
    super();
    this.#pieces = [...pieces];
    this.#late = late;
  }

  protected override _pull(): Awaitable<Uint8Array> {
    this.asked++;
    const piece = bytes(this.#pieces.shift() ?? '');
    return this.#late ? Promise.resolve(piece) : piece;
  }
}

/** A stream that returns less than it is asked for, as a file of the platform may. */
class InShort extends IOBase implements InputStream {
  readonly #source: BytesIO;
  readonly #late: boolean;

  constructor(source: BytesIO, late: boolean) {
    super();
    this.#source = source;
    this.#late = late;
  }

  read(size: number): Awaitable<Uint8Array> {
    const block = this.#source.read(Math.min(size, 3));
    return this.#late ? Promise.resolve(block) : block;
  }

  override readline(size: number): Awaitable<Uint8Array> {
    return this.read(size);
  }
}

const BODY = 'one\ntwo\nthree';

describe.each<[string, (body: string) => InputStream]>([
  ['a stream in memory', (body) => new BytesIO(bytes(body))],
  ['a stream in pieces', (body) => new Pieces(body.split(/(?<=e)/), false)],
  ['a stream in pieces that come late', (body) => new Pieces(body.split(/(?<=e)/), true)],
])('LimitedStream over %s', (_what, open) => {
  const limited = (length: number = BODY.length): LimitedStream =>
    new LimitedStream(open(`${BODY}GET / HTTP/1.1\n`), length);

  test('read(size) returns that much, less only at the end', async () => {
    const stream = limited();
    expect(text(await stream.read(5))).toBe('one\nt');
    expect(text(await stream.read(0))).toBe('');
    expect(text(await stream.read(100))).toBe('wo\nthree');
    expect(text(await stream.read(100))).toBe('');
  });

  test.each([undefined, null, -1])('read(%j) returns the rest', async (size) => {
    const stream = limited();
    await stream.read(4);
    expect(text(await stream.read(size))).toBe('two\nthree');
    expect(text(await stream.read(size))).toBe('');
  });

  test.each([undefined, null, -1])('readline(%j) returns line by line', async (size) => {
    const stream = limited();
    expect(text(await stream.readline(size))).toBe('one\n');
    expect(text(await stream.readline(size))).toBe('two\n');
    expect(text(await stream.readline(size))).toBe('three');
    expect(text(await stream.readline(size))).toBe('');
  });

  test('readline(size) returns no more than that', async () => {
    const stream = limited();
    expect(text(await stream.readline(2))).toBe('on');
    expect(text(await stream.readline(0))).toBe('');
    expect(text(await stream.readline(20))).toBe('e\n');
  });

  test('readlines() and iteration give the lines that remain', async () => {
    expect((await limited().readlines()).map(text)).toEqual(['one\n', 'two\n', 'three']);
    expect((await limited().readlines(4)).map(text)).toEqual(['one\n', 'two\n']);
    const lines: string[] = [];
    const stream = limited();
    await stream.readline();
    for await (const line of stream) lines.push(text(line));
    expect(lines).toEqual(['two\n', 'three']);
  });

  test('remaining counts down to 0, and stays there', async () => {
    const stream = limited();
    expect(stream.remaining).toBe(13);
    await stream.read(5);
    expect(stream.remaining).toBe(8);
    await stream.readline();
    expect(stream.remaining).toBe(5);
    await stream.read();
    await stream.read();
    expect(stream.remaining).toBe(0);
  });

  test('an end in the middle of a line is an end', async () => {
    const stream = limited(6);
    expect((await stream.readlines()).map(text)).toEqual(['one\n', 'tw']);
  });

  test('a length of 0 is an end at once', async () => {
    const stream = limited(0);
    expect(text(await stream.read())).toBe('');
    expect(text(await stream.readline())).toBe('');
  });

  test.each<[string, (stream: LimitedStream) => Awaitable<unknown>]>([
    ['read()', (stream) => stream.read()],
    ['read(size)', (stream) => stream.read(1000)],
    ['readlines()', (stream) => stream.readlines()],
  ])('%s of a body that ends early is refused, each time', async (_method, read) => {
    const stream = new LimitedStream(open(BODY), 20);
    const error = await caught(() => read(stream));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({
      name: 'RequestError',
      status: '400 Bad Request',
      message: 'the request body ended after 13 of the 20 bytes of its Content-Length',
    });
    expect(await caught(() => stream.read())).toBeInstanceOf(RequestError);
    expect(await caught(() => stream.readline())).toBeInstanceOf(RequestError);
  });
});

test.each([
  ['at once', false],
  ['late', true],
])('what a stream gives in short, %s, is put together', async (_when, late) => {
  const stream = new LimitedStream(new InShort(new BytesIO(bytes(BODY)), late), 10);
  expect(text(await stream.read(8))).toBe('one\ntwo\n');
  expect(text(await stream.read())).toBe('th');
  expect(stream.remaining).toBe(0);

  const ends = new LimitedStream(new InShort(new BytesIO(bytes(BODY)), late), 20);
  expect(await caught(() => ends.read())).toMatchObject({ status: '400 Bad Request' });
  expect(ends.remaining).toBe(7);
});

test('what is there is returned without a promise', () => {
  const stream = new LimitedStream(new BytesIO(bytes(BODY)), BODY.length);
  expect(stream.read(2)).toEqual(bytes('on'));
  expect(stream.readline()).toEqual(bytes('e\n'));
});

test('the source is asked for nothing before the stream is, nor after its end', async () => {
  const source = new Pieces([BODY], true);
  const stream = new LimitedStream(source, BODY.length);
  expect(source.asked).toBe(0);
  await stream.read();
  await stream.read();
  await stream.readline();
  expect(source.asked).toBe(1);
});
