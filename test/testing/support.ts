// Applications for clients, and a server that knows nothing of HTTP.

import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { HeaderList, WSGIApplication } from '@wsgiref/types';
import { encodeLatin1 } from '@wsgiref/util';

/** An application that answers with a text. */
export function answer(body: string, headers: HeaderList = [], status = '200 OK'): WSGIApplication {
  return (_environ, startResponse) => {
    startResponse(status, [['Content-Type', 'text/plain'], ...headers]);
    return [encodeLatin1(body)];
  };
}

/** An application that answers with variables, as JSON. */
export function show(...keys: string[]): WSGIApplication {
  return (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'application/json']]);
    const json = JSON.stringify(keys.map((key) => environ[key]));
    // Native strings, in which no character is text.
    return [encodeLatin1(json.replace(/[^\x00-\x7f]/g, escape))];
  };
}

/** An application that answers with the body of the request, and its type. */
export const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', environ.CONTENT_TYPE || 'application/octet-stream']]);
  return [body];
};

/** A server that answers each request with the same bytes. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** What has come over the last connection. */
  received: string;
}

/**
 * Starts one.
 *
 * @param reply what it sends once a request of one piece has come; null, nothing
 * @param isOpen whether it keeps the connection open
 */
export async function rawServer(reply: string | null, isOpen = false): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const httpd = createServer((socket) => {
    sockets.add(socket);
    server.received = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      server.received += data.toString('latin1');
      if (reply === null) return;
      if (isOpen) socket.write(reply, 'latin1');
      else socket.end(reply, 'latin1');
    });
  });
  httpd.listen(0, '127.0.0.1');
  await once(httpd, 'listening');
  const server: RawServer = {
    url: `http://127.0.0.1:${(httpd.address() as { port: number }).port}`,
    received: '',
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      httpd.close();
      await once(httpd, 'close');
    },
  };
  return server;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
