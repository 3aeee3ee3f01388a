// Streams, limits, and the end of scripts.

import { describe, expect, jest, test } from '@jest/globals';
import { cgiApplication } from '@wsgiref/cgi';
import type { InputStream, WSGIEnvironment } from '@wsgiref/types';
import { BufferedReader, encodeLatin1 } from '@wsgiref/util';
import { RawClient } from '../support/raw-client.ts';
import { serve } from '../support/serve.ts';
import { client } from '@wsgiref/testing';
import { type Lifeline, lifeline, script, TEXT } from './scripts.ts';
import { type Begun, begin, logOf, makeEnviron, makePost, next } from './support.ts';

/** A request body that comes when the test says so. */
class Push extends BufferedReader implements InputStream {
  #give: (block: string) => void = () => {};
  #fail: (error: Error) => void = () => {};

  give(block: string): void {
    this.#give(block);
  }

  fail(error: Error): void {
    this.#fail(error);
  }

  protected override _pull(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#give = (block) => resolve(encodeLatin1(block));
      this.#fail = reject;
    });
  }
}

/** A script that starts another, which never ends, and waits for it. */
function endless(line: Lifeline): string {
  return script(`${line.take}; ${TEXT}; echo ready; sleep 1000 & wait`);
}

describe('Streaming', () => {
  test('has each block as the script sends it, while the request goes on', async () => {
    const app = cgiApplication(
      script(`${TEXT}; echo ready; while read line; do echo "got $line"; done`),
    );
    const input = new Push();
    const body = { CONTENT_LENGTH: '8', 'wsgi.input': input };
    const begun = await begin(app, makeEnviron(body));
    expect(await next(begun)).toBe('ready\n');
    input.give('one\ntwo\n');
    let text = '';
    for (let block = await next(begun); block !== null; block = await next(begun)) text += block;
    expect(text).toBe('got one\ngot two\n');
    await begun.close();
  });

  test('has a long body there and back', async () => {
    const body = 'x'.repeat(1_000_000);
    const response = await client(cgiApplication(script(`${TEXT}; cat`))).post('/', { body });
    expect(response.text()).toBe(body);
  });

  test('goes no faster than it is taken', async () => {
    const app = cgiApplication(script(`${TEXT}; head -c 10000000 /dev/zero; echo done >&2`));
    const environ = makeEnviron();
    const begun = await begin(app, environ);
    // Time enough for the same, taken.
    expect((await client(app).get('/')).errors).toBe('done\n');
    expect(logOf(environ)).toBe('');
    while ((await next(begun)) !== null);
    expect(logOf(environ)).toBe('done\n');
    await begun.close();
  });

  test('goes on though the script does not read its input', async () => {
    const body = 'x'.repeat(1_000_000);
    const response = await client(cgiApplication(script(`${TEXT}; echo no thanks`))).post('/', {
      body,
    });
    expect(response.text()).toBe('no thanks\n');
  });

  test('ends the request body where the input does', async () => {
    const environ = makePost('hello', { CONTENT_LENGTH: '7' });
    const begun = await begin(cgiApplication(script(`${TEXT}; cat; echo .`)), environ);
    let text = '';
    for (let block = await next(begun); block !== null; block = await next(begun)) text += block;
    await begun.close();
    expect(text).toBe('hello.\n');
  });

  test('ends with the error of the input, which the server answers for', async () => {
    const app = cgiApplication(script(`${TEXT} | cat >/dev/null; cat`));
    const headers = { 'Content-Length': '7' };
    const response = await client(app).post('/', { body: 'hello', headers });
    expect(response.status).toBe('400 Bad Request');

    const input = new Push();
    const line = lifeline();
    const begun = await begin(
      cgiApplication(endless(line)),
      makeEnviron({ CONTENT_LENGTH: '8', 'wsgi.input': input }),
    );
    expect(await next(begun)).toBe('ready\n');
    const error = new Error('the client went away');
    const waiting = next(begun);
    input.fail(error);
    await expect(waiting).rejects.toBe(error);
    await begun.close();
    await line.cut;
  });
});

describe('The end of a script', () => {
  test('comes when the result is closed, with all that it has started', async () => {
    const line = lifeline();
    const begun = await begin(cgiApplication(endless(line)), makeEnviron());
    expect(await next(begun)).toBe('ready\n');
    await begun.close();
    await begun.close();
    await line.cut;
  });

  test('comes when the result is closed while it is waited for', async () => {
    const line = lifeline();
    const begun = await begin(cgiApplication(endless(line)), makeEnviron());
    expect(await next(begun)).toBe('ready\n');
    const waiting = next(begun);
    const closing = begun.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    await closing;
    await line.cut;
  });

  test('comes even if it does not want to', async () => {
    const line = lifeline();
    const path = script(
      `${line.take}; trap '' TERM; ${TEXT}; echo ready; while :; do sleep 1; done`,
    );
    const begun = await begin(cgiApplication(path), makeEnviron());
    expect(await next(begun)).toBe('ready\n');
    await begun.close();
    await line.cut;
  });

  test('comes for what it has started, too, even if that does not want to', async () => {
    const line = lifeline();
    const stubborn = "(trap '' TERM; echo ready; while :; do sleep 1; done)";
    const begun = await begin(
      cgiApplication(script(`${line.take}; ${TEXT}; ${stubborn} & wait`)),
      makeEnviron(),
    );
    expect(await next(begun)).toBe('ready\n');
    await begun.close();
    await line.cut;
  });

  test('comes when the client goes away', async () => {
    const line = lifeline();
    const path = script(`${line.take}; ${TEXT}; while echo x; do sleep 0.01; done`);
    await using running = await serve(cgiApplication(path));
    const raw = await RawClient.connect({ port: running.port });
    await raw.send('GET / HTTP/1.0\r\n\r\n');
    await raw.waitFor('x\n');
    await raw.close();
    await line.cut;
  });

  test("comes when the server's signal says so, before the head", async () => {
    const line = lifeline();
    const controller = new AbortController();
    const remove = jest.spyOn(controller.signal, 'removeEventListener');
    const environ = makeEnviron({ 'wsgiref.signal': controller.signal });
    const runs = new Promise((resolve) => {
      environ['wsgi.errors'].write = resolve;
    });
    const reason = new Error('the client went away');
    const path = script(`${line.take}; echo running >&2; sleep 1000`);
    const begun = begin(cgiApplication(path), environ);
    await runs;
    controller.abort(reason);
    await expect(begun).rejects.toBe(reason);
    await line.cut;
    expect(remove).toHaveBeenCalledTimes(1);
  });

  test("comes when the server's signal says so, after it", async () => {
    const controller = new AbortController();
    const environ = makeEnviron({ 'wsgiref.signal': controller.signal });
    const line = lifeline();
    const begun = await begin(cgiApplication(endless(line)), environ);
    expect(await next(begun)).toBe('ready\n');
    const waiting = next(begun);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await line.cut;
    await begun.close();
  });

  test('comes before it begins if the signal has', async () => {
    const environ = makeEnviron({ 'wsgiref.signal': AbortSignal.abort() });
    await expect(begin(cgiApplication('/nowhere'), environ)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('comes though the signal says so while the process is being started', async () => {
    const controller = new AbortController();
    const environ = makeEnviron({ 'wsgiref.signal': controller.signal });
    const begun = begin(cgiApplication(script('sleep 1000')), environ);
    controller.abort();
    await expect(begun).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('comes when the signal says so after the output has been closed', async () => {
    const controller = new AbortController();
    const environ = makeEnviron({ 'wsgiref.signal': controller.signal });
    const write = environ['wsgi.errors'].write.bind(environ['wsgi.errors']);
    environ['wsgi.errors'].write = (text: string) => {
      if (text === 'closed\n') setImmediate(() => controller.abort());
      else write(text);
    };
    const path = script('exec >&-; echo closed >&2; sleep 1000');
    expect((await begin(cgiApplication(path), environ)).status).toBe('502 Bad Gateway');
    expect(logOf(environ)).toBe(`${path} sends nothing\n`);
  });
});

describe('Limits', () => {
  async function rest(begun: Begun): Promise<unknown> {
    try {
      for (;;) if ((await next(begun)) === null) return null;
    } catch (error) {
      return error;
    } finally {
      await begun.close();
    }
  }

  function named(path: string, what: string): unknown {
    return expect.objectContaining({ message: `${path} ${what}` });
  }

  test('a script that is silent at the beginning is a 504', async () => {
    const path = script('sleep 1000');
    const response = await client(cgiApplication(path, { timeout: 50 })).get('/');
    expect(response.status).toBe('504 Gateway Timeout');
    expect(response.errors).toBe(`${path} has been silent for 50 ms\n`);
  });

  test('a script that is silent later is cut off', async () => {
    const path = script(`${TEXT}; echo one; sleep 1000`);
    const begun = await begin(cgiApplication(path, { timeout: 300 }), makeEnviron());
    expect(await next(begun)).toBe('one\n');
    expect(await rest(begun)).toEqual(named(path, 'has been silent for 300 ms'));
  });

  test('only the silence of the script counts, and not of who takes what it says', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const path = script(`${TEXT}; echo one; read line; echo two`);
      const input = new Push();
      const environ = makeEnviron({ CONTENT_LENGTH: '1', 'wsgi.input': input });
      const begun = await begin(cgiApplication(path, { timeout: 250 }), environ);
      expect(await next(begun)).toBe('one\n');
      jest.advanceTimersByTime(10_000);
      input.give('\n');
      expect(await next(begun)).toBe('two\n');
      expect(await rest(begun)).toBeNull();
    } finally {
      jest.useRealTimers();
    }
  });

  test('a script that takes too long in all is cut off', async () => {
    const path = script(`${TEXT}; while echo x; do sleep 0.01; done`);
    const begun = await begin(cgiApplication(path, { maxDuration: 300 }), makeEnviron());
    expect(await rest(begun)).toEqual(named(path, 'has not ended after 300 ms'));
    const soon = await begin(
      cgiApplication(script(TEXT), { maxDuration: 1e12, timeout: Infinity }),
      makeEnviron(),
    );
    expect(await rest(soon)).toBeNull();
  });

  test('a script that says too much is cut off', async () => {
    const path = script(`${TEXT}; while echo x; do :; done`);
    const begun = await begin(cgiApplication(path, { maxOutput: 100_000 }), makeEnviron());
    expect(await rest(begun)).toEqual(named(path, 'sends a body of more than 100000 bytes'));
  });

  test('a script may be killed from outside: its response is not complete', async () => {
    const path = script(`${TEXT}; echo one; kill -KILL $$`);
    const begun = await begin(cgiApplication(path), makeEnviron());
    expect(await rest(begun)).toEqual(named(path, 'was ended by SIGKILL'));
  });

  test('a script that fails after its response is logged', async () => {
    const path = script(`${TEXT}; echo one; exit 3`);
    const environ: WSGIEnvironment = makeEnviron();
    const begun = await begin(cgiApplication(path), environ);
    expect(await rest(begun)).toBeNull();
    expect(logOf(environ)).toBe(`${path} has ended with status 3\n`);
  });

  test('a script that goes on without output is waited for, but not for ever', async () => {
    const path = script(`${TEXT}; exec >&- 2>&-; sleep 1000`);
    const environ = makeEnviron();
    const begun = await begin(cgiApplication(path, { timeout: 300 }), environ);
    expect(await rest(begun)).toBeNull();
    expect(logOf(environ)).toBe(
      `${path} has not ended within 300 ms after its output, and was made to\n`,
    );
  });

  test('a log that fails does no harm', async () => {
    const environ = makeEnviron();
    environ['wsgi.errors'].write = () => {
      throw new Error('the disk is full');
    };
    const path = script(`echo a word >&2; head -c 1000000 /dev/zero >&2; ${TEXT}; echo hello`);
    const begun = await begin(cgiApplication(path), environ);
    expect(await next(begun)).toBe('hello\n');
    expect(await rest(begun)).toBeNull();
  });
});
