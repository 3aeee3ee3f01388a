// What is known of a response while it lasts, as an application and a server meet it.

import { describe, expect, test } from '@jest/globals';
import type { HeaderList, StartResponse, WSGIApplication } from '@wsgiref/types';
import { validator, type ValidatorOptions } from '@wsgiref/validate';
import {
  breaches,
  broken,
  bytes,
  type Call,
  caught,
  consume,
  environ,
  plain,
  returning,
  serve,
} from './support.ts';

const OFF = { 'header-content-length': 'off' } as const;

/** An application that calls `startResponse()` in its own way, and returns a body. */
const starting =
  (begin: (start: StartResponse) => unknown, ...body: string[]): WSGIApplication =>
  (_environ, start) => {
    begin(start);
    return body.map(bytes);
  };

/** What an application breaks. */
const breaks = (application: WSGIApplication): Promise<string[]> =>
  broken((options) => serve(application, options));

describe('startResponse()', () => {
  test('passes on what it is given, and no more', async () => {
    const calls: unknown[][] = [];
    const server = ((...args: unknown[]) => {
      calls.push(args);
      return () => {};
    }) as StartResponse;
    const error = new Error('no disk');
    const headers = plain();
    const app = starting((start) => {
      start('200 OK', headers);
      start('500 Oops', headers, error);
      start('500 Oops', headers, null);
      (start as Call)('200 OK', headers, error, 'more');
    });
    const options: ValidatorOptions = {
      rules: { 'start-response-twice': 'off', 'start-response-arguments': 'off' },
    };
    await consume(await validator(app, options)(environ(), server));
    expect(calls).toEqual([
      ['200 OK', headers],
      ['500 Oops', headers, error],
      ['500 Oops', headers, null],
      ['200 OK', headers, error],
    ]);
    expect(calls[0]![1]).toBe(headers);
  });

  test('returns a write() that is a plain function', async () => {
    const written: Uint8Array[] = [];
    const app = starting((start) => {
      const write = start('200 OK', plain());
      expect(typeof write).toBe('function');
      void write(bytes('a'));
    });
    await consume(await validator(app)(environ(), () => (data) => void written.push(data)));
    expect(written).toEqual([bytes('a')]);
  });

  test.each<[string, unknown[]]>([
    ['none', []],
    ['one', ['200 OK']],
    ['four', ['200 OK', plain(), null, null]],
  ])('takes two or three arguments: not %s', async (_, args) => {
    const app = starting((start) => (start as Call)(...args));
    expect((await breaks(app))[0]).toBe('start-response-arguments');
  });

  test('checks every argument', async () => {
    const app = starting((start) => (start as Call)('20X OK', [['Connection', 'x']], true));
    const levels = Object.fromEntries(
      ['status-code-digits', 'header-hop-by-hop', 'content-type-missing', 'exc-info-error'].map(
        (id) => [id, 'warning' as const],
      ),
    );
    expect(await broken((options) => serve(app, options), levels)).toEqual(Object.keys(levels));
  });

  test('gets by without a status and headers that can be looked at', async () => {
    const app = starting((start) => (start as Call)(200, null));
    const levels = { 'status-string': 'warning', 'headers-list': 'warning' } as const;
    expect(await broken((options) => serve(app, options), levels)).toEqual(Object.keys(levels));
  });

  describe('called again', () => {
    const again = (...rest: unknown[]) =>
      starting((start) => {
        start('200 OK', plain());
        (start as Call)('500 Oops', plain(), ...rest);
      });

    test.each([[[]], [[null]], [[undefined]]])('without an error: %j', async (rest) => {
      expect(await breaches((options) => serve(again(...rest), options))).toEqual([
        {
          level: 'error',
          ruleId: 'start-response-twice',
          message: expect.stringMatching(/^Headers already set!\. /),
        },
      ]);
    });

    test('with an error is right', async () => {
      expect(await breaks(again(new Error('no disk')))).toEqual([]);
    });

    test('after a first call that was refused is as bad', async () => {
      const app = starting((start) => {
        try {
          start('20X OK', plain());
        } catch {
          start('200 OK', plain());
        }
      });
      expect(await breaks(app)).toEqual(['start-response-twice']);
    });
  });

  test('not at all, before the first block or the end', async () => {
    expect(await breaks(() => [bytes('a')])).toEqual(['start-response-missing']);
    expect(await breaks(() => [])).toEqual(['start-response-missing']);
    expect(await breaks(() => [bytes('')])).toEqual(['start-response-missing']);
    const late: WSGIApplication = function* (_environ, start) {
      start('200 OK', plain());
      yield bytes('a');
    };
    expect(await breaks(late)).toEqual([]);
  });

  test.each<unknown>([undefined, null, {}])(
    'of a server that returns %p breaks a rule',
    async (it) => {
      const run = async (options: object) =>
        consume(
          await validator(
            starting((s) => s('200 OK', plain())),
            options,
          )(environ(), () => it as never),
        );
      expect(await broken(run)).toEqual(['start-response-write']);
    },
  );
});

describe('what the server throws at a caught value', () => {
  const refusing =
    (error: Error): StartResponse =>
    (_status: string, _headers: HeaderList, excInfo?: unknown) => {
      if (excInfo) throw error;
      return () => {};
    };

  const run = (application: WSGIApplication, levels = {}) =>
    broken(
      async (options) =>
        consume(
          await validator(application, options)(environ(), refusing(new Error('sent already'))),
        ),
      levels,
    );

  const trap = (start: StartResponse): void => {
    start('200 OK', plain());
    try {
      start('500 Oops', plain(), new Error('no disk'));
    } catch {
      // This is the fault.
    }
  };

  test('goes through', async () => {
    const app = starting((start) => {
      start('200 OK', plain());
      start('500 Oops', plain(), new Error('no disk'));
    });
    const error = await caught(() =>
      validator(app)(environ(), refusing(new Error('sent already'))),
    );
    expect(error).toEqual(new Error('sent already'));
  });

  test.each<[string, WSGIApplication]>([
    ['returns nothing', starting(trap)],
    ['returns a body', starting(trap, 'sorry')],
    [
      'writes',
      starting((start) => {
        trap(start);
        void start('500 Oops', plain())(bytes('sorry'));
      }),
    ],
    [
      'calls again',
      starting((start) => {
        trap(start);
        start('500 Oops', plain());
      }),
    ],
  ])('must not be caught by an application that %s', async (_, app) => {
    expect(await run(app)).toEqual(['exc-info-trapped']);
  });

  test('is reported once', async () => {
    const app = starting(trap, 'a', 'b', 'c');
    expect(await run(app, { 'exc-info-trapped': 'warning' })).toEqual(['exc-info-trapped']);
  });

  test.each([[[]], [[null]], [[undefined]]])('may be caught if that was %j', async (rest) => {
    const app = starting((start) => {
      try {
        (start as Call)('200 OK', plain(), ...rest);
      } catch {
        // The server has refused the status, say.
      }
    });
    const server: StartResponse = () => {
      throw new Error('no such status');
    };
    const ids = await broken(async (options) =>
      consume(await validator(app, options)(environ(), server)),
    );
    expect(ids).toEqual([]);
  });
});

describe('the body against its Content-Length', () => {
  const sized = (length: string, ...blocks: string[]): WSGIApplication =>
    starting((start) => start('200 OK', plain(['Content-Length', length])), ...blocks);

  test.each<[string, string[], string[]]>([
    ['0', [], []],
    ['0', [''], []],
    ['5', ['hello'], []],
    ['5', ['he', '', 'llo'], []],
    ['5', ['hell'], ['body-too-short']],
    ['5', [], ['body-too-short']],
    ['4', ['hello'], ['body-too-long']],
    ['4', ['hell', 'o'], ['body-too-long']],
    ['0', ['a'], ['body-too-long']],
    ['007', ['seven..'], []],
  ])('%s for %j breaks %j', async (length, blocks, ids) => {
    expect(await breaks(sized(length, ...blocks))).toEqual(ids);
  });

  test('counts bytes', async () => {
    const app: WSGIApplication = (_environ, start) => {
      start('200 OK', plain(['Content-Length', '1']));
      return [new TextEncoder().encode('\u2603')];
    };
    const [breach] = await breaches((options) => serve(app, options));
    expect(breach!.message).toMatch(
      /^The body has 3 bytes, more than the 1 of its Content-Length\. Count bytes, not characters/,
    );
  });

  test('counts what was written, too', async () => {
    const app = (text: string) =>
      starting((start) => void start('200 OK', plain(['Content-Length', '5']))(bytes('he')), text);
    expect(await breaks(app('llo'))).toEqual([]);
    expect(await breaks(app('ll'))).toEqual(['body-too-short']);
    expect(await breaks(app('llo!'))).toEqual(['body-too-long']);
  });

  test('is that of the last headers', async () => {
    const app = starting((start) => {
      start('200 OK', plain(['Content-Length', '1']));
      start('500 Oops', plain(['Content-Length', '5']), new Error('no disk'));
    }, 'sorry');
    expect(await breaks(app)).toEqual([]);
  });

  test('is not looked at where it is no number, or there is none', async () => {
    for (const headers of [plain(), plain(['Content-Length', 'many'])]) {
      expect(
        await broken((options) => serve(returning([bytes('a')], headers), options), OFF),
      ).toEqual([]);
    }
  });

  test('is not looked at where the body was left before its end', async () => {
    const ids = await broken(async (options) => {
      const result = await validator(sized('5', 'he', 'llo'), options)(environ(), () => () => {});
      for await (const _block of result) break;
      await result.close!();
    });
    expect(ids).toEqual([]);
  });
});

describe('a response without a body', () => {
  const status = (line: string, headers: HeaderList, ...body: string[]): WSGIApplication =>
    starting((start) => start(line, headers), ...body);

  test.each<[string, HeaderList]>([
    ['204 No Content', []],
    ['205 Reset Content', plain()],
    ['304 Not Modified', []],
  ])('%s has none', async (line, headers) => {
    expect(await breaks(status(line, headers))).toEqual([]);
    expect(await breaks(status(line, headers, '', ''))).toEqual([]);
    expect(await breaks(status(line, headers, '', 'a'))).toEqual(['body-forbidden']);
    expect(await breaks(starting((start) => void start(line, headers)(bytes('a'))))).toEqual([
      'body-forbidden',
    ]);
  });

  test('304 has the Content-Length of what is not sent, 204 has none', async () => {
    const length: HeaderList = [['Content-Length', '5']];
    expect(await breaks(status('304 Not Modified', length))).toEqual([]);
    expect(await breaches((options) => serve(status('204 No Content', length), options))).toEqual([
      {
        level: 'warning',
        ruleId: 'content-length-forbidden',
        message: expect.stringMatching(
          /^Content-Length header found in a 204 response \('5'\)\. Leave the header out/,
        ),
      },
    ]);
  });

  test('HEAD should get none: a warning, since the server throws it away', async () => {
    const head = environ({ REQUEST_METHOD: 'HEAD' });
    const run = (...body: string[]) =>
      breaches((options) =>
        serve(status('200 OK', plain(['Content-Length', '5']), ...body), options, { ...head }),
      );
    expect(await run()).toEqual([]);
    expect(await run('')).toEqual([]);
    expect(await run('hello')).toEqual([
      {
        level: 'warning',
        ruleId: 'body-on-head',
        message: expect.stringMatching(
          /^The response to a HEAD request has a body of 5 bytes\. Send/,
        ),
      },
    ]);
  });
});
