// What `wsgi.input` offers, and what may be done with it (PEP 3333, "Input and Error Streams").

import { repr } from '@wsgiref/util';
import { strict } from './report.ts';
import type { Report, Rule } from './rule.ts';

const methods: Rule = {
  id: 'input-methods',
  section: 'Input and Error Streams',
  text: 'wsgi.input has read(), readline() and readlines(), and can be iterated over.',
  fault: 'server',
  severity: 'error',
  advice: 'Extend BufferedReader, or use BytesIO',
  example: {
    kind: 'environ',
    broken: "environ['wsgi.input'] = { read: () => encodeLatin1('') };",
    corrected: "environ['wsgi.input'] = new BytesIO();",
  },
};

/** The server's half of the rules for reading. */
export const bytesRead: Rule = {
  id: 'input-bytes',
  section: 'Input and Error Streams',
  text: 'What is read from wsgi.input is bytes, and what readlines() returns is a list of them.',
  fault: 'server',
  severity: 'error',
  advice: 'Return a Uint8Array',
  example: {
    kind: 'server',
    broken: `\
environ['wsgi.input'].read = () => 'text';
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
    corrected: `\
environ['wsgi.input'].read = () => encodeLatin1('text');
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
  },
};

export const readTooMuch: Rule = {
  id: 'input-size',
  section: 'Input and Error Streams',
  text: 'read(size) and readline(size) return no more than size bytes.',
  fault: 'server',
  severity: 'error',
  advice: 'Keep what is too much for the next call, as BufferedReader does',
  example: {
    kind: 'server',
    broken: `\
environ['wsgi.input'].read = (size) => encodeLatin1('hello');
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read(4);
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
    corrected: `\
environ['wsgi.input'].read = (size) => encodeLatin1('hello').subarray(0, size);
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read(4);
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
  },
};

export const noEnd: Rule = {
  id: 'input-end',
  section: 'Input and Error Streams',
  text: 'wsgi.input ends after as many bytes as CONTENT_LENGTH says.',
  fault: 'server',
  severity: 'warning',
  advice: 'Return empty bytes from there on; what follows is the next request',
  example: {
    kind: 'server',
    broken: `\
environ.CONTENT_LENGTH = '5';
environ['wsgi.input'] = new BytesIO(encodeLatin1('helloGET / HTTP/1.1'));
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
    corrected: `\
environ.CONTENT_LENGTH = '5';
environ['wsgi.input'] = new BytesIO(encodeLatin1('hello'));
const reader = validator(async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  return application(environ, startResponse);
});
return reader(environ, startResponse);`,
  },
};

/** The application's half: how it may call. */
export const readArguments: Rule = {
  id: 'input-arguments',
  section: 'Input and Error Streams',
  text: 'read(), readline() and readlines() take one number at most.',
  fault: 'application',
  severity: 'error',
  advice: 'Give the size alone',
  example: {
    kind: 'application',
    broken: `\
async (environ, startResponse) => {
  await environ['wsgi.input'].read(0, 1024);
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

export const inputClose: Rule = {
  id: 'input-close',
  section: 'Input and Error Streams',
  text: 'An application does not close wsgi.input.',
  fault: 'application',
  severity: 'error',
  advice: 'Leave the stream to the server',
  example: {
    kind: 'application',
    broken: `\
(environ, startResponse) => {
  environ['wsgi.input'].close();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
(environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

export const readPastEnd: Rule = {
  id: 'input-past-end',
  section: 'Input and Error Streams',
  text: 'An application does not ask for more bytes than CONTENT_LENGTH says there are.',
  fault: 'application',
  severity: 'warning',
  advice: 'Ask for what is left, or call read() without a size',
  example: {
    kind: 'application',
    body: 'hello',
    broken: `\
async (environ, startResponse) => {
  await environ['wsgi.input'].read(4096);
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
    corrected: `\
async (environ, startResponse) => {
  await environ['wsgi.input'].read(Number(environ.CONTENT_LENGTH));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [];
}`,
  },
};

/** The rules of this file. */
export const inputRules: readonly Rule[] = [
  methods,
  bytesRead,
  readTooMuch,
  noEnd,
  readArguments,
  readPastEnd,
  inputClose,
];

/**
 * Checks a `wsgi.input`.
 *
 * Python counterpart: `wsgiref.validate.check_input`.
 *
 * @param input the stream
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkInput(input: unknown, report: Report = strict): void {
  const stream = input as Record<PropertyKey, unknown> | null | undefined;
  for (const name of ['read', 'readline', 'readlines']) {
    if (typeof stream?.[name] !== 'function') {
      report(methods, `wsgi.input (${repr(input)}) doesn't have the attribute ${name}`);
    }
  }
  if (!stream?.[Symbol.asyncIterator] && !stream?.[Symbol.iterator]) {
    report(methods, `wsgi.input (${repr(input)}) doesn't have the attribute Symbol.asyncIterator`);
  }
}
