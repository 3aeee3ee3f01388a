// Servers that do one thing wrong each: what the load test is to find.

import type { WSGIRequestHandler, WSGIServer } from '@wsgiref/simple-server';
import type { Socket } from 'node:net';
import type { WSGIApplication, WSGIEnvironment, WSGIResult } from '@wsgiref/types';
import { CONNECTION } from './applications.ts';

type ServerClass = typeof WSGIServer;
type HandlerClass = typeof WSGIRequestHandler;

/** Makes faulty classes of the ones under load. */
export type Fault = (
  Server: ServerClass,
  Handler: HandlerClass,
) => [server: ServerClass, handler: HandlerClass];

/** How often something goes wrong that does not always: once in so many times. */
const NOW_AND_THEN = 20;

/** Returns a function that says when it is time. */
function nowAndThen(): () => boolean {
  let times = 0;
  return () => ++times % NOW_AND_THEN === 0;
}

/** Puts something between the server and the application. */
function around(wrap: (app: WSGIApplication) => WSGIApplication): Fault {
  return (Server, Handler) => [
    class extends Server {
      readonly #wrapped = wrap(super.getApp()!);

      override getApp(): WSGIApplication {
        return this.#wrapped;
      }
    },
    Handler,
  ];
}

/** Does something for each request that it should not. */
function foreach(act: (environ: WSGIEnvironment) => void): Fault {
  return around((app) => (environ, startResponse) => {
    act(environ);
    return app(environ, startResponse);
  });
}

/** Changes each request handler, once it is set up. */
function handlersThat(change: (handler: WSGIRequestHandler) => void): Fault {
  return (Server, Handler) => [
    Server,
    class extends Handler {
      override setup(): void {
        void super.setup();
        change(this);
      }
    },
  ];
}

/** The result without its `close()` and `return()`. */
function withoutClose(result: WSGIResult): WSGIResult {
  if (Array.isArray(result)) return [...result];
  if (Symbol.asyncIterator in result) {
    const iterator = result[Symbol.asyncIterator]();
    return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
  }
  const iterator = result[Symbol.iterator]();
  return { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
}

const kept: unknown[] = [];

/** By their names. */
export const faults: Readonly<Record<string, Fault>> = {
  'forgets close()': around((app) => async (environ, startResponse) => {
    return withoutClose(await app(environ, startResponse));
  }),

  'closes twice': around((app) => async (environ, startResponse) => {
    const result = await app(environ, startResponse);
    const { close } = result;
    if (close) {
      result.close = () => {
        void close.call(result);
        return close.call(result);
      };
    }
    return result;
  }),

  'answers twice': (Server, Handler) => {
    const isTime = nowAndThen();
    return [
      Server,
      class extends Handler {
        override async handleOneRequest(): Promise<void> {
          await super.handleOneRequest();
          if (!isTime() || !this.connection.writable) return;
          await this.wfile.write(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
          await this.wfile.flush();
        }
      },
    ];
  },

  'drops a reply': around((app) => {
    const isTime = nowAndThen();
    return (environ, startResponse) => {
      if (isTime()) (environ[CONNECTION] as Socket).destroy();
      return app(environ, startResponse);
    };
  }),

  'drops what is pipelined': (Server, Handler) => {
    const isTime = nowAndThen();
    return [
      Server,
      class extends Handler {
        override async handleOneRequest(): Promise<void> {
          await super.handleOneRequest();
          if (this.rfile.available > 0 && isTime()) this.closeConnection = true;
        }
      },
    ];
  },

  'serves twice': around((app) => {
    const isTime = nowAndThen();
    return async (environ, startResponse) => {
      // What comes of it is thrown away.
      if (isTime() && environ.REQUEST_METHOD === 'GET') {
        const result = await app(environ, () => () => {});
        for await (const _ of result);
        await result.close?.();
      }
      return app(environ, startResponse);
    };
  }),

  'spoils a body': around((app) => {
    const isTime = nowAndThen();
    return async (environ, startResponse) => {
      const result = await app(environ, startResponse);
      if (Array.isArray(result) && result.length > 0 && isTime()) {
        const blocks: Uint8Array[] = result;
        blocks[0] = blocks[0]!.map((byte) => byte ^ 1);
      }
      return result;
    };
  }),

  'takes what is broken': (Server, Handler) => [
    Server,
    class extends Handler {
      override sendError(): ReturnType<WSGIRequestHandler['sendError']> {
        return super.sendError(200);
      }
    },
  ],

  'waits for a head for ever': handlersThat((handler) => {
    handler.headTimeout = null;
    handler.timeout = null;
  }),

  'waits for the next request for ever': handlersThat((handler) => {
    handler.keepAliveTimeout = null;
  }),

  'closes what is idle at once': handlersThat((handler) => {
    handler.keepAliveTimeout = 0.001;
  }),

  'does not wait for the client': handlersThat(({ wfile }) => {
    const [write, flush] = [wfile.write.bind(wfile), wfile.flush.bind(wfile)];
    wfile.write = (data) => void write(data);
    wfile.flush = () => void flush();
  }),

  'leaves a timer': foreach(() => {
    if (kept.length === 0) kept.push(setInterval(() => {}, 60_000));
  }),

  'does not let the process end': (Server, Handler) => [
    class extends Server {
      override async serverClose(): Promise<void> {
        await super.serverClose();
        // Later than it is looked at what keeps the process going.
        setImmediate(() => setImmediate(() => setImmediate(() => setInterval(() => {}, 60_000))));
      }
    },
    Handler,
  ],

  'leaves listeners': foreach(() => {
    process.on('SIGUSR2', () => {});
  }),

  'leaves a rejection': foreach(() => {
    if (kept.length === 0) kept.push(Promise.reject(new Error('nobody looks at this')));
  }),

  'keeps environs': foreach((environ) => {
    kept.push(environ);
  }),

  'keeps memory': foreach(() => {
    kept.push(Buffer.alloc(65_536));
  }),

  'leaves connections open': (Server, Handler) => [
    class extends Server {
      override async shutdown(): Promise<void> {
        // Not waited for.
        void super.shutdown();
      }
    },
    Handler,
  ],

  'fails by itself': (Server, Handler) => [
    Server,
    class extends Handler {
      override async finish(): Promise<void> {
        await super.finish();
        throw new Error('a server that fails');
      }
    },
  ],

  'shuts down in a hurry': (Server, Handler) => [
    class extends Server {
      override async shutdown(): Promise<void> {
        await this.serverClose();
      }
    },
    Handler,
  ],

  'never shuts down': (Server, Handler) => [
    class extends Server {
      override async shutdown(): Promise<void> {
        await super.shutdown();
        await new Promise(() => {});
      }
    },
    Handler,
  ],
};
