// toFetchHandler() in memory: what the host sees of an application, and the application of the host.

import { describe, expect, jest, test } from '@jest/globals';
import { FetchHandler, toFetchHandler, type ToFetchHandlerOptions } from '@wsgiref/fetch';
import { ClientDisconnected } from '@wsgiref/handlers/base';
import type { WSGIApplicationLike, WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1, StringIO } from '@wsgiref/util';
import { validator } from '@wsgiref/validate';
import { deferred } from '../node-http/support.ts';

const PLAIN: [string, string] = ['Content-Type', 'text/plain'];

interface Answer {
  response: Response;
  log: StringIO;
}

async function ask(
  application: WSGIApplicationLike,
  request: Request = new Request('http://localhost/'),
  options: ToFetchHandlerOptions = {},
): Promise<Answer> {
  const log = new StringIO();
  const handler = toFetchHandler(validator(application), { errors: log, ...options });
  return { response: await handler(request), log };
}

/** The environ of a request. */
async function environOf(
  request: Request,
  options: ToFetchHandlerOptions = {},
): Promise<WSGIEnvironment> {
  let seen!: WSGIEnvironment;
  const { log } = await ask(
    (environ, startResponse) => {
      seen = { ...environ };
      startResponse('204 No Content', []);
      return [];
    },
    request,
    options,
  );
  expect(log.getvalue()).toBe('');
  return seen;
}

/** Lets everything go on that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('the environ', () => {
  test('is what the request says', async () => {
    const request = new Request('https://www.example:8443/a%20b/%E9?c=%20d#e', {
      method: 'POST',
      body: 'abc',
      headers: [
        ['Content-Type', 'a/b'],
        ['Content-Length', '3'],
        ['X-Name', 'Zo\xeb'],
        ['X-Hop', '1'],
        ['x-hop', '2'],
        ['X_Hop', 'impostor'],
      ],
    });
    expect(await environOf(request)).toMatchObject({
      REQUEST_METHOD: 'POST',
      SCRIPT_NAME: '',
      PATH_INFO: '/a b/\xe9',
      QUERY_STRING: 'c=%20d',
      CONTENT_TYPE: 'a/b',
      CONTENT_LENGTH: '3',
      SERVER_NAME: 'www.example',
      SERVER_PORT: '8443',
      SERVER_PROTOCOL: 'HTTP/1.1',
      HTTP_HOST: 'www.example:8443',
      HTTP_X_NAME: 'Zo\xeb',
      HTTP_X_HOP: '1, 2',
      'wsgi.url_scheme': 'https',
      'wsgi.input_terminated': true,
      'wsgi.multithread': false,
      'wsgi.multiprocess': false,
      'wsgiref.signal': expect.any(AbortSignal),
    });
  });

  test.each([
    ['http://h/', '80'],
    ['https://h/', '443'],
  ])('of %s has the port of its scheme', async (url, port) => {
    expect(await environOf(new Request(url))).toMatchObject({ SERVER_PORT: port, HTTP_HOST: 'h' });
  });

  test('has the Host that the host has', async () => {
    const request = new Request('http://127.0.0.1:8000/', { headers: { Host: 'www.example' } });
    expect(await environOf(request)).toMatchObject({
      HTTP_HOST: 'www.example',
      SERVER_NAME: '127.0.0.1',
    });
  });

  test('has no path that could be taken for a URL of another host', async () => {
    const { PATH_INFO } = await environOf(new Request('http://h//evil.example/x'));
    expect(PATH_INFO).toBe('/evil.example/x');
  });

  test('is named where the URL names nobody', async () => {
    const { method, headers, signal, body } = new Request('http://h/x');
    const request = { method, headers, signal, body, url: 'app:///x' } as Request;
    let seen: unknown;
    await toFetchHandler((environ, startResponse) => {
      seen = environ.SERVER_NAME;
      startResponse('204 No Content', []);
      return [];
    })(request);
    expect(seen).toBe('localhost');
  });

  test('has a mount point that is given; outside of it is nothing', async () => {
    const options = { scriptName: '/a b' };
    expect(await environOf(new Request('http://h/a%20b/c'), options)).toMatchObject({
      SCRIPT_NAME: '/a b',
      PATH_INFO: '/c',
    });
    expect(await environOf(new Request('http://h/a%20b'), options)).toMatchObject({
      SCRIPT_NAME: '/a b',
      PATH_INFO: '',
    });
    const { response, log } = await ask(() => [], new Request('http://h/a%20bc'), options);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe("Nothing is mounted at '/a bc'");
    expect(log.getvalue()).toBe('');
  });

  test('has what the deployer adds', async () => {
    const options = { environ: { 'app.color': 'green' } };
    expect(await environOf(new Request('http://h/'), options)).toMatchObject(options.environ);
  });

  test('has variables under those of the request, of a subclass', async () => {
    class Handler extends FetchHandler {
      override osEnviron = { 'app.color': 'green', HTTP_X_NAME: 'below' };
    }
    const request = new Request('http://h/', { headers: { 'X-Name': 'v' } });
    expect(await environOf(request, { handlerClass: Handler })).toMatchObject({
      'app.color': 'green',
      HTTP_X_NAME: 'v',
    });
  });

  test('has a signal, which a host that makes one when it is asked makes for those who ask', async () => {
    let asked = 0;
    const request = new Request('http://h/');
    const { signal } = request;
    Object.defineProperty(request, 'signal', { get: () => (asked++, signal) });
    const counts: number[] = [];
    const handler = toFetchHandler((environ, startResponse) => {
      counts.push(asked);
      if (environ.QUERY_STRING === '') void environ['wsgiref.signal']!.aborted;
      counts.push(asked);
      startResponse('204 No Content', []);
      return [];
    });
    await handler(request);
    expect(counts).toEqual([0, 1]);
  });

  test('has what the host knows of the client', async () => {
    let seen: unknown;
    const handler = toFetchHandler(
      (environ, startResponse) => {
        seen = environ['REMOTE_ADDR'];
        startResponse('204 No Content', []);
        return [];
      },
      { environ: (_request, info: { hostname: string }) => ({ REMOTE_ADDR: info.hostname }) },
    );
    await handler(new Request('http://h/'), { hostname: '192.0.2.1' });
    expect(seen).toBe('192.0.2.1');
  });
});

describe('the request body', () => {
  const post = (body: ConstructorParameters<typeof Response>[0]): Request =>
    new Request('http://h/', { method: 'POST', body, duplex: 'half' } as RequestInit);

  test('is read as the application asks, empty blocks left out', async () => {
    const pieces = ['one', '', ' two\nthree'];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) controller.close();
          else controller.enqueue(encodeLatin1(piece));
        },
      },
      { highWaterMark: 0 },
    );
    let before = -1;
    const { response } = await ask(async (environ, startResponse) => {
      before = pieces.length;
      const input = environ['wsgi.input'];
      const line = await input.readline();
      const rest = await input.read();
      const end = await input.read();
      startResponse('200 OK', [PLAIN]);
      return [encodeLatin1([line, rest, end].map((part) => `<${decodeLatin1(part)}>`).join(''))];
    }, post(body));
    expect(await response.text()).toBe('<one two\n><three><>');
    expect(before).toBe(3);
  });

  test('that is not there is at its end', async () => {
    const { response } = await ask(async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', [PLAIN]);
      return [encodeLatin1(`${body.length} bytes`)];
    });
    expect(await response.text()).toBe('0 bytes');
  });

  test('that nobody wants to the end is let go', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encodeLatin1('block')),
      cancel() {
        cancelled = true;
        throw new Error('which is nobody’s business');
      },
    });
    const { response } = await ask(async (environ, startResponse) => {
      await environ['wsgi.input'].read(3);
      startResponse('200 OK', [PLAIN]);
      return [];
    }, post(body));
    await response.text();
    await settle();
    expect(cancelled).toBe(true);
  });

  test.each([
    ['read', async (request: Request) => void (await request.text())],
    ['locked', async (request: Request) => void request.body!.getReader()],
  ])('that has been %s before is not taken for an empty one', async (_how, take) => {
    const request = post('gone');
    await take(request);
    const { response, log } = await ask(async (environ) => {
      await environ['wsgi.input'].read();
      return [];
    }, request);
    expect(response.status).toBe(500);
    expect(log.getvalue()).toContain('the request body has been read already');
  });

  test('that breaks off throws ClientDisconnected into the application', async () => {
    let seen: unknown;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('reset')),
    });
    const { response, log } = await ask(async (environ) => {
      try {
        await environ['wsgi.input'].read();
      } catch (error) {
        seen = error;
        throw error;
      }
      return [];
    }, post(body));
    expect(seen).toBeInstanceOf(ClientDisconnected);
    // Nobody sees it: the host wants one all the same.
    expect(response.status).toBe(499);
    expect(log.getvalue()).toBe('');
  });
});

describe('the response', () => {
  test('has status, phrase, and headers, cookies one by one', async () => {
    const { response } = await ask((_environ, startResponse) => {
      startResponse('299 As You Like', [
        PLAIN,
        ['Set-Cookie', 'a=1'],
        ['X-Name', 'Zo\xeb'],
        ['Set-Cookie', 'b=2'],
      ]);
      return [encodeLatin1('one '), encodeLatin1('two')];
    });
    expect([response.status, response.statusText]).toEqual([299, 'As You Like']);
    expect([...response.headers]).toEqual([
      ['content-type', 'text/plain'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-name', 'Zo\xeb'],
    ]);
    expect(await response.text()).toBe('one two');
  });

  test.each([
    ['GET', '204 No Content'],
    ['GET', '205 Reset Content'],
    ['GET', '304 Not Modified'],
    ['HEAD', '200 OK'],
  ])('to %s with %s has no body', async (method, status) => {
    const { response } = await ask(
      async function* (_environ, startResponse) {
        startResponse(status, /^20[05]/.test(status) ? [PLAIN] : []);
        yield encodeLatin1('');
      },
      new Request('http://h/', { method }),
    );
    expect([response.status, response.body]).toEqual([Number(status.slice(0, 3)), null]);
  });

  test.each(['101 Switching Protocols', '600 Unheard Of'])('cannot be %s', async (status) => {
    const log = new StringIO();
    const handler = toFetchHandler(
      (_environ, startResponse) => {
        startResponse(status, []);
        return [];
      },
      { errors: log },
    );
    expect((await handler(new Request('http://h/'))).status).toBe(500);
    expect(log.getvalue()).toContain(`a Response cannot have the status '${status}'`);
  });

  test('is no promise where nothing has been waited for', () => {
    const handler = toFetchHandler((_environ, startResponse) => {
      startResponse('200 OK', [PLAIN]);
      return [encodeLatin1('x')];
    });
    expect(handler(new Request('http://h/'))).toBeInstanceOf(Response);
  });

  test('is there before the result has been closed', async () => {
    const closed = deferred();
    const result = Object.assign([encodeLatin1('x')], { close: () => closed.promise });
    const handler = toFetchHandler((_environ, startResponse) => {
      startResponse('200 OK', [PLAIN]);
      return result;
    });
    expect(await (await handler(new Request('http://h/'))).text()).toBe('x');
    closed.resolve();
  });

  test('has headers whose names every object has', async () => {
    const { response } = await ask((_environ, startResponse) => {
      startResponse('200 OK', [PLAIN, ['constructor', 'a'], ['__proto__', 'b']]);
      return [];
    });
    expect([response.headers.get('constructor'), response.headers.get('__proto__')]).toEqual([
      'a',
      'b',
    ]);
    expect(await response.text()).toBe('');
  });

  test('is there with the first block, which is made only when it is read', async () => {
    const events: string[] = [];
    const { response } = await ask(async function* (_environ, startResponse) {
      startResponse('200 OK', [PLAIN]);
      events.push('one');
      yield encodeLatin1('one');
      events.push('two');
      yield encodeLatin1('two');
      events.push('end');
    });
    await settle();
    expect(events).toEqual(['one']);
    const reader = response.body!.getReader();
    expect(decodeLatin1((await reader.read()).value)).toBe('one');
    await settle();
    // The host has the first, and has not asked for another.
    expect(events).toEqual(['one']);
    expect(decodeLatin1((await reader.read()).value)).toBe('two');
    await settle();
    expect(events).toEqual(['one', 'two']);
    expect(await reader.read()).toMatchObject({ done: true });
    expect(events).toEqual(['one', 'two', 'end']);
  });

  test('has what is written, each block when it is read, before what is returned', async () => {
    const events: string[] = [];
    const { response } = await ask(async (_environ, startResponse) => {
      const write = startResponse('200 OK', [PLAIN]);
      await write(encodeLatin1('written '));
      events.push('done');
      void write(encodeLatin1('at once '));
      return [encodeLatin1('returned')];
    });
    await settle();
    expect(events).toEqual([]);
    expect(await response.text()).toBe('written at once returned');
    expect(events).toEqual(['done']);
  });

  test('of an empty stream ends', async () => {
    const { response } = await ask(async function* (_environ, startResponse) {
      startResponse('200 OK', [PLAIN]);
      yield encodeLatin1('');
    });
    expect(await response.text()).toBe('');
  });
});

describe('a client that goes away', () => {
  /** Notes what becomes of it. */
  function endless(events: string[]): WSGIApplicationLike {
    return (environ, startResponse) => {
      startResponse('200 OK', [PLAIN]);
      const signal = environ['wsgiref.signal']!;
      signal.addEventListener('abort', () => events.push(String(signal.reason)));
      return {
        async *[Symbol.asyncIterator]() {
          for (;;) yield encodeLatin1('block');
        },
        close: () => void events.push('closed'),
      };
    };
  }

  const TOLD = ['ClientDisconnected: the client went away', 'closed'];

  test('cancels the body: the application is told, and its result closed once', async () => {
    const events: string[] = [];
    const { response, log } = await ask(endless(events));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel('enough');
    await settle();
    expect([events, log.getvalue()]).toEqual([TOLD, '']);
  });

  test('cancels the body unread', async () => {
    const events: string[] = [];
    const { response } = await ask(endless(events));
    await response.body!.cancel();
    await settle();
    expect(events).toEqual(TOLD);
  });

  test('aborts the request: the application is told, and the body breaks off', async () => {
    const events: string[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const { response } = await ask(endless(events), new Request('http://h/', { signal }));
    const reader = response.body!.getReader();
    await reader.read();
    controller.abort(new Error('the tab was closed'));
    await expect(reader.read()).rejects.toThrow('the application has failed');
    expect(events).toEqual(TOLD);
  });

  test('before the application has begun its response needs none', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { response, log } = await ask(
      async (environ, startResponse) => {
        startResponse('200 OK', [PLAIN]);
        controller.abort();
        expect(environ['wsgiref.signal']!.aborted).toBe(true);
        return [encodeLatin1('to nobody')];
      },
      new Request('http://h/', { signal }),
    );
    expect([response.status, log.getvalue()]).toEqual([499, '']);
  });

  test('before the application is called shows in the signal', async () => {
    const signal = AbortSignal.abort();
    let aborted: unknown;
    const { response } = await ask(
      (environ, startResponse) => {
        aborted = environ['wsgiref.signal']!.aborted;
        startResponse('200 OK', [PLAIN]);
        return [encodeLatin1('to nobody')];
      },
      new Request('http://h/', { signal }),
    );
    expect([aborted, response.status]).toEqual([true, 499]);
  });

  test('after the response is complete is told to nobody', async () => {
    let told: AbortSignal | undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const { response } = await ask(
      (environ, startResponse) => {
        told = environ['wsgiref.signal']!;
        startResponse('200 OK', [PLAIN]);
        return {
          *[Symbol.iterator]() {
            yield encodeLatin1('all');
          },
          // The response is complete by now, though the application is not done.
          close: () => controller.abort(),
        };
      },
      new Request('http://h/', { signal }),
    );
    expect(await response.text()).toBe('all');
    await settle();
    expect(told!.aborted).toBe(false);
  });

  test('is nothing to an application that asks after its response', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let environ!: WSGIEnvironment;
    const handler = toFetchHandler((received, startResponse) => {
      environ = received;
      startResponse('200 OK', [PLAIN]);
      return [];
    });
    await handler(new Request('http://h/', { signal }));
    controller.abort();
    expect(environ['wsgiref.signal']!.aborted).toBe(false);
  });

  test('before a response that comes by and by needs none', async () => {
    const signal = AbortSignal.abort();
    const { response, log } = await ask(
      async function* (_environ, startResponse) {
        startResponse('200 OK', [PLAIN]);
        yield encodeLatin1('to nobody');
      },
      new Request('http://h/', { signal }),
    );
    expect([response.status, log.getvalue()]).toEqual([499, '']);
  });
});

describe('an application that fails', () => {
  test('is logged, and answered with a 500 that does not show it', async () => {
    const { response, log } = await ask(() => {
      throw new Error('the password is swordfish');
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('swordfish');
    expect(log.getvalue()).toContain('swordfish');
  });

  test('is logged to the console, if nothing else is said', async () => {
    const shown = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const handler = toFetchHandler(async (environ) => {
        const errors = environ['wsgi.errors'];
        await errors.writelines(['part ', 'of a line']);
        await errors.flush();
        await errors.write('one line\nand another\nand part ');
        await errors.write('of a third\n');
        await errors.flush();
        throw new Error('on purpose');
      });
      expect((await handler(new Request('http://h/'))).status).toBe(500);
      const lines = shown.mock.calls.map(([line]) => String(line));
      expect(lines.slice(0, 3)).toEqual([
        'part of a line',
        'one line\nand another',
        'and part of a third',
      ]);
      expect(lines[3]).toMatch(/^Error: on purpose\n/);
    } finally {
      shown.mockRestore();
    }
  });

  test('in the middle breaks the body off, after what has been sent', async () => {
    const { response, log } = await ask(async function* (_environ, startResponse) {
      startResponse('200 OK', [PLAIN]);
      yield encodeLatin1('so far');
      throw new Error('no further');
    });
    const reader = response.body!.getReader();
    expect(decodeLatin1((await reader.read()).value)).toBe('so far');
    await expect(reader.read()).rejects.toThrow('the application has failed in the middle');
    expect(log.getvalue()).toContain('no further');
  });

  test('in the middle of blocks that are there already, too', async () => {
    const log = new StringIO();
    const handler = toFetchHandler(
      (_environ, startResponse) => {
        startResponse('200 OK', [PLAIN]);
        return [encodeLatin1('so far'), 'no bytes' as never];
      },
      { errors: log },
    );
    const response = await handler(new Request('http://h/'));
    const reader = response.body!.getReader();
    expect(decodeLatin1((await reader.read()).value)).toBe('so far');
    await expect(reader.read()).rejects.toThrow('the application has failed in the middle');
    // And if the host does not want them, nothing is left behind.
    const other = await handler(new Request('http://h/'));
    await other.body!.cancel();
  });

  test.each([
    ['an array', (): Iterable<Uint8Array> => [encodeLatin1('more than that')]],
    [
      'a stream',
      function* (): Iterable<Uint8Array> {
        yield encodeLatin1('more than that');
      },
    ],
  ])('when everything has been sent ends %s as it should end', async (_what, blocks) => {
    const log = new StringIO();
    const handler = toFetchHandler(
      (_environ, startResponse) => {
        startResponse('200 OK', [['Content-Length', '4']]);
        return blocks();
      },
      { errors: log },
    );
    expect(await (await handler(new Request('http://h/'))).text()).toBe('more');
    expect(log.getvalue()).toContain('more than the 4 bytes');
  });

  test('after it has answered HEAD has answered it', async () => {
    const { response } = await ask(
      async (_environ, startResponse) => {
        const write = startResponse('200 OK', [PLAIN]);
        await write(encodeLatin1('unwanted'));
        throw new Error('no further');
      },
      new Request('http://h/', { method: 'HEAD' }),
    );
    expect([response.status, response.body]).toEqual([200, null]);
  });

  test('while its error is logged is for the host to deal with', async () => {
    const full = new Error('the disk is full');
    const errors = new StringIO();
    errors.write = () => {
      throw full;
    };
    const handler = toFetchHandler(
      () => {
        throw new Error('not logged');
      },
      { errors },
    );
    await expect(handler(new Request('http://h/'))).rejects.toBe(full);
  });
});

describe('the handler', () => {
  test('is made of an application of any form, and of nothing else', () => {
    expect(() => toFetchHandler('text' as never)).toThrow(
      'application must be a function, a class or an object with a __call__() method',
    );
  });

  test('gives a promise that is rejected where no environ can be made', async () => {
    const handler = toFetchHandler(() => [], {
      environ: () => {
        throw new Error('no address');
      },
    });
    await expect(handler(new Request('http://h/'))).rejects.toThrow('no address');
  });

  test('uses a class of handlers that is given', async () => {
    class Handler extends FetchHandler {
      override errorBody = encodeLatin1('a page of my own');
    }
    const { response } = await ask(
      () => {
        throw new Error('on purpose');
      },
      undefined,
      { handlerClass: Handler },
    );
    expect(await response.text()).toBe('a page of my own');
  });

  test('needs nothing but a request', async () => {
    const response = await new FetchHandler(new Request('http://h/x')).respond(
      (environ, startResponse) => {
        startResponse('200 OK', [PLAIN]);
        return [encodeLatin1(environ.PATH_INFO)];
      },
    );
    expect(await response.text()).toBe('/x');
  });
});
