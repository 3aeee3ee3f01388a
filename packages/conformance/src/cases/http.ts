// What HTTP asks of a server, whatever the application does: RFC 9110 §6.4.1, §8.6, §9.3.2 and §15.

import type { HeaderList } from '@wsgiref/types';
import type { ConformanceCase } from '../case.ts';
import { answer, bytes, plain, post, stream } from './applications.ts';

const HEAD = { method: 'HEAD' };

/** Statuses of responses that have no content. */
const WITHOUT_CONTENT = ['204 No Content', '304 Not Modified'];

const withoutContentCases = WITHOUT_CONTENT.flatMap((status): ConformanceCase[] => {
  const code = Number(status.slice(0, 3));
  const headers: HeaderList = [['X-Kept', 'yes']];
  return [
    {
      name: `a ${code} response has no body, and no Content-Length is made up for it`,
      clauses: ['H2', 'H3'],
      application(_environ, startResponse) {
        startResponse(status, [...headers]);
        return [];
      },
      expected: { code, headers: { 'X-Kept': 'yes', 'Content-Length': null }, body: '' },
    },
    {
      name: `a body that the application gives a ${code} response is not sent`,
      clauses: ['H3'],
      valid: false,
      application(_environ, startResponse) {
        startResponse(status, [...headers]);
        return [bytes('should not be here')];
      },
      expected: {
        code,
        headers: { 'X-Kept': 'yes', 'Content-Length': null },
        body: '',
        errors: null,
      },
    },
  ];
});

export const httpCases: readonly ConformanceCase[] = [
  {
    name: 'HEAD gets the headers of GET without the body',
    clauses: ['H1'],
    request: HEAD,
    application: answer('unwanted', [['Content-Length', '8']]),
    expected: {
      code: 200,
      headers: { 'Content-Type': 'text/plain', 'Content-Length': '8' },
      body: '',
    },
  },
  {
    name: 'HEAD gets no body of several blocks',
    clauses: ['H1'],
    request: HEAD,
    application: stream(['not ', 'wanted']),
    expected: { code: 200, body: '' },
  },
  {
    name: 'HEAD gets no body that is written',
    clauses: ['H1'],
    request: HEAD,
    async application(_environ, startResponse) {
      const write = startResponse('200 OK', plain());
      await write(bytes('unwanted'));
      return [];
    },
    expected: { code: 200, body: '' },
  },
  {
    name: 'HEAD gets no body of an error page',
    clauses: ['H1'],
    request: HEAD,
    application() {
      throw new Error('no page');
    },
    expected: { code: 500, body: '', errors: 'no page' },
  },
  {
    name: 'an application may leave out the body for HEAD, and no length of 0 is made up for it',
    clauses: ['H1', 'H2'],
    request: HEAD,
    application(_environ, startResponse) {
      startResponse('200 OK', plain());
      return [];
    },
    expected: { code: 200, headers: { 'Content-Length': null }, body: '' },
  },
  {
    name: 'an application may leave out the body for HEAD, and say how long it would be',
    clauses: ['H1'],
    request: HEAD,
    application(_environ, startResponse) {
      startResponse('200 OK', plain(['Content-Length', '1000']));
      return [];
    },
    expected: { code: 200, headers: { 'Content-Length': '1000' }, body: '' },
  },
  ...withoutContentCases,
  {
    name: "a 204 response has no Content-Length, not even the application's",
    clauses: ['H2'],
    application(_environ, startResponse) {
      startResponse('204 No Content', [['Content-Length', '0']]);
      return [];
    },
    expected: { code: 204, headers: { 'Content-Length': null }, body: '' },
  },
  {
    name: 'a body that the application gives a 205 response is not sent',
    clauses: ['H3'],
    valid: false,
    application: answer('should not be here', [], '205 Reset Content'),
    expected: {
      code: 205,
      headers: { 'Content-Length': { pattern: '^0$', optional: true } },
      body: '',
      errors: null,
    },
  },
  {
    name: 'a 304 response may have the Content-Length that a 200 would have',
    clauses: ['H2'],
    application(_environ, startResponse) {
      startResponse('304 Not Modified', [['Content-Length', '1000']]);
      return [];
    },
    expected: { code: 304, headers: { 'Content-Length': '1000' }, body: '' },
  },
  {
    name: 'a request that expects 100-continue is answered, body and all',
    clauses: ['S47'],
    request: { ...post('here it is'), headers: [['Expect', '100-continue']] },
    async application(environ, startResponse) {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', plain());
      return [body];
    },
    expected: { code: 200, body: 'here it is' },
  },
];
