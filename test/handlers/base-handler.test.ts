import { describe, expect, test } from '@jest/globals';
import { BaseHandler, RequestError } from '@wsgiref/handlers';
import type { ExcInfo, StartResponse, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { AssertionError } from '@wsgiref/util';
import {
  bytes,
  ERROR_PAGE,
  ErrorHandler,
  helloApp,
  MemoryHandler,
  Recorder,
  systemError,
  text,
} from './support.ts';

/** Every method that may be overridden, and is there in CPython. */
const METHODS = [
  'run',
  'setupEnviron',
  'finishResponse',
  'getScheme',
  'setContentLength',
  'cleanupHeaders',
  'startResponse',
  'sendPreamble',
  'write',
  'sendfile',
  'finishContent',
  'close',
  'sendHeaders',
  'resultIsFile',
  'clientIsModern',
  'logException',
  'handleError',
  'errorOutput',
  '_write',
  '_flush',
  'getStdin',
  'getStderr',
  'addCgiVars',
] as const;

/** Those that are not. */
const OURS = ['_writeHead', 'hasBody'];

/** Has a handler write down which of its methods are called. */
function traced<H extends BaseHandler>(handler: H): { handler: H; calls: string[] } {
  const calls: string[] = [];
  for (const name of METHODS) {
    const method = handler[name].bind(handler) as (...args: unknown[]) => unknown;
    Object.assign(handler, {
      [name]: (...args: unknown[]) => {
        calls.push(name);
        return method(...args);
      },
    });
  }
  return { handler, calls };
}

describe("The seams are called in CPython's order", () => {
  test('for a response', async () => {
    const { handler, calls } = traced(new MemoryHandler());
    await handler.run(helloApp);
    expect(calls).toEqual([
      'run',
      'setupEnviron',
      'addCgiVars',
      'getStdin',
      'getStderr',
      'getScheme',
      'startResponse',
      'finishResponse',
      'resultIsFile',
      'write',
      'sendHeaders',
      'cleanupHeaders',
      'setContentLength',
      'clientIsModern',
      'sendPreamble',
      'clientIsModern',
      '_write',
      '_write',
      '_write',
      '_flush',
      'finishContent',
      'close',
    ]);
  });

  test('for a response without a body', async () => {
    const { handler, calls } = traced(new ErrorHandler());
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      return [];
    });
    expect(calls.slice(calls.indexOf('resultIsFile'))).toEqual([
      'resultIsFile',
      'finishContent',
      'sendHeaders',
      'cleanupHeaders',
      'sendPreamble',
      '_write',
      '_write',
      '_flush',
      'close',
    ]);
  });

  test('for an application that fails', async () => {
    const { handler, calls } = traced(new ErrorHandler());
    await handler.run(() => {
      throw new Error('no');
    });
    expect(calls.slice(calls.indexOf('getScheme') + 1)).toEqual([
      'handleError',
      'logException',
      'getStderr',
      'errorOutput',
      'startResponse',
      'finishResponse',
      'resultIsFile',
      'write',
      'sendHeaders',
      'cleanupHeaders',
      'setContentLength',
      'sendPreamble',
      '_write',
      '_write',
      '_write',
      '_flush',
      'finishContent',
      'close',
    ]);
  });

  test('for an application that fails after output', async () => {
    const { handler, calls } = traced(new ErrorHandler());
    await handler.run((_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes('x'));
      throw new Error('no');
    });
    expect(calls.slice(calls.indexOf('handleError'))).toEqual([
      'handleError',
      'logException',
      'getStderr',
    ]);
  });
});

test('every method of BaseHandler is one of those', () => {
  const own = Object.getOwnPropertyNames(BaseHandler.prototype);
  expect([...own, '_write', '_flush', 'getStdin', 'getStderr', 'addCgiVars'].sort()).toEqual(
    ['constructor', ...METHODS, ...OURS].sort(),
  );
});

test('bytesSent is the length of the first block while the headers go out, then what was sent', async () => {
  const seen: number[] = [];
  class Watching extends ErrorHandler {
    override cleanupHeaders(): void {
      seen.push(this.bytesSent);
      super.cleanupHeaders();
    }

    override close(): void {
      seen.push(this.bytesSent);
      void super.close();
    }
  }
  await new Watching().run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return [bytes('three'), bytes('four')];
  });
  expect(seen).toEqual([5, 9]);
});

test('an application that calls write() before start_response() is told', async () => {
  const handler = new ErrorHandler();
  await handler.setupEnviron();
  expect(() => handler.write(bytes('x'))).toThrow(
    new AssertionError('write() before start_response()'),
  );
  await handler.run(() => [bytes('x')]);
  expect(handler.sent).toBe(ERROR_PAGE);
  expect(handler.log).toMatch(/^AssertionError: write\(\) before start_response\(\)\n/);
  await handler.run(() => [new Uint8Array()]);
  expect(handler.log.match(/write\(\) before/g)).toHaveLength(2);
});

test.each(['HTTP/0.9', 'http/0.9'])(
  'a client of %s gets the body and nothing else, of Content-Length bytes',
  async (protocol) => {
    const handler = new MemoryHandler();
    handler.variables = { SERVER_PROTOCOL: protocol, REQUEST_METHOD: 'GET' };
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '4']]);
      return [bytes('bo'), bytes('dyguard')];
    });
    expect(handler.sent).toBe('body');
  },
);

test('DIFFERS(30): an application that returns without calling start_response() is told', async () => {
  const handler = new ErrorHandler();
  await handler.run(() => []);
  expect(handler.sent).toBe(ERROR_PAGE);
  expect(handler.log).toMatch(
    /^AssertionError: the application returned without calling start_response\(\)\n/,
  );
});

test('DIFFERS(31): a request without SERVER_PROTOCOL is one of a modern client', async () => {
  const handler = new MemoryHandler();
  expect(handler.clientIsModern()).toBe(true);
  handler.variables = {};
  await handler.run(helloApp);
  expect(handler.sent).toMatch(/^HTTP\/1.0 200 OK\r\n/);
});

describe('The error page', () => {
  test('is made of errorStatus, errorHeaders and errorBody', async () => {
    const handler = new ErrorHandler();
    handler.errorStatus = '503 Service Unavailable';
    handler.errorHeaders = [['Retry-After', '7']];
    handler.errorBody = bytes('later');
    for (let time = 0; time < 2; time++) {
      await handler.run(() => {
        throw new Error('no');
      });
    }
    const page =
      'Status: 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater';
    expect(handler.sent).toBe(page + page);
    expect(handler.errorHeaders).toEqual([['Retry-After', '7']]);
  });

  test('may be an application of its own, which is told what was caught', async () => {
    const error = new Error('no');
    class Explaining extends ErrorHandler {
      override errorOutput(
        environ: WSGIEnvironment,
        startResponse: StartResponse,
        excInfo: ExcInfo,
      ): WSGIResult {
        expect(environ).toBe(this.environ);
        expect(excInfo).toBe(error);
        void startResponse('500 Oops', [], excInfo)(bytes('at '));
        return [bytes(environ.PATH_INFO)];
      }
    }
    const handler = new Explaining({ PATH_INFO: '/page' });
    await handler.run(() => {
      throw error;
    });
    expect(handler.sent).toBe('Status: 500 Oops\r\n\r\nat /page');
  });

  test('replaces a response that has begun but not been sent', async () => {
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', [['Set-Cookie', 'session=1']]);
      throw new Error('no');
    });
    expect(handler.sent).toBe(ERROR_PAGE);
  });

  test('that fails is the affair of the server: run() rejects, and the request is over', async () => {
    const handler = new ErrorHandler();
    handler.errorOutput = () => {
      throw new Error('worse');
    };
    const running = handler.run(() => {
      throw new Error('bad');
    });
    await expect(running).rejects.toThrow('worse');
    expect(handler.log).toMatch(/^Error: bad\n/);
    expect(handler.environ).toBeNull();
    expect(handler.sent).toBe('');
  });

  test('that nobody is there to receive is no error', async () => {
    const gone = new Recorder();
    gone.write = () => {
      throw systemError('EPIPE');
    };
    const handler = new ErrorHandler();
    handler.stdout = gone as never;
    await handler.run(() => {
      throw new Error('no');
    });
    expect(handler.log).toMatch(/^Error: no\n/);
    expect(handler.log).not.toContain('EPIPE');
    expect(handler.environ).toBeNull();
  });

  test('of a RequestError is its status and message, and is not logged', async () => {
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', []);
      throw new RequestError('413 Content Too Large', 'no more than 7 bytes');
    });
    expect(handler.sent).toBe(
      'Status: 413 Content Too Large\r\nContent-Type: text/plain\r\n' +
        'Content-Length: 20\r\n\r\nno more than 7 bytes',
    );
    expect(handler.log).toBe('');
  });
});

test('the same Uint8Array is sent that the application gave, not a copy', async () => {
  const block = bytes('body');
  const written: Uint8Array[] = [];
  class Keeping extends MemoryHandler {
    override _write(data: Uint8Array): void {
      written.push(data);
    }
  }
  await new Keeping().run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return [block];
  });
  expect(written.at(-1)).toBe(block);
  expect(written.slice(0, -1).map(text).join('')).toMatch(/^HTTP\/1.0 200 OK\r\n/);
});

describe('DIFFERS(47) the list of headers is copied', () => {
  /** Answers with a body, and headers that all responses share. */
  async function answer(headers: [string, string][], body: string): Promise<string> {
    const handler = new ErrorHandler();
    await handler.run((_environ, startResponse) => {
      startResponse('200 OK', headers);
      return [bytes(body)];
    });
    expect(handler.log).toBe('');
    return handler.sent;
  }

  test('a list that responses share does not keep the Content-Length of the first', async () => {
    const shared: [string, string][] = [['Content-Type', 'text/plain']];
    expect(await answer(shared, 'short')).toContain('Content-Length: 5\r\n\r\nshort');
    expect(await answer(shared, 'a longer one')).toContain(
      'Content-Length: 12\r\n\r\na longer one',
    );
    expect(shared).toEqual([['Content-Type', 'text/plain']]);
  });

  test('a list that is frozen does as well', async () => {
    const frozen = Object.freeze([['Content-Type', 'text/plain']]) as [string, string][];
    expect(await answer(frozen, 'hello')).toContain('Content-Length: 5\r\n\r\nhello');
  });
});

describe('DIFFERS(48): a message says what is wrong and with which value', () => {
  const start = (headers: unknown) => (_environ: WSGIEnvironment, begin: StartResponse) => {
    begin('200 OK', headers as never);
    return [];
  };

  test.each<[what: string, application: unknown, message: string]>([
    [
      'a block that is text',
      (_environ: WSGIEnvironment, begin: StartResponse) => {
        begin('200 OK', []);
        return ['text'];
      },
      "AssertionError: write() argument must be a bytes instance (a Uint8Array; got 'text')",
    ],
    [
      'a header of one item',
      start([['X-A']]),
      "TypeError: Headers must be a list of name/value tuples (got ['X-A'] in the list)",
    ],
    [
      'no headers',
      start(null),
      'TypeError: Headers must be a list of name/value tuples (got null)',
    ],
    [
      'no result',
      (_environ: WSGIEnvironment, begin: StartResponse) => {
        begin('200 OK', []);
        return null;
      },
      'TypeError: the application must return an iterable of bytes (got null)',
    ],
    [
      'no application',
      null,
      'TypeError: application must be a function, a class or an object with a __call__() method ' +
        '(got null)',
    ],
  ])('%s', async (_what, application, message) => {
    const handler = new ErrorHandler();
    await handler.run(application as never);
    expect(handler.log.split('\n')[0]).toBe(message);
    expect(handler.sent).toBe(ERROR_PAGE);
  });
});

test('sendPreamble() says nothing to a client of HTTP/0.9, whoever calls it', async () => {
  const handler = new MemoryHandler();
  handler.variables = { SERVER_PROTOCOL: 'HTTP/0.9' };
  handler.sendHeaders = () => {
    handler.headersSent = true;
    return handler.sendPreamble();
  };
  await handler.run(helloApp);
  expect(handler.sent).toBe('Hello, world!');
});

test('DIFFERS(49): a response without a body is flushed', async () => {
  const output = new Recorder();
  const handler = new ErrorHandler();
  handler.stdout = output as never;
  await handler.run((_environ, startResponse) => {
    startResponse('200 OK', []);
    return [];
  });
  expect(output.events.at(-1)).toBe('flush');
  expect(output.events.filter((event) => event === 'flush')).toHaveLength(1);
});

test('DIFFERS(52): a fourth argument of startResponse() is ignored', async () => {
  const handler = new ErrorHandler();
  await handler.run((_environ, startResponse) => {
    (startResponse as (...args: unknown[]) => unknown)('200 OK', [], null, 'more');
    return [bytes('hello')];
  });
  expect(handler.sent).toBe('Status: 200 OK\r\nContent-Length: 5\r\n\r\nhello');
});

describe('what the application does after its time', () => {
  test('startResponse() and write() are refused when the response has ended', async () => {
    const handler = new ErrorHandler();
    let late!: StartResponse;
    let write!: (data: Uint8Array) => unknown;
    await handler.run((_environ, startResponse) => {
      late = startResponse;
      write = startResponse('200 OK', []);
      return [bytes('in time')];
    });
    const { sent } = handler;
    expect(() => late('200 OK', [])).toThrow('start_response() after the response has ended');
    expect(() => write(bytes('late'))).toThrow('write() after the response has ended');
    expect(handler.sent).toBe(sent);
  });

  test('they are refused while the error page is sent', async () => {
    const handler = new ErrorHandler();
    let write!: (data: Uint8Array) => unknown;
    handler.errorOutput = (environ, startResponse, excInfo) => {
      expect(() => write(bytes('late'))).toThrow('write() after the response has ended');
      return ErrorHandler.prototype.errorOutput.call(handler, environ, startResponse, excInfo);
    };
    await handler.run((_environ, startResponse) => {
      write = startResponse('200 OK', []);
      throw new Error('no');
    });
    expect(handler.sent).toBe(ERROR_PAGE);
  });
});
