import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { BaseCGIHandler, CGIHandler, IISCGIHandler, readEnviron } from '@wsgiref/handlers';
import { BytesIO, StringIO } from '@wsgiref/util';
import { readBlock, transcode } from '../../packages/handlers/src/read-environ.ts';
import { helloApp, text } from './support.ts';

const latin1 = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('transcode()', () => {
  const none = (): Map<string, Buffer> => new Map();

  test('makes a native string of what Node has decoded: a character for a byte of UTF-8', () => {
    const environ = transcode({ PATH_INFO: '/caf\xe9/\u20ac', EMPTY: '' }, none, 'linux');
    expect(environ).toEqual({ PATH_INFO: '/caf\xc3\xa9/\xe2\x82\xac', EMPTY: '' });
  });

  test('DIFFERS(15): does so with every variable, not with those of CGI alone', () => {
    expect(transcode({ HOME: '/home/\u03c0' }, none, 'darwin')).toEqual({
      HOME: '/home/\xcf\x80',
    });
  });

  test('takes the bytes of the start where they decode to the value of now', () => {
    const initial = new Map([
      ['PATH_INFO', latin1('/caf\xe9')],
      ['QUERY_STRING', latin1('a=\xe9')],
      ['REMOTE_USER', latin1('\xc3\xa9')],
    ]);
    const env = { PATH_INFO: '/caf\ufffd', QUERY_STRING: 'changed=\ufffd', REMOTE_USER: '\xe9' };
    const readInitial = jest.fn(() => initial);
    expect(transcode(env, readInitial, 'linux')).toEqual({
      PATH_INFO: '/caf\xe9',
      QUERY_STRING: 'changed=\xef\xbf\xbd',
      REMOTE_USER: '\xc3\xa9',
    });
    expect(readInitial).toHaveBeenCalledTimes(1);
  });

  test('leaves out what is not set any more, and has what has been set since', () => {
    const env = { OLD: undefined, NEW: 'new', LOSSY: '\ufffd' };
    expect(transcode(env, none, 'linux')).toEqual({ NEW: 'new', LOSSY: '\xef\xbf\xbd' });
  });

  test.each([
    ['win32', 'Apache/2.4.58 (Win64)', '/caf\xe9'],
    ['win32', 'apache/2', '/caf\xe9'],
    ['win32', 'Microsoft-IIS/10.0', '/caf\xc3\xa9'],
    ['win32', 'SimpleHTTP/0.6 Python/3.13', '/caf\xc3\xa9'],
    ['win32', 'NotApache/1', '/caf\xc3\xa9'],
    ['win32', undefined, '/caf\xc3\xa9'],
    ['linux', 'Apache/2.4.58', '/caf\xc3\xa9'],
  ])('on %s, behind %s, a path is %j', (platform, software, path) => {
    const environ = transcode({ SERVER_SOFTWARE: software, PATH_INFO: '/caf\xe9' }, none, platform);
    expect(environ['PATH_INFO']).toBe(path);
  });
});

describe('readBlock()', () => {
  function block(content: string): Record<string, string> {
    const folder = mkdtempSync(join(tmpdir(), 'wsgiref-environ-'));
    try {
      const file = join(folder, 'environ');
      writeFileSync(file, content, 'latin1');
      return Object.fromEntries(
        [...readBlock(file)].map(([name, value]) => [name, value.toString('latin1')]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('reads variables byte for byte', () => {
    expect(block('A=1\0B=caf\xe9=\xff\0C=\0')).toEqual({ A: '1', B: 'caf\xe9=\xff', C: '' });
  });

  test('reads the last one without its end', () => {
    expect(block('A=1\0B=2')).toEqual({ A: '1', B: '2' });
  });

  test('leaves out what is no variable', () => {
    expect(block('no variable\0=nameless\0\0A=1\0')).toEqual({ A: '1' });
    expect(block('')).toEqual({});
  });

  test('is empty where there is no such file', () => {
    expect(readBlock('/nowhere/environ')).toEqual(new Map());
  });
});

describe('readEnviron()', () => {
  test('is the environment of the process, in an object of its own', () => {
    process.env['WSGIREF_TEST'] = '\u2603';
    try {
      const environ = readEnviron();
      expect(environ['WSGIREF_TEST']).toBe('\xe2\x98\x83');
      expect(Object.keys(environ).sort()).toEqual(Object.keys(process.env).sort());
      expect(readEnviron()).not.toBe(environ);
    } finally {
      delete process.env['WSGIREF_TEST'];
    }
    expect('WSGIREF_TEST' in readEnviron()).toBe(false);
  });

  test('takes U+FFFD for itself in a variable that the process was not started with', () => {
    withVariables({ WSGIREF_TEST: '\ufffd' }, () => {
      expect(readEnviron()['WSGIREF_TEST']).toBe('\xef\xbf\xbd');
    });
  });
});

/** Calls a function in an environment of its own. */
function withVariables<T>(variables: Record<string, string | undefined>, use: () => T): T {
  const { env } = process;
  process.env = { ...env, ...variables };
  try {
    return use();
  } finally {
    process.env = env;
  }
}

describe('CGIHandler', () => {
  test('serves the request of the environment, once in this process and alone in it', async () => {
    const handler = withVariables(
      { REQUEST_METHOD: 'GET', PATH_INFO: '/\xe9' },
      () => new CGIHandler(),
    );
    const [stdout, stderr] = [new BytesIO(), new StringIO()];
    Object.assign(handler, { stdout, stderr });
    await handler.run((environ, startResponse) => {
      expect(environ).toMatchObject({
        REQUEST_METHOD: 'GET',
        PATH_INFO: '/\xc3\xa9',
        'wsgi.run_once': true,
        'wsgi.multithread': false,
        'wsgi.multiprocess': true,
        'wsgi.input': handler.stdin,
      });
      return helloApp(environ, startResponse);
    });
    expect(stderr.getvalue()).toBe('');
    expect(text(stdout.getvalue())).toMatch(/^Status: 200 OK\r\n/);
    expect(handler.osEnviron).toEqual({});
  });
});

describe('IISCGIHandler', () => {
  test.each<[string | undefined, string | undefined, string]>([
    ['/app/x', '/app', '/x'],
    ['/app', '/app', ''],
    ['/app/', '/app', '/'],
    ['/appx', '/app', '/appx'],
    ['/x/app', '/app', '/x/app'],
    ['/app/app/x', '/app', '/app/x'],
    ['/caf\xe9/x', '/caf\xe9', '/x'],
    ['/x', '', '/x'],
    ['/x', undefined, '/x'],
    [undefined, '/app', ''],
    [undefined, undefined, ''],
    ['', '/app', ''],
  ])('of PATH_INFO %j and SCRIPT_NAME %j makes %j', (PATH_INFO, SCRIPT_NAME, expected) => {
    const handler = withVariables({ PATH_INFO, SCRIPT_NAME }, () => new IISCGIHandler());
    expect(handler.baseEnv.PATH_INFO).toBe(expected);
    expect(handler).toBeInstanceOf(BaseCGIHandler);
  });

  test('changes nothing else', () => {
    const plain = withVariables({ PATH_INFO: '/app/x', SCRIPT_NAME: '/app' }, () => [
      new IISCGIHandler().baseEnv,
      new CGIHandler().baseEnv,
    ]);
    expect(plain[0]).toEqual({ ...plain[1], PATH_INFO: '/x' });
  });
});
