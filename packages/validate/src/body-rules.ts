// What becomes of a response while it is sent: the rules that `Exchange` and the wrappers enforce.
//
// DIFFERS(45): Python has those about arguments, bytes, and reading after close(); the others are what
// PEP 3333 asks besides.

import type { Rule } from './rule.ts';

export const startResponseArguments: Rule = {
  id: 'start-response-arguments',
  section: 'The start_response() Callable',
  text: 'startResponse() is given a status, headers, and in an error handler the caught value.',
  fault: 'application',
  severity: 'error',
  advice: 'Call startResponse(status, headers) or startResponse(status, headers, error)',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']], null, true);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

export const startResponseTwice: Rule = {
  id: 'start-response-twice',
  section: 'The start_response() Callable',
  text: 'startResponse() is called again only with the caught value, to replace a response by an error.',
  fault: 'application',
  severity: 'error',
  advice: 'Decide on the status first, or give the error as the third argument',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  startResponse('404 Not Found', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  startResponse('500 Oops', [['Content-Type', 'text/plain']], new Error('no disk'));
  return [];
}`,
  },
};

export const startResponseWrite: Rule = {
  id: 'start-response-write',
  section: 'The start_response() Callable',
  text: 'startResponse() returns a write() function.',
  fault: 'server',
  severity: 'error',
  advice: 'Return (data) => …, which sends the bytes, also where nobody is expected to call it',
  example: {
    kind: 'server',
    broken: 'return application(environ, () => {});',
    corrected: 'return application(environ, () => (data) => {});',
  },
};

export const excInfoTrapped: Rule = {
  id: 'exc-info-trapped',
  section: 'The start_response() Callable',
  text: 'What startResponse() throws when it is given a caught value ends the application.',
  fault: 'application',
  severity: 'error',
  advice: 'Let it through: part of the response has been sent, and the server aborts it',
  example: {
    kind: 'application',
    broken: `\
function* (environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello');
  try {
    startResponse('500 Oops', [['Content-Type', 'text/plain']], new Error('no disk'));
  } catch {
    yield encodeLatin1('sorry');
  }
}`,
    corrected: `\
function* (environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello');
  startResponse('500 Oops', [['Content-Type', 'text/plain']], new Error('no disk'));
  yield encodeLatin1('sorry');
}`,
  },
};

export const startResponseMissing: Rule = {
  id: 'start-response-missing',
  section: 'The start_response() Callable',
  text: 'startResponse() is called before the first block of the body, and before its end at the latest.',
  fault: 'application',
  severity: 'error',
  advice: 'Call startResponse() first; in a generator, before the first yield',
  example: {
    kind: 'application',
    broken: `\
function* (environ, startResponse) {
  yield encodeLatin1('hello');
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
}`,
    corrected: `\
function* (environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello');
}`,
  },
};

export const blockBytes: Rule = {
  id: 'block-bytes',
  section: 'The Application/Framework Side',
  text: 'Every block of the body is bytes.',
  fault: 'application',
  severity: 'error',
  advice: 'Encode text: new TextEncoder().encode(text), or encodeLatin1(text)',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return ['hello'];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [encodeLatin1('hello')];
}`,
  },
};

export const writeBytes: Rule = {
  id: 'write-bytes',
  section: 'The write() Callable',
  text: 'write() is given bytes.',
  fault: 'application',
  severity: 'error',
  advice: 'Encode text: new TextEncoder().encode(text), or encodeLatin1(text)',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  const write = startResponse('200 OK', [['Content-Type', 'text/plain']]);
  write('hello');
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  const write = startResponse('200 OK', [['Content-Type', 'text/plain']]);
  write(encodeLatin1('hello'));
  return [];
}`,
  },
};

export const writeWhileIterating: Rule = {
  id: 'write-while-iterating',
  section: 'The write() Callable',
  text: 'write() is not called from within the iterable, nor later: what it sends comes first.',
  fault: 'application',
  severity: 'error',
  advice: 'Yield the block',
  example: {
    kind: 'application',
    broken: `\
function* (environ, startResponse) {
  const write = startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello, ');
  write(encodeLatin1('world'));
}`,
    corrected: `\
function* (environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield encodeLatin1('hello, ');
  yield encodeLatin1('world');
}`,
  },
};

export const bodyTooLong: Rule = {
  id: 'body-too-long',
  section: 'Handling the Content-Length Header',
  text: 'The body has no more bytes than Content-Length says.',
  fault: 'application',
  severity: 'error',
  advice: 'Count bytes, not characters, or leave Content-Length out',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '3']]);
  return [encodeLatin1('hello')];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '5']]);
  return [encodeLatin1('hello')];
}`,
  },
};

export const bodyTooShort: Rule = {
  id: 'body-too-short',
  section: 'Handling the Content-Length Header',
  text: 'The body has no fewer bytes than Content-Length says.',
  fault: 'application',
  severity: 'error',
  advice: 'Count bytes, not characters, or leave Content-Length out',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '9']]);
  return [encodeLatin1('hello')];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '5']]);
  return [encodeLatin1('hello')];
}`,
  },
};

export const bodyForbidden: Rule = {
  id: 'body-forbidden',
  section: 'Handling the Content-Length Header',
  text: 'A 204, 205 or 304 response has no body.',
  fault: 'application',
  severity: 'error',
  advice: 'Return []',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('204 No Content', []);
  return [encodeLatin1('nothing')];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('204 No Content', []);
  return [];
}`,
  },
};

export const lengthForbidden: Rule = {
  id: 'content-length-forbidden',
  section: 'Handling the Content-Length Header',
  text: 'A 204 response has no Content-Length (RFC 9110, 8.6).',
  fault: 'application',
  severity: 'warning',
  advice: 'Leave the header out',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('204 No Content', [['Content-Length', '0']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('204 No Content', []);
  return [];
}`,
  },
};

export const bodyOnHead: Rule = {
  id: 'body-on-head',
  section: 'Handling the Content-Length Header',
  text: 'The response to a HEAD request has no body; the server throws it away.',
  fault: 'application',
  severity: 'warning',
  advice: 'Send the headers that a GET would have, Content-Length included, and return []',
  example: {
    kind: 'application',
    request: { REQUEST_METHOD: 'HEAD' },
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '5']]);
  return [encodeLatin1('hello')];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '5']]);
  return environ.REQUEST_METHOD === 'HEAD' ? [] : [encodeLatin1('hello')];
}`,
  },
};

export const resultLength: Rule = {
  id: 'result-length',
  section: 'The Application/Framework Side',
  text: 'If the result has a length, it is the number of its blocks.',
  fault: 'application',
  severity: 'error',
  advice: 'Leave length out: a server may compute Content-Length from it',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const blocks = [encodeLatin1('hello, '), encodeLatin1('world')];
  return { length: 1, [Symbol.iterator]: () => blocks.values() };
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const blocks = [encodeLatin1('hello, '), encodeLatin1('world')];
  return { [Symbol.iterator]: () => blocks.values() };
}`,
  },
};

export const applicationArguments: Rule = {
  id: 'application-arguments',
  section: 'The Application/Framework Side',
  text: 'The application is called with two arguments, the environ and startResponse().',
  fault: 'server',
  severity: 'error',
  advice: 'Call application(environ, startResponse)',
  example: {
    kind: 'server',
    broken: 'return application(environ);',
    corrected: 'return application(environ, startResponse);',
  },
};

export const readAfterClose: Rule = {
  id: 'read-after-close',
  section: 'Specification Details',
  text: 'Nothing is read from a result once it has been closed.',
  fault: 'server',
  severity: 'error',
  advice: 'Close the result after its last use',
  example: {
    kind: 'server',
    broken: `\
const result = application(environ, startResponse);
result.close();
for (const block of result) block;
return result;`,
    corrected: `\
const result = application(environ, startResponse);
for (const block of result) block;
result.close();
return result;`,
  },
};

export const closedTwice: Rule = {
  id: 'closed-twice',
  section: 'Specification Details',
  text: 'A result is closed once.',
  fault: 'server',
  severity: 'error',
  advice: 'Call close() in one place: closeResult() in a finally block',
  example: {
    kind: 'server',
    broken: `\
const result = application(environ, startResponse);
for (const block of result) block;
result.close();
result.close();
return result;`,
    corrected: `\
const result = application(environ, startResponse);
for (const block of result) block;
result.close();
return result;`,
  },
};

export const notClosed: Rule = {
  id: 'not-closed',
  section: 'Specification Details',
  text: 'A result is closed, also after an error, and also by a middleware that returns another one.',
  fault: 'middleware',
  severity: 'warning',
  advice: 'Call close() if there is one: closeResult() in a finally block',
  example: {
    kind: 'server',
    broken: `\
for (const block of application(environ, startResponse)) block;
return [];`,
    corrected: `\
const result = application(environ, startResponse);
for (const block of result) block;
result.close();
return [];`,
  },
};

/** The rules of this file. */
export const bodyRules: readonly Rule[] = [
  applicationArguments,
  startResponseArguments,
  startResponseTwice,
  startResponseWrite,
  excInfoTrapped,
  startResponseMissing,
  blockBytes,
  writeBytes,
  writeWhileIterating,
  bodyTooLong,
  bodyTooShort,
  bodyForbidden,
  lengthForbidden,
  bodyOnHead,
  resultLength,
  readAfterClose,
  closedTwice,
  notClosed,
];
