// Werkzeug's test client, from Debian's packages, asks an application of ours.

import { beforeAll, expect, jest, test } from '@jest/globals';
import type { Python, PythonCallable } from '@wsgiref/python';
import { Router } from '@wsgiref/router';
import type { WSGIEnvironment } from '@wsgiref/types';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';
import { DEBIAN, fixture, load } from './support.ts';

// Python takes its time.
jest.setTimeout(60_000);

let python: Python;

beforeAll(async () => {
  python = await load({ paths: [fixture('shims'), DEBIAN] });
});

/** What Python says of a client's requests, by the name `client`. */
function ask(application: PythonCallable, code: string): unknown {
  const define = `
import json
import debian_on_314
from werkzeug.test import Client
def ask(application):
    client = Client(application)
    return json.dumps(${code})
ask`;
  const said = (python.pyodide.runPython(define) as PythonCallable)(application);
  return JSON.parse(said as string);
}

function cookieAndForm(environ: WSGIEnvironment): string {
  const body = environ['wsgi.input'].read(Number(environ.CONTENT_LENGTH || 0)) as Uint8Array;
  return `${environ.HTTP_COOKIE ?? 'no cookie'}; ${decodeLatin1(body)}`;
}

test('it sends forms, keeps cookies, and reads what is streamed', () => {
  const site = new Router();
  site.mount('/form', (environ, startResponse) => {
    const seen = cookieAndForm(environ);
    startResponse('200 OK', [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Set-Cookie', 'seen=yes; Path=/'],
    ]);
    return (function* () {
      for (const word of [seen, ' ', environ.SCRIPT_NAME]) yield encodeLatin1(word);
    })();
  });
  const app = python.toPython(site);
  const code = `[
        [response.status, response.text, dict(response.headers)]
        for response in (
            client.post("/form", data={"name": "caf\\u00e9"}),
            client.get("/form"),
            client.get("/other"),
        )
    ]`;
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Set-Cookie': 'seen=yes; Path=/' };
  expect(ask(app, code)).toEqual([
    ['200 OK', 'no cookie; name=caf%C3%A9 /form', headers],
    ['200 OK', 'seen=yes;  /form', headers],
    ['404 Not Found', expect.any(String), expect.any(Object)],
  ]);
  app.destroy();
});
