// The suite over CPython's own SimpleHandler: those of its applications that are synchronous, since
// Python cannot wait for the others. What CPython does not do is a row of docs/differences.md.

import { expect, jest, test } from '@jest/globals';
import {
  cases,
  type Gateway,
  parseResponse,
  runConformance,
  toEnviron,
} from '@wsgiref/conformance';
import { AsynchronousError, startPython } from '../support/python-bridge.ts';

// Pyodide takes its time.
jest.setTimeout(60_000);

/** What CPython does not do, by the number of the row. */
const DIFFERENCES: Readonly<Record<number, readonly string[]>> = {
  7: ['what startResponse() has refused is not sent, though the application goes on'],
  8: [
    'an application may leave out the body for HEAD, and no length of 0 is made up for it',
    'a 204 response has no body, and no Content-Length is made up for it',
    'a 304 response has no body, and no Content-Length is made up for it',
    "a 204 response has no Content-Length, not even the application's",
  ],
  10: [
    'an empty block sends nothing: an error after it changes the status',
    'a response can be replaced after empty blocks, too',
  ],
  11: [
    'no more bytes are sent than Content-Length says, of one block',
    'no more bytes are sent than Content-Length says, of several blocks',
    'the server stops asking for blocks when it has more than Content-Length says',
    'a body that is shorter than Content-Length is reported, and not filled up',
    'a result is closed if it has more than Content-Length says',
    'a result is closed if it has less than Content-Length says',
    'a result is closed if the client wants no body',
    'a generator that is left in the middle runs its finally block',
    'an iterator that is left in the middle is told before its result is closed',
    'HEAD gets the headers of GET without the body',
    'HEAD gets no body of several blocks',
    'HEAD gets no body of an error page',
    'a body that the application gives a 204 response is not sent',
    'a body that the application gives a 304 response is not sent',
    'a body that the application gives a 205 response is not sent',
  ],
  12: ['a close() that fails is logged, and leaves the response as it is'],
  29: [
    'startResponse() refuses control characters in the status',
    'startResponse() refuses names of headers that are no tokens',
    'startResponse() refuses control characters in the values of headers',
    'startResponse() refuses characters that are no bytes, in the status and in headers',
    'startResponse() refuses a Content-Length that is not one number',
  ],
};

/** What cannot be seen through the bridge: an error comes back as another object. */
const UNSEEN = ['with the caught error, and headers sent, startResponse() throws that very error'];

const exceptions = Object.fromEntries([
  ...Object.entries(DIFFERENCES).flatMap(([row, names]) => names.map((name) => [name, row])),
  ...UNSEEN.map((name) => [name, 'unseen']),
]) as Record<string, string>;

test('CPython does what the cases say, but for rows of docs/differences.md', async () => {
  const python = await startPython();
  const asynchronous = new Set<string>();
  const gateway: Gateway = {
    exceptions,
    send(request, application, name) {
      try {
        const environ = toEnviron(request);
        const { output, errors } = python.host(application, environ, request.body, false);
        return parseResponse(output, errors);
      } catch (error) {
        if (error instanceof AsynchronousError) asynchronous.add(name);
        throw error;
      }
    },
  };
  const { results } = await runConformance(gateway);
  const hosted = results.filter(({ name }) => !asynchronous.has(name));
  const passed = hosted.filter(({ outcome }) => outcome === 'pass').length;
  const counts = Object.entries(DIFFERENCES).map(([row, names]) => `${row}: ${names.length}`);
  process.stderr.write(
    `${hosted.length} of ${cases.length} conformance cases can be hosted by CPython: ${passed} pass, ` +
      `the rest by row of docs/differences.md: ${counts.join(', ')}; unseen: ${UNSEEN.length}\n`,
  );
  expect(hosted.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(Object.keys(exceptions).filter((name) => asynchronous.has(name))).toEqual([]);
  expect(passed).toBeGreaterThan(70);
});
