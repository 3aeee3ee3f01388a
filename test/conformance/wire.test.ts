import { describe, expect, test } from '@jest/globals';
import {
  completeRequest,
  type GatewayRequest,
  parseResponse,
  toEnviron,
  toRequestBytes,
} from '@wsgiref/conformance';
import { decodeLatin1, encodeLatin1 } from '@wsgiref/util';

function request(part: Partial<GatewayRequest> = {}): GatewayRequest {
  return completeRequest(part);
}

describe('toRequestBytes()', () => {
  const bytesOf = (part: Partial<GatewayRequest>): string =>
    decodeLatin1(toRequestBytes(request(part)));

  test('writes a request without a body', () => {
    expect(bytesOf({})).toBe('GET / HTTP/1.0\r\nHost: localhost\r\n\r\n');
  });

  test('writes headers in their order, then the length of the body, and the body', () => {
    const bytes = bytesOf({
      method: 'POST',
      target: '/a%20b?c',
      headers: [
        ['X-A', '1'],
        ['X-B', 'caf\xe9'],
        ['X-A', '2'],
      ],
      body: encodeLatin1('\xff\0'),
    });
    expect(bytes).toBe(
      'POST /a%20b?c HTTP/1.0\r\nHost: localhost\r\nX-A: 1\r\nX-B: caf\xe9\r\nX-A: 2\r\n' +
        'Content-Length: 2\r\n\r\n\xff\0',
    );
  });
});

describe('toEnviron()', () => {
  test('makes the variables of a request without headers and body', () => {
    expect(toEnviron(request())).toEqual({
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_NAME: 'localhost',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.0',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: '/',
      QUERY_STRING: '',
      HTTP_HOST: 'localhost',
    });
  });

  test('decodes the path into bytes, and leaves the query as it is', () => {
    expect(toEnviron(request({ target: '/%C3%a9+%2?a=%20?b' }))).toMatchObject({
      PATH_INFO: '/\xc3\xa9+%2',
      QUERY_STRING: 'a=%20?b',
    });
  });

  test('names headers as CGI does, joins those of the same name, and leaves out doubtful ones', () => {
    const headers: GatewayRequest['headers'] = [
      ['Content-Type', 'text/plain'],
      ['x-a', '1'],
      ['X-A', '2'],
      ['X_A', '3'],
    ];
    const environ = toEnviron(request({ headers, body: new Uint8Array(7) }));
    expect(environ).toMatchObject({
      CONTENT_TYPE: 'text/plain',
      CONTENT_LENGTH: '7',
      HTTP_X_A: '1, 2',
    });
    expect(environ).not.toHaveProperty('HTTP_CONTENT_TYPE');
  });
});

describe('parseResponse()', () => {
  const parse = (text: string) => {
    const { body, ...head } = parseResponse(encodeLatin1(text), 'log');
    return { ...head, body: decodeLatin1(body) };
  };

  test('reads a response of HTTP', () => {
    expect(
      parse('HTTP/1.0 404 Not Found\r\nX-A: 1\r\nX-B:\t a: b \r\nx-a:\r\n\r\nbody\r\n\r\n'),
    ).toEqual({
      status: '404 Not Found',
      headers: [
        ['X-A', '1'],
        ['X-B', 'a: b'],
        ['x-a', ''],
      ],
      body: 'body\r\n\r\n',
      errors: 'log',
    });
  });

  test('reads a response of CGI, whose status is a header, or 200', () => {
    expect(parse('X-A: 1\nStatus: 503 Gone Fishing\n\nbody')).toEqual({
      status: '503 Gone Fishing',
      headers: [['X-A', '1']],
      body: 'body',
      errors: 'log',
    });
    expect(parse('X-A: 1\r\n\r\n').status).toBe('200 OK');
  });

  test.each(['', 'HTTP/1.0 200 OK\r\nX-A: 1\r\n'])('refuses %j, which has no head', (text) => {
    expect(() => parse(text)).toThrow('the gateway sent no head');
  });

  test.each(['HTTP/1.0 200 OK\r\nnonsense\r\n\r\n', 'X-A: 1\r\nHTTP/1.0 200 OK\r\n\r\n'])(
    'refuses the head of %j',
    (text) => {
      expect(() => parse(text)).toThrow('the gateway sent a bad head line');
    },
  );
});
