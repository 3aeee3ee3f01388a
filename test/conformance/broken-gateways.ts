// Gateways that do one thing wrong each, as their authors might, and the cases that tell.

import { type Gateway, type MakeHandler, memoryGateway } from '@wsgiref/conformance';
import { SimpleHandler } from '@wsgiref/handlers';
import { Headers } from '@wsgiref/headers';
import type {
  Awaitable,
  ExcInfo,
  HeaderList,
  StartResponse,
  WriteCallable,
  WSGIApplication,
  WSGIApplicationLike,
  WSGIEnvironment,
  WSGIResult,
} from '@wsgiref/types';
import {
  asApplication,
  BytesIO,
  closeResult,
  concatBytes,
  decodeLatin1,
  encodeLatin1,
  isBytes,
  isHopByHop,
  isPromiseLike,
} from '@wsgiref/util';

/** A gateway, and the names of the cases that it fails. */
export interface BrokenGateway {
  readonly gateway: Gateway;
  readonly fails: readonly string[];
}

function withHandler(Handler: new (...streams: Parameters<MakeHandler>) => SimpleHandler): Gateway {
  return memoryGateway((...streams) => new Handler(...streams));
}

/** A gateway that is right but for what a middleware does to environ, `startResponse()` or result. */
function withMiddleware(
  middleware: (
    application: WSGIApplication,
    environ: WSGIEnvironment,
    startResponse: StartResponse,
  ) => Awaitable<WSGIResult>,
): Gateway {
  const right = withHandler(SimpleHandler);
  return {
    send: (request, application, name) =>
      right.send(
        request,
        (environ, startResponse) => middleware(asApplication(application), environ, startResponse),
        name,
      ),
  };
}

/** A gateway that is right but for what it makes of the environ. */
function withEnviron(change: (environ: WSGIEnvironment) => WSGIEnvironment | void): Gateway {
  return withMiddleware((application, environ, startResponse) =>
    application(change(environ) ?? environ, startResponse),
  );
}

/** A gateway that is right but for what it makes of the arguments of `startResponse()`. */
function withStartResponse(
  change: (status: string, headers: HeaderList) => [status: string, headers: HeaderList],
): Gateway {
  return withMiddleware((application, environ, startResponse) =>
    application(environ, (status, headers, excInfo) =>
      startResponse(...change(status, headers), excInfo),
    ),
  );
}

/** A result that is another's, block by block. */
function changed(
  result: WSGIResult,
  change: (block: Uint8Array) => Awaitable<Uint8Array>,
): WSGIResult {
  const iterable = result as AsyncIterable<Uint8Array> & Iterable<Uint8Array>;
  const iterator = (iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]).call(iterable);
  let isOver = false;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        isOver = true;
        const step = await iterator.next();
        if (step.done) return step;
        isOver = false;
        return { done: false, value: await change(step.value) };
      },
    }),
    close: () => closeResult(result, isOver ? null : iterator),
  };
}

/** Joins the values of headers of the same name. */
class JoiningHandler extends SimpleHandler {
  override cleanupHeaders(): void {
    super.cleanupHeaders();
    const joined = new Headers();
    for (const [name, value] of this.headers!) {
      const before = joined.get(name);
      joined.set(name, before === null ? value : `${before}, ${value}`);
    }
    this.headers = joined;
  }
}

/** Takes native strings for text. */
class Utf8Handler extends SimpleHandler {
  override _write(data: Uint8Array): Awaitable<void> {
    return super._write(Buffer.from(decodeLatin1(data), 'utf8'));
  }
}

/** Sends the headers too soon. */
class HastyHandler extends SimpleHandler {
  override startResponse(
    status: string,
    headers: HeaderList,
    excInfo?: ExcInfo | null,
  ): WriteCallable {
    const write = super.startResponse(status, headers, excInfo);
    void write(new Uint8Array());
    return write;
  }
}

/** Keeps what went wrong to itself. */
class SilentHandler extends SimpleHandler {
  override async logException(): Promise<void> {}
}

/** Shows the client what went wrong. */
class TalkativeHandler extends SimpleHandler {
  override errorOutput(
    _environ: WSGIEnvironment,
    startResponse: StartResponse,
    excInfo: ExcInfo,
  ): WSGIResult {
    startResponse(this.errorStatus, [['Content-Type', 'text/plain']], excInfo);
    return [encodeLatin1(String(excInfo).replaceAll(/[^\0-\xff]/g, '?'))];
  }
}

/** Adds a length of 0 wherever there is no body, as Python does. */
class ZeroHandler extends SimpleHandler {
  override cleanupHeaders(): void {
    super.cleanupHeaders();
    if (this.bytesSent === 0) this.headers!.setdefault('Content-Length', '0');
  }
}

/** Takes HEAD for GET. */
class HeadlessHandler extends SimpleHandler {
  override addCgiVars(): Awaitable<void> {
    void super.addCgiVars();
    if (this.environ!.REQUEST_METHOD === 'HEAD') this.environ!.REQUEST_METHOD = 'GET';
  }
}

/** Takes a response without a body for none. */
class EmptyHandler extends SimpleHandler {
  override finishContent(): Awaitable<void> {
    if (this.headersSent) return super.finishContent();
  }
}

/** Adds no Date. */
class DatelessHandler extends SimpleHandler {
  override sendPreamble(): Awaitable<void> {
    return this._write(encodeLatin1(`HTTP/1.0 ${this.status!}\r\n`));
  }
}

/** Adds Date and Server, whether they are there or not. */
class OverzealousHandler extends SimpleHandler {
  override cleanupHeaders(): void {
    super.cleanupHeaders();
    this.headers!.append('Date', 'Thu, 01 Jan 1970 00:00:00 GMT');
    this.headers!.append('Server', 'Overzealous/1.0');
  }
}

/** Takes a Content-Length of 0 for none. */
class FalsyHandler extends SimpleHandler {
  override cleanupHeaders(): void {
    super.cleanupHeaders();
    if (this.headers!.get('Content-Length') === '0') this.headers!.delete('Content-Length');
  }
}

/** Takes the length of the first block for that of the body, however many there are. */
class FirstBlockHandler extends SimpleHandler {
  override setContentLength(): void {
    this.headers!.set('Content-Length', String(this.bytesSent));
  }
}

/** Gets the length of an empty body wrong. */
class MiscountingHandler extends SimpleHandler {
  override finishContent(): Awaitable<void> {
    if (this.headersSent) return super.finishContent();
    this.headers!.setdefault('Content-Length', '2');
    return this.write(encodeLatin1('\r\n'));
  }
}

/** Sends a body with every status. */
class CarelessHandler extends SimpleHandler {
  override write(data: Uint8Array): Awaitable<void> {
    if (!/^(204|205|304)/.test(this.status ?? '')) return super.write(data);
    void super.write(new Uint8Array());
    void this._write(data);
  }
}

/** Fails if the request body has not been read. */
class InsistentHandler extends SimpleHandler {
  override async run(application: WSGIApplicationLike): Promise<void> {
    await super.run(application);
    if ((this.stdin as BytesIO).read().length > 0) throw new Error('there is more to be read');
  }
}

/** A gateway that answers by itself where a request has a header. */
function answering(
  key: string,
  change: (environ: WSGIEnvironment, headers: HeaderList) => [status: string, headers: HeaderList],
): Gateway {
  return withMiddleware((application, environ, startResponse) =>
    application(environ, (status, headers, excInfo) =>
      environ[key] === undefined
        ? startResponse(status, headers, excInfo)
        : startResponse(...change(environ, headers), excInfo),
    ),
  );
}

/** A gateway that is right but for what becomes of the blocks. */
function withBlocks(change: (block: Uint8Array, index: number) => Uint8Array): Gateway {
  return withMiddleware(async (application, environ, startResponse) => {
    let index = 0;
    return changed(await application(environ, startResponse), (block) =>
      isBytes(block) ? change(block, index++) : block,
    );
  });
}

/** A gateway that is right but for what becomes of the headers of the response. */
function withHeaders(change: (headers: HeaderList) => HeaderList): Gateway {
  return withStartResponse((status, headers) => [
    status,
    Array.isArray(headers) ? change(headers) : headers,
  ]);
}

/** What all requests of one gateway share. */
const shared: Record<string, unknown> = {};

/** Every broken gateway, by what it does. */
export const brokenGateways: Readonly<Record<string, BrokenGateway>> = {
  'joins headers of the same name': {
    gateway: withHandler(JoiningHandler),
    fails: ['headers of the same name all come, in order'],
  },
  'sends native strings as UTF-8': {
    gateway: withHandler(Utf8Handler),
    fails: [
      'the path is percent-decoded into bytes, each of which is a character',
      'the bytes of a header are the characters of its variable',
      'every byte of a request body is itself',
      'every character of a header is a byte',
      'every byte of the body is itself',
      'a Content-Length that the server computes for a single block is its length in bytes',
    ],
  },
  'sends the headers in startResponse()': {
    gateway: withHandler(HastyHandler),
    fails: [
      'startResponse() sends nothing: an error after it changes the status',
      'an empty block sends nothing: an error after it changes the status',
      'with the caught error, and nothing sent, a second call replaces status and headers',
      'a response can be replaced after empty blocks, too',
      'whatever was thrown is a caught error, and need not be an Error',
      'without a caught error, a second call is fatal',
      'null is no caught error: a second call with it is fatal',
      'what startResponse() has refused is not sent, though the application goes on',
      'a string is no block, and an error',
      'an array of numbers is no block, and an error',
      'an ArrayBuffer is no block, and an error',
      'null is no block, and an error',
      'a string for write() is an error',
      'a result is closed if its iteration fails before anything has been sent',
      'a result is closed if a block is no bytes',
      'an error in the first iteration is logged, and answered with an error page',
      'nothing is no result, and an error',
      'null is no result, and an error',
      'a number is no result, and an error',
      'a string is no result, and an error',
      'a file is closed if reading it fails',
    ],
  },
  'sends the headers with an empty block': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      let write: WriteCallable = () => {};
      const begin: StartResponse = (...args) => (write = startResponse(...args));
      return changed(await application(environ, begin), async (block) => {
        if (block.length === 0) await write(block);
        return block;
      });
    }),
    fails: [
      'an empty block sends nothing: an error after it changes the status',
      'a response can be replaced after empty blocks, too',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'keeps the body back until it is complete': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const blocks: Uint8Array[] = [];
      const result = await application(environ, startResponse);
      try {
        for await (const block of result) blocks.push(block);
      } finally {
        await result.close?.();
      }
      return [concatBytes(blocks)];
    }),
    fails: [
      'with the caught error, and headers sent, startResponse() throws that very error',
      'the server stops asking for blocks when it has more than Content-Length says',
      'a result is closed if its iteration fails in the middle',
      'a close() that fails is logged, and leaves the response as it is',
      'an error after the first block is logged, and ends the response where it is',
      'a string is no result, and an error',
      'a block before startResponse() is an error, and not sent',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'takes text for bytes': {
    gateway: withMiddleware(async (application, environ, startResponse) =>
      changed(await application(environ, startResponse), (block) => Buffer.from(block)),
    ),
    fails: [
      'a string is no block, and an error',
      'an array of numbers is no block, and an error',
      'an ArrayBuffer is no block, and an error',
      'a result is closed if a block is no bytes',
      'a string is no result, and an error',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'shows errors to the client': {
    gateway: withHandler(TalkativeHandler),
    fails: [
      'an error of the application is logged, and answered with an error page that does not show it',
      'a rejected promise of the application is logged, and answered with an error page',
      'an error in the first iteration is logged, and answered with an error page',
      'a thrown value that is no error is logged, and answered with an error page',
      "a lost connection of the application's own is logged, and answered with an error page",
    ],
  },
  'adds a Content-Length of 0': {
    gateway: withHandler(ZeroHandler),
    fails: [
      'an application may leave out the body for HEAD, and no length of 0 is made up for it',
      'a 204 response has no body, and no Content-Length is made up for it',
      'a 304 response has no body, and no Content-Length is made up for it',
      "a 204 response has no Content-Length, not even the application's",
    ],
  },
  'takes HEAD for GET': {
    gateway: withHandler(HeadlessHandler),
    fails: [
      'a result is closed if the client wants no body',
      'a file is closed if the client wants no body',
      'HEAD gets the headers of GET without the body',
      'HEAD gets no body of several blocks',
      'HEAD gets no body that is written',
      'HEAD gets no body of an error page',
      'an application may leave out the body for HEAD, and no length of 0 is made up for it',
      'an application may leave out the body for HEAD, and say how long it would be',
    ],
  },
  'drops the Content-Length': {
    gateway: withStartResponse((status, headers) => [
      status,
      headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
    ]),
    fails: [
      'startResponse() refuses headers that are no list of pairs of strings',
      'startResponse() refuses a Content-Length that is not one number',
      "the application's own Content-Length is sent, once",
      'no more bytes are sent than Content-Length says, of one block',
      'no more bytes are sent than Content-Length says, of several blocks',
      'the server stops asking for blocks when it has more than Content-Length says',
      'write() past Content-Length is an error, and sends nothing of it',
      'a body that is shorter than Content-Length is reported, and not filled up',
      'a result is closed if it has more than Content-Length says',
      'a result is closed if it has less than Content-Length says',
      'a generator that is left in the middle runs its finally block',
      'an async generator that is left in the middle runs its finally block, to its end',
      'an iterator that is left in the middle is told before its result is closed',
      'of a file no more is sent than Content-Length says, which is no error',
      'an application may leave out the body for HEAD, and say how long it would be',
      'a 304 response may have the Content-Length that a 200 would have',
    ],
  },
  'drops hop-by-hop headers in silence': {
    gateway: withStartResponse((status, headers) => [
      status,
      headers.filter(([name]) => !isHopByHop(name)),
    ]),
    fails: ['startResponse() refuses hop-by-hop headers'],
  },
  'cleans headers in silence': {
    gateway: withStartResponse((status, headers) => [
      status,
      headers.map(([name, value]) => [name, value.replaceAll(/[\0-\x1f\x7f]/g, ' ')]),
    ]),
    fails: [
      'what startResponse() has refused is not sent, though the application goes on',
      'startResponse() refuses headers that are no list of pairs of strings',
      'startResponse() refuses control characters in the values of headers',
    ],
  },
  'cleans the status in silence': {
    gateway: withStartResponse((status, headers) => [
      status.replaceAll(/[\0-\x1f\x7f]/g, ' '),
      headers,
    ]),
    fails: ['startResponse() refuses control characters in the status'],
  },
  'has phrases of its own': {
    gateway: withStartResponse((status, headers) => [`${status.slice(0, 4)}Whatever`, headers]),
    fails: [
      'with the caught error, and nothing sent, a second call replaces status and headers',
      'startResponse() refuses control characters in the status',
      'startResponse() refuses characters that are no bytes, in the status and in headers',
      'the status is the one that the application has given, phrase included',
    ],
  },
  'closes nothing': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = changed(await application(environ, startResponse), (block) => block);
      delete result.close;
      return result;
    }),
    fails: [
      'of the result, only what iterates, measures and closes it is looked at',
      'a result is closed once it has been sent',
      'an empty result is closed',
      'a result is closed if its iteration fails before anything has been sent',
      'a result is closed if its iteration fails in the middle',
      'a result is closed though the response has not begun',
      'a result is closed if a block is no bytes',
      'a result is closed if it has more than Content-Length says',
      'a result is closed if it has less than Content-Length says',
      'a result is closed if the client wants no body',
      'an async result is closed',
      'close() is called as a method of the result',
      'a close() that fails is logged, and leaves the response as it is',
      'a generator that is left in the middle runs its finally block',
      'an async generator that is left in the middle runs its finally block, to its end',
      'an iterator that is left in the middle is told before its result is closed',
      'a file is sent to its end, and closed',
      'of a file no more is sent than Content-Length says, which is no error',
      'a file is closed if reading it fails',
      'a file is closed if the client wants no body',
    ],
  },
  'closes twice': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = await application(environ, startResponse);
      const again = changed(result, (block) => block);
      again.close = async () => {
        await closeResult(result);
        await closeResult(result);
      };
      return again;
    }),
    fails: [
      "the validator's rule closed-twice holds",
      'of the result, only what iterates, measures and closes it is looked at',
      'a result is closed once it has been sent',
      'an empty result is closed',
      'a result is closed if its iteration fails before anything has been sent',
      'a result is closed if its iteration fails in the middle',
      'a result is closed though the response has not begun',
      'a result is closed if a block is no bytes',
      'a result is closed if it has more than Content-Length says',
      'a result is closed if it has less than Content-Length says',
      'a result is closed if the client wants no body',
      'an async result is closed',
      'close() is called as a method of the result',
      'an iterator that is left in the middle is told before its result is closed',
      'a file is sent to its end, and closed',
      'of a file no more is sent than Content-Length says, which is no error',
      'a file is closed if reading it fails',
      'a file is closed if the client wants no body',
    ],
  },
  'calls the application twice': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      await application({ ...environ }, () => () => {});
      return application(environ, startResponse);
    }),
    fails: [
      'read() without a size returns the whole body',
      'read() without a size returns what is left after another read',
      'read(size) returns no more than that, until nothing is left',
      'read(size) of more than there is returns what there is',
      'at its end the input gives empty bytes, however it is asked and however often',
      'readline() returns line after line, each with its end',
      'readline(size) returns a piece of a line',
      'readlines() returns all lines',
      'readlines(hint) returns lines, and leaves the rest or nothing to be read',
      'the input is iterated over by line',
      'every byte of a request body is itself',
      'a long request body comes in whole',
      'what is written to wsgi.errors is logged, by write() and by writelines()',
      'an error after write() is logged, and ends the response where it is',
      'a request that expects 100-continue is answered, body and all',
    ],
  },
  'calls the application with a third argument': {
    gateway: withMiddleware((application, environ, startResponse) =>
      (application as (...args: unknown[]) => WSGIResult)(environ, startResponse, {}),
    ),
    fails: [
      'the application is called with two arguments, the environ and startResponse()',
      "the validator's rule application-arguments holds",
    ],
  },
  'looks what the application is': {
    gateway: {
      send(request, application, name) {
        const looks = { isAsync: 'then' in application, ...(application as object) };
        void (application as unknown as object).constructor;
        void looks;
        return withHandler(SimpleHandler).send(request, application, name);
      },
    },
    fails: ['nothing of the application matters but that it can be called'],
  },
  'looks at the result': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = await application(environ, startResponse);
      void (result as unknown as { contentType?: string } | null)?.contentType;
      return result;
    }),
    fails: ['of the result, only what iterates, measures and closes it is looked at'],
  },
  'forgets the caught error': {
    gateway: withMiddleware((application, environ, startResponse) =>
      application(environ, (status, headers) => startResponse(status, headers)),
    ),
    fails: [
      'startResponse() takes its arguments by position: an object in their place is refused',
      'with the caught error, and nothing sent, a second call replaces status and headers',
      'a response can be replaced after empty blocks, too',
      'whatever was thrown is a caught error, and need not be an Error',
      'with the caught error, and headers sent, startResponse() throws that very error',
      'write() sends the headers: a response cannot be replaced after it',
      'startResponse() refuses a status that is no code, space and phrase',
      'startResponse() refuses control characters in the status',
      'startResponse() refuses headers that are no list of pairs of strings',
      'startResponse() refuses names of headers that are no tokens',
      'startResponse() refuses control characters in the values of headers',
      'startResponse() refuses characters that are no bytes, in the status and in headers',
      'startResponse() refuses hop-by-hop headers',
      'startResponse() refuses a Content-Length that is not one number',
    ],
  },
  'throws an error of its own for the caught one': {
    gateway: withMiddleware((application, environ, startResponse) =>
      application(environ, (status, headers, excInfo) => {
        try {
          return startResponse(status, headers, excInfo);
        } catch (error) {
          throw error === excInfo ? new Error(`too late: ${String(error)}`) : error;
        }
      }),
    ),
    fails: [
      'with the caught error, and headers sent, startResponse() throws that very error',
      'write() sends the headers: a response cannot be replaced after it',
    ],
  },
  'takes every call of startResponse() for an error handler': {
    gateway: withMiddleware((application, environ, startResponse) =>
      application(environ, (status, headers, excInfo) =>
        startResponse(status, headers, excInfo ?? new Error('none')),
      ),
    ),
    fails: [
      'without a caught error, a second call is fatal',
      'null is no caught error: a second call with it is fatal',
      'without a caught error, a second call is fatal also if the first was refused',
    ],
  },
  'gives an instance of a class': {
    gateway: withEnviron((environ) => Object.assign(new (class Environ {})(), environ)),
    fails: ["the validator's rule env-dict holds"],
  },
  'gives every request the same environ': {
    gateway: withEnviron((environ) => Object.assign(shared, environ)),
    fails: [
      'the environ is of one request alone, and the application may change it',
      'a header that the request does not have is no variable',
      'without a Content-Type CONTENT_TYPE is empty or absent, and nothing is made up',
      'without a body CONTENT_LENGTH is empty, absent or 0',
    ],
  },
  'has no name': {
    gateway: withEnviron((environ) => {
      environ.SERVER_NAME = '';
    }),
    fails: [
      "the validator's rule env-not-empty holds",
      'SERVER_NAME and SERVER_PORT are what a URL can be made of',
    ],
  },
  'has a number for a port': {
    gateway: withEnviron((environ) => {
      environ.SERVER_PORT = 80 as unknown as string;
    }),
    fails: ["the validator's rule env-string holds"],
  },
  'leaves the path encoded': {
    gateway: withEnviron((environ) => {
      environ.PATH_INFO = encodeURI(environ.PATH_INFO);
    }),
    fails: ['the path is percent-decoded into bytes, each of which is a character'],
  },
  'decodes the path as UTF-8': {
    gateway: withEnviron((environ) => {
      environ.PATH_INFO = Buffer.from(environ.PATH_INFO, 'latin1').toString('utf8');
    }),
    fails: ['the path is percent-decoded into bytes, each of which is a character'],
  },
  'takes a plus in the path for a space': {
    gateway: withEnviron((environ) => {
      environ.PATH_INFO = environ.PATH_INFO.replaceAll('+', ' ');
    }),
    fails: ['a plus in the path is a plus'],
  },
  'decodes the query': {
    gateway: withEnviron((environ) => {
      environ.QUERY_STRING = decodeURIComponent(environ.QUERY_STRING!);
    }),
    fails: ['QUERY_STRING is what follows the first question mark, as it came'],
  },
  'is mounted at a slash': {
    gateway: withEnviron((environ) => {
      environ.SCRIPT_NAME = '/';
      environ.PATH_INFO = environ.PATH_INFO.slice(1);
    }),
    fails: [
      "the validator's rule env-path-info-slash holds",
      "the validator's rule env-script-name-root holds",
    ],
  },
  'has a version of its own': {
    gateway: withEnviron((environ) => {
      environ['wsgi.version'] = '1.0' as unknown as readonly [1, 0];
    }),
    fails: ["the validator's rule env-version holds"],
  },
  'forgets the scheme': {
    gateway: withEnviron((environ) => {
      Reflect.deleteProperty(environ, 'wsgi.url_scheme');
    }),
    fails: ["the validator's rule env-required-key holds"],
  },
  'has methods in lower case': {
    gateway: withEnviron((environ) => {
      environ.REQUEST_METHOD = environ.REQUEST_METHOD.toLowerCase();
    }),
    fails: [
      "the validator's rule env-method holds",
      'REQUEST_METHOD is the method of the request',
      'a result is closed if the client wants no body',
      'a file is closed if the client wants no body',
      'HEAD gets the headers of GET without the body',
      'HEAD gets no body of several blocks',
      'HEAD gets no body that is written',
      'HEAD gets no body of an error page',
      'an application may leave out the body for HEAD, and no length of 0 is made up for it',
      'an application may leave out the body for HEAD, and say how long it would be',
    ],
  },
  'drops the request headers': {
    gateway: withEnviron((environ) => {
      for (const key of Object.keys(environ)) {
        if (key.startsWith('HTTP_')) Reflect.deleteProperty(environ, key);
      }
    }),
    fails: [
      'a header of the request is a variable that begins with HTTP_',
      'a header without a value is an empty variable',
      'a header that is there several times has its values joined by commas, in order',
      'the bytes of a header are the characters of its variable',
      'a header that is named like a variable does not take its place',
      'a header with an underscore in its name does not pass for the one with a hyphen',
      'an application can tell the client to use its cache',
    ],
  },
  'makes up a Content-Type': {
    gateway: withEnviron((environ) => {
      environ.CONTENT_TYPE ??= 'text/plain';
    }),
    fails: ['without a Content-Type CONTENT_TYPE is empty or absent, and nothing is made up'],
  },
  'keeps Content-Type among the headers': {
    gateway: withEnviron((environ) => {
      if (environ.CONTENT_TYPE !== undefined) environ['HTTP_CONTENT_TYPE'] = environ.CONTENT_TYPE;
    }),
    fails: ["the validator's rule env-content-header-key holds"],
  },
  'has variables without a value': {
    gateway: withEnviron((environ) => {
      environ['REMOTE_USER'] = null;
    }),
    fails: [
      "the validator's rule env-string holds",
      'an application that needs a variable can see whether it is there',
    ],
  },
  'has flags of 0 and 1': {
    gateway: withEnviron((environ) => {
      environ['wsgi.multithread'] = 0 as unknown as boolean;
    }),
    fails: ["the validator's rule env-flag holds"],
  },
  'has an extension of a bad name': {
    gateway: withEnviron((environ) => {
      environ['X.SendFile'] = () => {};
    }),
    fails: ["the validator's rule env-key-name holds"],
  },
  'has an input of text': {
    gateway: withEnviron((environ) => {
      environ['wsgi.input'] = new Proxy(environ['wsgi.input'], {
        get: (target, key) =>
          key === 'read'
            ? async (size?: number) => decodeLatin1(await target.read(size))
            : (Reflect.get(target, key) as () => unknown).bind(target),
      });
    }),
    fails: [
      "the validator's rule input-bytes holds",
      'read() without a size returns the whole body',
      'read() without a size returns what is left after another read',
      'read(size) returns no more than that, until nothing is left',
      'read(size) of more than there is returns what there is',
      'at its end the input gives empty bytes, however it is asked and however often',
      'without a body the input is at its end',
      'readlines(hint) returns lines, and leaves the rest or nothing to be read',
      'every byte of a request body is itself',
      'a long request body comes in whole',
      'a request that expects 100-continue is answered, body and all',
    ],
  },
  'has no input': {
    gateway: withEnviron((environ) => {
      environ['wsgi.input'] = new BytesIO();
    }),
    fails: [
      'read() without a size returns the whole body',
      'read() without a size returns what is left after another read',
      'read(size) returns no more than that, until nothing is left',
      'read(size) of more than there is returns what there is',
      'at its end the input gives empty bytes, however it is asked and however often',
      'readline() returns line after line, each with its end',
      'readline(size) returns a piece of a line',
      'readlines() returns all lines',
      'readlines(hint) returns lines, and leaves the rest or nothing to be read',
      'the input is iterated over by line',
      'every byte of a request body is itself',
      'a long request body comes in whole',
      'the request body can be read while the response is being sent',
      'a request that expects 100-continue is answered, body and all',
    ],
  },
  'has an error stream of ASCII': {
    gateway: withEnviron((environ) => {
      const errors = environ['wsgi.errors'];
      environ['wsgi.errors'] = {
        write(s) {
          if (/[^\0-\x7f]/.test(s)) throw new RangeError('not ASCII');
          return errors.write(s);
        },
        writelines: (lines) => errors.writelines(lines),
        flush: () => errors.flush(),
      };
    }),
    fails: ['wsgi.errors takes any Unicode'],
  },
  'reads a file at once': {
    gateway: withEnviron((environ) => {
      environ['wsgi.file_wrapper'] = (file) => {
        const content = file.read(1_000_000) as Uint8Array;
        return Object.assign([content], { close: () => file.close?.() });
      };
    }),
    fails: [
      'the result has close() only if the file has',
      'a file that reads by promise is sent',
      'a file is sent from its position at the time',
      'of a file no more is sent than Content-Length says, which is no error',
      'a file is closed if reading it fails',
    ],
  },
  'does not close files': {
    gateway: withEnviron((environ) => {
      const wrap = environ['wsgi.file_wrapper']!;
      environ['wsgi.file_wrapper'] = (file, size) =>
        wrap({ read: (wanted) => file.read(wanted) }, size);
    }),
    fails: [
      'a file is sent to its end, and closed',
      'the result has close() only if the file has',
      'of a file no more is sent than Content-Length says, which is no error',
      'a middleware may iterate over the wrapper, and send something else',
      'a file is closed if reading it fails',
      'a file is closed if the client wants no body',
    ],
  },
  'insists on files that can be closed': {
    gateway: withEnviron((environ) => {
      const wrap = environ['wsgi.file_wrapper']!;
      environ['wsgi.file_wrapper'] = (file, size) => {
        if (!file.close) throw new TypeError('file.close is not a function');
        return wrap(file, size);
      };
    }),
    fails: [
      'a file without close() is sent',
      'the result has close() only if the file has',
      'a file that reads by promise is sent',
      'the size of the blocks may be left to the server',
    ],
  },
  'insists on a size for the blocks of a file': {
    gateway: withEnviron((environ) => {
      const wrap = environ['wsgi.file_wrapper']!;
      environ['wsgi.file_wrapper'] = (file, size) => {
        if (size === undefined) throw new TypeError('size is not a number');
        return wrap(file, size);
      };
    }),
    fails: ['the size of the blocks may be left to the server'],
  },
  'closes every file that has been wrapped': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const wrap = environ['wsgi.file_wrapper']!;
      const wrapped: WSGIResult[] = [];
      environ['wsgi.file_wrapper'] = (file, size) => {
        const result = wrap(file, size);
        wrapped.push(result);
        return result;
      };
      const result = await application(environ, startResponse);
      for (const one of wrapped) if (one !== result) await one.close?.();
      return result;
    }),
    fails: [
      'the result has close() only if the file has',
      'a wrapper that the application does not return is not sent, nor closed',
    ],
  },
  'calls functions alone': {
    gateway: {
      send(request, application, name) {
        const call: WSGIApplication = (...args) => (application as WSGIApplication)(...args);
        return withHandler(SimpleHandler).send(request, call, name);
      },
    },
    fails: [
      'an application is a class, whose instances are iterated over',
      'an application is an object with a method __call__()',
    ],
  },
  'says nothing of where it is mounted': {
    gateway: withEnviron((environ) => {
      environ.PATH_INFO = environ.PATH_INFO.replace(/^\/one/, '');
    }),
    fails: ['SCRIPT_NAME and PATH_INFO together are the path'],
  },
  'has a query of null': {
    gateway: withEnviron((environ) => {
      environ.QUERY_STRING ||= 'null';
    }),
    fails: ['without a query QUERY_STRING is empty or absent'],
  },
  'takes the query for a part of the path': {
    gateway: withEnviron((environ) => {
      if (environ.QUERY_STRING) environ.PATH_INFO += `?${environ.QUERY_STRING}`;
    }),
    fails: ['the path is percent-decoded into bytes, each of which is a character'],
  },
  'speaks a protocol without a version': {
    gateway: withEnviron((environ) => {
      environ.SERVER_PROTOCOL = 'HTTP';
    }),
    fails: ['SERVER_PROTOCOL is the version of HTTP that the request came in'],
  },
  'cuts off the parameters of Content-Type': {
    gateway: withEnviron((environ) => {
      environ.CONTENT_TYPE &&= environ.CONTENT_TYPE.replace(/;.*/, '');
    }),
    fails: ['CONTENT_TYPE is the Content-Type of the request'],
  },
  'gives the length of the body in characters': {
    gateway: withEnviron((environ) => {
      if (environ.CONTENT_LENGTH === '5') environ.CONTENT_LENGTH = '4';
    }),
    fails: ['CONTENT_LENGTH is the length of the body in bytes'],
  },
  'does not say who the client is': {
    gateway: withEnviron((environ) => {
      Reflect.deleteProperty(environ, 'REMOTE_ADDR');
    }),
    fails: ['the address of the client is in REMOTE_ADDR'],
  },
  'insists on the request body being read': {
    gateway: withHandler(InsistentHandler),
    fails: [
      'CONTENT_TYPE is the Content-Type of the request',
      'CONTENT_LENGTH is the length of the body in bytes',
      'readline(size) returns a piece of a line',
      'a request body that the application does not read does no harm to the response',
    ],
  },
  'takes a response without a body for none': {
    gateway: withHandler(EmptyHandler),
    fails: [
      'without a query QUERY_STRING is empty or absent',
      'a header without a value is an empty variable',
      'what is written to wsgi.errors is logged, by write() and by writelines()',
      'wsgi.errors takes any Unicode',
      'an empty body sends the headers all the same',
      'a body of empty blocks sends the headers all the same',
      'an application can tell the client to use its cache',
      'a Content-Length that the server computes for an empty body is 0',
      'a Content-Length of 0 is that of an empty body',
      'an empty result is closed',
      'an application that does not call startResponse(), and has no body, is an error',
      'an application may leave out the body for HEAD, and no length of 0 is made up for it',
      'an application may leave out the body for HEAD, and say how long it would be',
      'a 204 response has no body, and no Content-Length is made up for it',
      'a 304 response has no body, and no Content-Length is made up for it',
      "a 204 response has no Content-Length, not even the application's",
      'a 304 response may have the Content-Length that a 200 would have',
    ],
  },
  'writes headers in lower case': {
    gateway: withHeaders((headers) => headers.map(([name, value]) => [name, value.toLowerCase()])),
    fails: [
      'startResponse() refuses headers that are no list of pairs of strings',
      "the application's headers come with their values as they are",
      'headers of the same name all come, in order',
      'every character of a header is a byte',
      "the application's own Date and Server stand alone, in any case of letters",
    ],
  },
  'cuts headers off': {
    gateway: withHeaders((headers) => headers.map(([name, value]) => [name, value.slice(0, 1024)])),
    fails: [
      'startResponse() refuses headers that are no list of pairs of strings',
      'a long header comes whole',
    ],
  },
  'drops empty headers': {
    gateway: withHeaders((headers) => headers.filter(([, value]) => value !== '')),
    fails: ['an empty header comes empty'],
  },
  'has error pages of its own': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      let isError = false;
      const begin: StartResponse = (status, headers, excInfo) => {
        isError = Number(status.slice(0, 3)) >= 400;
        return startResponse(status, headers, excInfo);
      };
      return changed(await application(environ, begin), (block) =>
        isError ? encodeLatin1('Something is wrong.') : block,
      );
    }),
    fails: [
      'with the caught error, and nothing sent, a second call replaces status and headers',
      'a response can be replaced after empty blocks, too',
      'whatever was thrown is a caught error, and need not be an Error',
      "the application's own error page is left alone",
      "the application's own server error is left alone, and not logged",
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'logs every server error': {
    gateway: withMiddleware((application, environ, startResponse) =>
      application(environ, (status, headers, excInfo) => {
        if (status.startsWith('5')) void environ['wsgi.errors'].write(`${status}\n`);
        return startResponse(status, headers, excInfo);
      }),
    ),
    fails: [
      'with the caught error, and nothing sent, a second call replaces status and headers',
      'a response can be replaced after empty blocks, too',
      'whatever was thrown is a caught error, and need not be an Error',
      "the application's own server error is left alone, and not logged",
    ],
  },
  'adds no Date': {
    gateway: withHandler(DatelessHandler),
    fails: ['a Date is added where the application gives none'],
  },
  'adds a Date and a Server too many': {
    gateway: withHandler(OverzealousHandler),
    fails: ["the application's own Date and Server stand alone, in any case of letters"],
  },
  'sees to If-None-Match itself': {
    gateway: answering('HTTP_IF_NONE_MATCH', () => ['304 Not Modified', []]),
    fails: [
      'whether the client may use its cache is left to the application',
      'an application can tell the client to use its cache',
    ],
  },
  'says that it compresses the body': {
    gateway: answering('HTTP_ACCEPT_ENCODING', (_environ, headers) => [
      '200 OK',
      [...headers, ['Content-Encoding', 'gzip']],
    ]),
    fails: ['whether the body is compressed is left to the application'],
  },
  'sees to Range itself': {
    gateway: answering('HTTP_RANGE', (_environ, headers) => [
      '206 Partial Content',
      [...headers, ['Content-Range', 'bytes 0-2/9']],
    ]),
    fails: ['whether a part of the body is sent is left to the application'],
  },
  'has line ends of its own': {
    gateway: withBlocks((block) => encodeLatin1(decodeLatin1(block).replaceAll('\n', '\r\n'))),
    fails: [
      'read() without a size returns the whole body',
      'read() without a size returns what is left after another read',
      'read(size) returns no more than that, until nothing is left',
      'readline() returns line after line, each with its end',
      'readline(size) returns a piece of a line',
      'readlines() returns all lines',
      'readlines(hint) returns lines, and leaves the rest or nothing to be read',
      'the input is iterated over by line',
      'every byte of a request body is itself',
      'the request body can be read while the response is being sent',
      'every byte of the body is itself',
      'line ends in the body are left as they are',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'takes a zero for nothing': {
    gateway: withBlocks((block) => (decodeLatin1(block) === '0' ? new Uint8Array() : block)),
    fails: [
      'a body that looks like nothing is sent',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'takes nothing but Uint8Array itself': {
    gateway: withBlocks((block) => {
      if (block.constructor !== Uint8Array) throw new TypeError('this is no Uint8Array');
      return block;
    }),
    fails: [
      'an instance of a subclass of Uint8Array is bytes',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'sends the memory around a block': {
    gateway: withBlocks((block) => new Uint8Array(block.buffer)),
    fails: [
      'a part of a larger array is sent without the rest',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'loses what does not fit into its buffer': {
    gateway: withBlocks((block, index) =>
      index * block.length < 65536 ? block : new Uint8Array(),
    ),
    fails: [
      'a body that is longer than any buffer is sent whole, and in order',
      'of a file no more is sent than Content-Length says, which is no error',
    ],
  },
  'gets the length of an empty body wrong': {
    gateway: withHandler(MiscountingHandler),
    fails: [
      'without a query QUERY_STRING is empty or absent',
      'a header without a value is an empty variable',
      'what is written to wsgi.errors is logged, by write() and by writelines()',
      'wsgi.errors takes any Unicode',
      'an empty body sends the headers all the same',
      'a body of empty blocks sends the headers all the same',
      'an application can tell the client to use its cache',
      'a Content-Length that the server computes for an empty body is 0',
      'a Content-Length of 0 is that of an empty body',
      'an empty result is closed',
      'an application may leave out the body for HEAD, and no length of 0 is made up for it',
      'a 204 response has no body, and no Content-Length is made up for it',
      'a 304 response has no body, and no Content-Length is made up for it',
      "a 204 response has no Content-Length, not even the application's",
      'a 304 response may have the Content-Length that a 200 would have',
    ],
  },
  'takes a Content-Length of 0 for none': {
    gateway: withHandler(FalsyHandler),
    fails: ['a Content-Length of 0 is that of an empty body'],
  },
  'sends a body with every status': {
    gateway: withHandler(CarelessHandler),
    fails: [
      'a body that the application gives a 204 response is not sent',
      'a body that the application gives a 304 response is not sent',
      'a body that the application gives a 205 response is not sent',
    ],
  },
};

/** Gateways whose fault shows nearly everywhere, and some of the cases that tell. */
export const hopelessGateways: Readonly<Record<string, BrokenGateway>> = {
  'refuses everything': {
    gateway: {
      send: () => ({ status: '404 Not Found', headers: [], body: new Uint8Array(), errors: '' }),
    },
    fails: ['an application is a function that returns a list of blocks'],
  },
  'wants an application that does not wait': {
    gateway: withMiddleware((application, environ, startResponse) => {
      const result = application(environ, startResponse);
      if (!isPromiseLike(result)) return result;
      result.then(undefined, () => {});
      throw new TypeError('this is a promise');
    }),
    fails: ['an application is an async function'],
  },
  'wants a list': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = await application(environ, startResponse);
      if (!Array.isArray(result)) throw new TypeError('this is no list');
      return result;
    }),
    fails: [
      'an application is a generator function',
      'an application is an async generator function',
      'a result need be nothing but iterable',
      'a body of unknown length ends where it should',
      'blocks that come by and by are all sent',
    ],
  },
  'wants a generator': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = await application(environ, startResponse);
      if (!('next' in result)) throw new TypeError('this is no generator');
      return result;
    }),
    fails: [
      'an application is a function that returns a list of blocks',
      'an application may gather its body, and return it as one block',
    ],
  },
  'wants startResponse() to be called at once': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      let hasBegun = false;
      const result = await application(environ, (...args) => {
        hasBegun = true;
        return startResponse(...args);
      });
      if (!hasBegun) throw new Error('startResponse() was not called');
      return result;
    }),
    fails: [
      'an application is a generator function',
      'startResponse() may be called as late as the first iteration',
    ],
  },
  'takes the first block for all': {
    gateway: withHandler(FirstBlockHandler),
    fails: [
      'what has been written counts, though the application returns a single block',
      'a Content-Length that the server computes for several blocks is that of all',
      'a body of unknown length ends where it should',
    ],
  },
  'sends the first block alone, and leaves the rest': {
    gateway: withMiddleware(async (application, environ, startResponse) => {
      const result = await application(environ, startResponse);
      const iterable = result as AsyncIterable<Uint8Array> & Iterable<Uint8Array>;
      const iterator = (iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]).call(iterable);
      const step = await iterator.next();
      return step.done ? [] : [step.value];
    }),
    fails: [
      'blocks are sent in their order',
      'empty blocks between others change nothing',
      'a generator that comes to its end runs its finally block',
      'a Content-Length that the server computes for several blocks is that of all',
    ],
  },
  'logs nothing': {
    gateway: withHandler(SilentHandler),
    fails: [
      'an application that fails is not called again',
      'an error of the application is logged, and answered with an error page that does not show it',
      'a body that is shorter than Content-Length is reported, and not filled up',
      'an error after the first block is logged, and ends the response where it is',
    ],
  },
  'returns nothing from startResponse()': {
    gateway: withMiddleware((application, environ, startResponse) =>
      application(environ, (...args) => {
        startResponse(...args);
        return undefined as unknown as WriteCallable;
      }),
    ),
    fails: [
      "the validator's rule start-response-write holds",
      'startResponse() returns write(), which sends a block',
    ],
  },
  'has an input that can only be read': {
    gateway: withEnviron((environ) => {
      const input = environ['wsgi.input'];
      const read = (size?: number): Awaitable<Uint8Array> => input.read(size);
      environ['wsgi.input'] = { read } as unknown as typeof input;
    }),
    fails: [
      "the validator's rule input-methods holds",
      'readline() returns line after line, each with its end',
      'readlines() returns all lines',
      'the input is iterated over by line',
    ],
  },
};
