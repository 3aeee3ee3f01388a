// The other side of PEP 3333: a gateway that runs an application as a CGI program, which a web server
// starts anew for each request. It is complete as a protocol and careless as a program: the request
// body is held in memory, and an error of the application ends it without an error page; `CGIHandler`
// of @wsgiref/handlers does better. Try `REQUEST_METHOD=GET node dist/cgi-gateway.js`.

import { readSync } from 'node:fs';
import { readEnviron, StandardError } from '@wsgiref/handlers';
import type {
  HeaderList,
  StartResponse,
  WriteCallable,
  WSGIApplicationLike,
  WSGIEnvironment,
} from '@wsgiref/types';
import { asApplication, AssertionError, BytesIO } from '@wsgiref/util';
import { simpleApp } from './applications.ts';

export async function runWithCgi(application: WSGIApplicationLike): Promise<void> {
  const environ = readEnviron() as Record<string, unknown> as WSGIEnvironment;
  environ['wsgi.input'] = new BytesIO(readInput(Number(environ.CONTENT_LENGTH ?? 0)));
  environ['wsgi.errors'] = new StandardError();
  environ['wsgi.version'] = [1, 0];
  environ['wsgi.multithread'] = false;
  environ['wsgi.multiprocess'] = true;
  environ['wsgi.run_once'] = true;
  environ['wsgi.url_scheme'] = ['on', '1'].includes(String(environ['HTTPS'])) ? 'https' : 'http';

  let headersSet: [status: string, headers: HeaderList] | null = null;
  let headersSent = false;

  const write: WriteCallable = (data) => {
    if (!headersSet) throw new AssertionError('write() before start_response()');
    if (!headersSent) {
      // Before the first output, send the stored headers.
      headersSent = true;
      const [status, headers] = headersSet;
      process.stdout.write(`Status: ${status}\r\n`, 'latin1');
      for (const [name, value] of headers) process.stdout.write(`${name}: ${value}\r\n`, 'latin1');
      process.stdout.write('\r\n');
    }
    process.stdout.write(data);
  };

  const startResponse: StartResponse = (status, headers, excInfo) => {
    if (excInfo) {
      // Too late for another status: the error goes on its way.
      if (headersSent) throw excInfo;
    } else if (headersSet) {
      throw new AssertionError('Headers already set!');
    }
    headersSet = [status, headers];
    return write;
  };

  const result = await asApplication(application)(environ, startResponse);
  try {
    for await (const data of result) {
      if (data.length > 0) await write(data); // No headers until there is a body to go with them.
    }
    if (!headersSent) await write(new Uint8Array()); // Or there is none at all.
  } finally {
    await result.close?.();
  }
}

/** Reads that many bytes from standard input, or fewer if it ends before. */
function readInput(length: number): Uint8Array {
  const input = new Uint8Array(length);
  let size = 0;
  while (size < length) {
    const count = readSync(0, input, size, length - size, null);
    if (count === 0) break;
    size += count;
  }
  return input.subarray(0, size);
}

if (import.meta.filename === process.argv[1]) await runWithCgi(simpleApp);
