// One application for every runtime: it shows what has come in, and does what the path says.

const encoder = new TextEncoder();
const PLAIN = ['Content-Type', 'text/plain'];

/** What the applications have seen of clients that went away, for `/seen` to tell. */
const seen = [];

/** Breaks off the response of `/break-later`. */
let breakNow;

/** Answers according to the path. */
export async function application(environ, startResponse) {
  switch (environ.PATH_INFO) {
    case '/environ': {
      const { REQUEST_METHOD, SCRIPT_NAME, QUERY_STRING, CONTENT_TYPE, HTTP_X_NAME } = environ;
      const shown = { REQUEST_METHOD, SCRIPT_NAME, QUERY_STRING, CONTENT_TYPE, HTTP_X_NAME };
      shown.REMOTE_ADDR = environ.REMOTE_ADDR;
      startResponse('200 OK', [['Content-Type', 'application/json']]);
      return [encoder.encode(JSON.stringify(shown))];
    }
    case '/headers':
      startResponse('299 Fine', [
        PLAIN,
        ['Set-Cookie', 'a=1'],
        ['X-Name', 'Zo\xeb'],
        ['Set-Cookie', 'b=2'],
      ]);
      return [encoder.encode('x')];
    case '/echo':
      startResponse('200 OK', [PLAIN]);
      return environ['wsgi.input'];
    case '/no-content':
      startResponse('204 No Content', []);
      return [];
    case '/fail':
      throw new Error('on purpose');
    case '/break':
      startResponse('200 OK', [PLAIN]);
      return (async function* () {
        yield encoder.encode('so far');
        throw new Error('no further');
      })();
    case '/break-later':
      startResponse('200 OK', [PLAIN]);
      return breakLater();
    case '/break-now':
      breakNow();
      startResponse('204 No Content', []);
      return [];
    case '/endless':
      return endless(environ, startResponse);
    case '/seen':
      startResponse('200 OK', [['Content-Type', 'application/json']]);
      return [encoder.encode(JSON.stringify(seen))];
    default:
      startResponse('404 Not Found', [PLAIN]);
      return [encoder.encode(environ.PATH_INFO)];
  }
}

/**
 * Breaks off when `/break-now` says so: once the client has read the first block, which a browser
 * throws away if the stream fails before (Streams, "ReadableStreamError" empties the queue).
 */
async function* breakLater() {
  const told = new Promise((resolve) => {
    breakNow = resolve;
  });
  yield encoder.encode('so far');
  await told;
  throw new Error('no further');
}

/** Goes on until the client goes away. */
async function* endless(environ, startResponse) {
  const signal = environ['wsgiref.signal'];
  const block = new Uint8Array(65536);
  try {
    startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
    for (;;) yield block;
  } finally {
    seen.push(signal.aborted ? 'aborted' : 'not aborted');
  }
}
