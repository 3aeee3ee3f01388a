// What a server owes the application (PEP 3333, "environ Variables").

import { repr } from '@wsgiref/util';
import { checkErrors } from './check-errors.ts';
import { checkInput } from './check-input.ts';
import { strict } from './report.ts';
import type { Report, Rule } from './rule.ts';

const NOT_A_BYTE = /[^\x00-\xff]/;

const REQUIRED = [
  'REQUEST_METHOD',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
  'wsgi.version',
  'wsgi.input',
  'wsgi.errors',
  'wsgi.multithread',
  'wsgi.multiprocess',
  'wsgi.run_once',
  'wsgi.url_scheme',
];

const FLAGS = ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'];

const METHODS: ReadonlySet<unknown> = new Set([
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'PATCH',
  'PUT',
  'DELETE',
  'TRACE',
]);

const dict: Rule = {
  id: 'env-dict',
  section: 'environ Variables',
  text: 'The environ is a plain object, which the application may change: neither a Map nor an instance of a class of its own.',
  fault: 'server',
  severity: 'error',
  advice: 'Make the environ an object literal',
  example: {
    kind: 'server',
    broken: 'return application(new Map(Object.entries(environ)), startResponse);',
    corrected: 'return application(environ, startResponse);',
  },
};

const requiredKey: Rule = {
  id: 'env-required-key',
  section: 'environ Variables',
  text: 'REQUEST_METHOD, SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL and the wsgi.* variables are there in every environ.',
  fault: 'server',
  severity: 'error',
  advice: 'Set it before calling the application',
  example: {
    kind: 'environ',
    broken: "delete environ['wsgi.url_scheme'];",
    corrected: "environ['wsgi.url_scheme'] = 'https';",
  },
};

const contentHeaderKey: Rule = {
  id: 'env-content-header-key',
  section: 'environ Variables',
  text: 'The headers Content-Type and Content-Length are in CONTENT_TYPE and CONTENT_LENGTH, and not in HTTP_CONTENT_TYPE and HTTP_CONTENT_LENGTH.',
  fault: 'server',
  severity: 'error',
  advice: 'Leave these two out when turning headers into HTTP_ variables',
  example: {
    kind: 'environ',
    broken: "environ.HTTP_CONTENT_TYPE = 'text/plain';",
    corrected: "environ.CONTENT_TYPE = 'text/plain';",
  },
};

const queryString: Rule = {
  id: 'env-query-string',
  section: 'environ Variables',
  text: 'QUERY_STRING may be absent where the URL has no query; it had better be there, as an empty string.',
  fault: 'server',
  severity: 'warning',
  advice: "Set QUERY_STRING to '' where the URL has no query",
  example: {
    kind: 'environ',
    broken: 'delete environ.QUERY_STRING;',
    corrected: "environ.QUERY_STRING = '';",
  },
};

const stringValue: Rule = {
  id: 'env-string',
  section: 'environ Variables',
  text: 'Every variable without a dot in its name is a string; one that has no value is left out.',
  fault: 'server',
  severity: 'error',
  advice: 'Make it a string, or leave it out',
  example: {
    kind: 'environ',
    broken: 'environ.SERVER_PORT = 8000;',
    corrected: "environ.SERVER_PORT = '8000';",
  },
};

const nativeString: Rule = {
  id: 'env-native-string',
  section: 'Unicode Issues',
  text: 'Every character of a variable stands for a byte, U+0000 to U+00FF.',
  fault: 'server',
  severity: 'error',
  advice: 'Decode the bytes of the request with decodeLatin1()',
  example: {
    kind: 'environ',
    broken: "environ.PATH_INFO = '/snow/\\u2603';",
    corrected: "environ.PATH_INFO = '/snow/\\xe2\\x98\\x83';",
  },
};

const notEmpty: Rule = {
  id: 'env-not-empty',
  section: 'environ Variables',
  text: 'REQUEST_METHOD, SERVER_NAME, SERVER_PORT and SERVER_PROTOCOL are never empty.',
  fault: 'server',
  severity: 'error',
  advice: 'Give it its value, so that the application can rebuild the URL',
  example: {
    kind: 'environ',
    broken: "environ.SERVER_NAME = '';",
    corrected: "environ.SERVER_NAME = 'localhost';",
  },
};

const serverPort: Rule = {
  id: 'env-server-port',
  section: 'environ Variables',
  text: 'SERVER_PORT is decimal digits.',
  fault: 'server',
  severity: 'error',
  advice: 'Give the number alone; the name goes into SERVER_NAME',
  example: {
    kind: 'environ',
    broken: "environ.SERVER_PORT = 'localhost:8000';",
    corrected: "environ.SERVER_PORT = '8000';",
  },
};

const keyName: Rule = {
  id: 'env-key-name',
  section: 'environ Variables',
  text: "Variables of a server's or a middleware's own have names of lower-case letters, digits, dots and underscores, with a prefix of their own.",
  fault: 'server',
  severity: 'warning',
  advice: 'Call it my_server.some_thing, say',
  example: {
    kind: 'environ',
    broken: "environ['myServer.requestId'] = 7;",
    corrected: "environ['my_server.request_id'] = 7;",
  },
};

const version: Rule = {
  id: 'env-version',
  section: 'environ Variables',
  text: 'wsgi.version is the list [1, 0].',
  fault: 'server',
  severity: 'error',
  advice: 'Set it to [1, 0]',
  example: {
    kind: 'environ',
    broken: "environ['wsgi.version'] = '1.0';",
    corrected: "environ['wsgi.version'] = [1, 0];",
  },
};

const urlScheme: Rule = {
  id: 'env-url-scheme',
  section: 'environ Variables',
  text: "wsgi.url_scheme is 'http' or 'https'.",
  fault: 'server',
  severity: 'error',
  advice: 'Write it in lower case, without a colon',
  example: {
    kind: 'environ',
    broken: "environ['wsgi.url_scheme'] = 'HTTP';",
    corrected: "environ['wsgi.url_scheme'] = 'http';",
  },
};

const flag: Rule = {
  id: 'env-flag',
  section: 'environ Variables',
  text: 'wsgi.multithread, wsgi.multiprocess and wsgi.run_once are true or false.',
  fault: 'server',
  severity: 'warning',
  advice: "Make it a boolean: the string 'false' counts as true",
  example: {
    kind: 'environ',
    broken: "environ['wsgi.run_once'] = 'false';",
    corrected: "environ['wsgi.run_once'] = false;",
  },
};

const fileWrapper: Rule = {
  id: 'env-file-wrapper',
  section: 'Optional Platform-Specific File Handling',
  text: 'wsgi.file_wrapper is a function, if it is there.',
  fault: 'server',
  severity: 'error',
  advice: 'Leave it out, or wrap a class: (file, size) => new FileWrapper(file, size)',
  example: {
    kind: 'environ',
    broken: "environ['wsgi.file_wrapper'] = null;",
    corrected: "environ['wsgi.file_wrapper'] = (file, size) => new FileWrapper(file, size);",
  },
};

const method: Rule = {
  id: 'env-method',
  section: 'environ Variables',
  text: 'REQUEST_METHOD is a method of HTTP, in capitals.',
  fault: 'server',
  severity: 'warning',
  advice: 'Methods are case-sensitive; if this one is meant, switch the rule off',
  example: {
    kind: 'environ',
    broken: "environ.REQUEST_METHOD = 'get';",
    corrected: "environ.REQUEST_METHOD = 'GET';",
  },
};

const scriptNameSlash: Rule = {
  id: 'env-script-name-slash',
  section: 'environ Variables',
  text: 'SCRIPT_NAME is empty or begins with a slash.',
  fault: 'server',
  severity: 'error',
  advice: 'Put a slash before it',
  example: {
    kind: 'environ',
    broken: "environ.SCRIPT_NAME = 'app';",
    corrected: "environ.SCRIPT_NAME = '/app';",
  },
};

const pathInfoSlash: Rule = {
  id: 'env-path-info-slash',
  section: 'environ Variables',
  text: 'PATH_INFO is empty or begins with a slash.',
  fault: 'server',
  severity: 'error',
  advice: 'Put a slash before it',
  example: {
    kind: 'environ',
    broken: "environ.PATH_INFO = 'page';",
    corrected: "environ.PATH_INFO = '/page';",
  },
};

const scriptNameRoot: Rule = {
  id: 'env-script-name-root',
  section: 'environ Variables',
  text: "SCRIPT_NAME is never '/': an application at the root has an empty one.",
  fault: 'server',
  severity: 'error',
  advice: "Make SCRIPT_NAME '' and PATH_INFO '/'",
  example: {
    kind: 'environ',
    broken: "environ.SCRIPT_NAME = '/';\nenviron.PATH_INFO = '';",
    corrected: "environ.SCRIPT_NAME = '';\nenviron.PATH_INFO = '/';",
  },
};

const pathRequired: Rule = {
  id: 'env-path-required',
  section: 'environ Variables',
  text: 'Where SCRIPT_NAME is empty, PATH_INFO is there.',
  fault: 'server',
  severity: 'error',
  advice: "Set PATH_INFO to '/' at least",
  example: {
    kind: 'environ',
    broken: 'delete environ.SCRIPT_NAME;\ndelete environ.PATH_INFO;',
    corrected: "delete environ.SCRIPT_NAME;\nenviron.PATH_INFO = '/';",
  },
};

const contentLength: Rule = {
  id: 'env-content-length',
  section: 'environ Variables',
  text: 'CONTENT_LENGTH is empty, absent, or decimal digits.',
  fault: 'server',
  severity: 'error',
  advice: 'Refuse a request whose Content-Length is not a number with a 400',
  example: {
    kind: 'environ',
    broken: "environ.CONTENT_LENGTH = '-1';",
    corrected: "environ.CONTENT_LENGTH = '0';",
  },
};

/** The rules of this file, in the order in which they are checked. */
export const environRules: readonly Rule[] = [
  dict,
  requiredKey,
  contentHeaderKey,
  queryString,
  stringValue,
  nativeString,
  notEmpty,
  serverPort,
  keyName,
  version,
  urlScheme,
  flag,
  fileWrapper,
  method,
  scriptNameSlash,
  pathInfoSlash,
  contentLength,
  pathRequired,
  scriptNameRoot,
];

/**
 * Checks what the application is given.
 *
 * Python counterpart: `wsgiref.validate.check_environ`.
 *
 * @param environ the environ
 * @param report what to do with a broken rule; by default errors are thrown
 */
export function checkEnviron(environ: unknown, report: Report = strict): void {
  if (!isPlainObject(environ)) {
    report(
      dict,
      `Environment is not of the right type: ${typeName(environ)} (environment: ${repr(environ)})`,
    );
    return;
  }
  if (!Object.isExtensible(environ)) {
    report(dict, `Environment cannot be changed (environment: ${repr(environ)})`);
  }
  // DIFFERS(41): wsgi.url_scheme is looked for as well, and SCRIPT_NAME and PATH_INFO may be absent if
  // empty (PEP 3333: "unless their value would be an empty string, in which case they may be
  // omitted"). In Python each of the three ends in a KeyError.
  for (const key of REQUIRED) {
    if (!(key in environ)) report(requiredKey, `Environment missing required key: ${repr(key)}`);
  }
  for (const key of ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH']) {
    if (key in environ) {
      report(
        contentHeaderKey,
        `Environment should not have the key: ${key} (use ${key.slice(5)} instead)`,
      );
    }
  }
  if (!('QUERY_STRING' in environ)) {
    report(queryString, 'QUERY_STRING is not in the WSGI environment');
  }
  for (const [key, value] of Object.entries(environ)) checkVariable(key, value, report);

  checkServer(environ, report);
  if ('wsgi.input' in environ) checkInput(environ['wsgi.input'], report);
  if ('wsgi.errors' in environ) checkErrors(environ['wsgi.errors'], report);
  if (environ['REQUEST_METHOD'] && !METHODS.has(environ['REQUEST_METHOD'])) {
    report(method, `Unknown REQUEST_METHOD: ${repr(environ['REQUEST_METHOD'])}`);
  }
  checkPaths(environ, report);
}

function checkVariable(key: string, value: unknown, report: Report): void {
  // Names with a dot are the server's own, and of any type.
  if (key.includes('.')) {
    if (!/^[a-z0-9._]+$/.test(key)) report(keyName, `Unusual name of a variable: ${repr(key)}`);
  } else if (typeof value !== 'string') {
    report(
      stringValue,
      `Environmental variable ${key} is not a string: ${typeName(value)} (value: ${repr(value)})`,
    );
  } else if (NOT_A_BYTE.test(value)) {
    report(nativeString, `Environmental variable ${key} is not a native string: ${repr(value)}`);
  } else if (
    value === '' &&
    /^(?:REQUEST_METHOD|SERVER_NAME|SERVER_PORT|SERVER_PROTOCOL)$/.test(key)
  ) {
    report(notEmpty, `Environmental variable ${key} is empty`);
  } else if (key === 'SERVER_PORT' && !/^[0-9]+$/.test(value)) {
    report(serverPort, `SERVER_PORT is not a number: ${repr(value)}`);
  }
}

/** What the server says of itself. */
function checkServer(environ: Readonly<Record<string, unknown>>, report: Report): void {
  const {
    'wsgi.version': wsgiVersion,
    'wsgi.url_scheme': scheme,
    'wsgi.file_wrapper': wrapper,
  } = environ;
  if ('wsgi.version' in environ && !isVersion(wsgiVersion)) {
    report(version, `wsgi.version should be a tuple (${repr(wsgiVersion)})`);
  }
  if ('wsgi.url_scheme' in environ && scheme !== 'http' && scheme !== 'https') {
    report(urlScheme, `wsgi.url_scheme unknown: ${repr(scheme)}`);
  }
  for (const key of FLAGS) {
    if (key in environ && typeof environ[key] !== 'boolean') {
      report(flag, `${key} is neither true nor false: ${repr(environ[key])}`);
    }
  }
  if ('wsgi.file_wrapper' in environ && typeof wrapper !== 'function') {
    report(fileWrapper, `wsgi.file_wrapper is not callable: ${repr(wrapper)}`);
  }
}

function checkPaths(environ: Readonly<Record<string, unknown>>, report: Report): void {
  const { SCRIPT_NAME: scriptName, PATH_INFO: pathInfo, CONTENT_LENGTH: length } = environ;
  if (typeof scriptName === 'string' && scriptName && !scriptName.startsWith('/')) {
    report(scriptNameSlash, `SCRIPT_NAME doesn't start with /: ${repr(scriptName)}`);
  }
  if (typeof pathInfo === 'string' && pathInfo && !pathInfo.startsWith('/')) {
    report(pathInfoSlash, `PATH_INFO doesn't start with /: ${repr(pathInfo)}`);
  }
  if (typeof length === 'string' && length && !/^[0-9]+$/.test(length)) {
    report(contentLength, `Invalid CONTENT_LENGTH: ${repr(length)}`);
  }
  if (!scriptName && pathInfo === undefined) {
    report(
      pathRequired,
      "One of SCRIPT_NAME or PATH_INFO are required (PATH_INFO should at least be '/' if " +
        'SCRIPT_NAME is empty)',
    );
  }
  if (scriptName === '/') {
    report(
      scriptNameRoot,
      "SCRIPT_NAME cannot be '/'; it should instead be '', and PATH_INFO should be '/'",
    );
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // DIFFERS(43): Python's exact dict is a plain object here, also one without a prototype.
  // An object literal of another realm has a prototype that is not ours, and has none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// DIFFERS(43): also that it is version 1.0; Python looks whether it is a tuple.
function isVersion(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value[0] === 1 && value[1] === 0;
}

/** Python: `type(value)`. */
function typeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return value.constructor?.name ?? 'object';
}
